"""Small simulated downloads of the benchmarks: exact real names and formats, made-up pixels.

One module per benchmark, called as its builder, with functions that write one layout below a root.
"""
