"""Measurements, one module each with `add_arguments(parser)` and `run(args)`.

`cytoimagenet bench NAME` runs `cytoimagenet_tfds/bench/NAME.py`; its first line is the help.
"""
