"""The subcommands of `python -m gpusim`, one module each: NAME, add_arguments and run."""
