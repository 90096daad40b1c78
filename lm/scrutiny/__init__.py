"""What one number hides: perplexity by document and by kind of token, accuracy beside it, and models that it misjudges.

`documents` spreads a text's bits over its documents; `accuracy` counts right first guesses; `repeats` parts what was
said before from what is new; `parables` has two models on which perplexity and quality part company; `filtering` uses
perplexity, and duplicates, to clean a corpus.
"""
