"""The transfer benchmarks as one collection."""
