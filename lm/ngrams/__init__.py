"""N-gram models: counts, four ways to smooth them, and a model without a longest context.

`counts` finds the distinct n-grams of a text; `backoff` is the one form that all smoothed models have; `likelihood`,
`add_k`, `interpolation` and `kneser_ney` fill it in; `unbounded` looks up the longest context in a suffix array.
"""
