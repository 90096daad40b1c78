"""One module a subcommand: NAME, add_arguments(parser) and run(options)."""

DEVICES = ("torch", "sim", "gpu")
