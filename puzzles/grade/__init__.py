"""Grading a class: every submission is checked once, its record is kept, and reports are made from the records.

- `submissions`: what was handed in: folders of files, their content, their time.
- `records`: one submission checked, as a record that is written whole and found again by its content.
- `schedule`: many submissions, by the processes of this machine or by an existing Dask cluster.
- `reports`: a table, JUnit XML, Gradescope's results.json, and one plain JSON file.
"""
