"""Shannon's experiments on English: text drawn by models of growing order, the guessing game, and betting instead."""
