"""`python -m puzzles`, one module per subcommand: a docstring, `add_arguments(parser)`, `run(options)`."""
