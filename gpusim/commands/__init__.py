"""The subcommands of `python -m gpusim`, one module each: `add_arguments(parser)` and `run(options)`."""
