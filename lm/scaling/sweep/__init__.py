"""A measured scaling law: tiny transformers on a language whose entropy is known.

`plan` has the grid of trials, `trial` trains one, `runner` trains what is missing, `records` keeps them, `measured`
reads the law off them.
"""
