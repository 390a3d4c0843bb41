"""Pixels: read any format, normalize, merge, crop, quality rules, encode."""
