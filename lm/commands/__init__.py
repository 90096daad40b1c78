"""One module a subcommand: `add_arguments(parser)` and `run(options)`."""

DEVICES = ("torch", "sim", "gpu")
