"""Puzzles and verdicts as HTML and Markdown: for notebooks, the gallery, and the pages of the command line."""
