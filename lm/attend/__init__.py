"""Why attention is needed: small tasks, and which model solves which.  Seconds each.

`hops`: names that must be looked up once, twice, ..; `recall`: many keys asked for their values; `induction`: look-up
within a text, for transformers of one and two layers; `reversal`: facts that are known one way round only; `table` runs
them.
"""
