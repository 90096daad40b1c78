"""Codes: probabilities as bits, and a compressor that runs on any model of the package.

`lengths` has Shannon's code lengths and Kraft's sum, `huffman` the best code of whole bits, `arithmetic` the code
that pays fractions of a bit; `symbols` and `predictors` put files and models before it, `archive` is the file that
comes out, `coders` names the models.
"""
