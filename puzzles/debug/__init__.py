"""Debugging: a defect is planted into a solution; the learner names the lines, then repairs.

- `defects`: the changes that make a kernel wrong, as edits of its text.
- `planted`: a learner's file with one defect, made again whenever it is checked, and what the simulator says of it.
"""
