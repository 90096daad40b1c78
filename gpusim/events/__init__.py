"""What happens in a launch, as small classes that know nothing of who watches.

The scheduler sends events, observers receive them. They speak of lanes and of memory, so they stand on the floor
above `machine` and `memory`; what they say about places in the source (`gpusim.places`) and about defects
(`gpusim.findings`) stands below everything.
"""
