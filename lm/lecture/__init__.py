"""The lecture, reproduced: its numbers and demonstrations, measured here, on one page.

`lesson` says what a section is, `lessons` has one module for each, `picture` draws, `pages` puts them together as HTML
and as a notebook.
"""
