"""How bad a finding is, the worst first: wrong on a GPU, wrong on some GPU or some day, legal and rarely meant."""

SEVERITIES = ("error", "warning", "note")
