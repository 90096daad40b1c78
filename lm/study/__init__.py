"""N-gram models of files, measured: everything that `python -m lm ngram --train` reports, and its table."""
