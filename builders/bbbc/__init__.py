"""Broad Bioimage Benchmark Collection."""
