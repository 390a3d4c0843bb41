"""The commands of `cytoimagenet`, one module each with `add_arguments(parser)` and `run(args)`."""
