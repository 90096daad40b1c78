"""A recording: every step of a launch, small enough to travel with a page, complete enough to be played.

`recorder` watches the launch and keeps a `log` of what the threads of some blocks did; `contents` finds what memory
held that those threads did not write; `packing` turns it all into one compressed sequence of bytes, whose layout
gpusim/view/player reads.
"""
