"""Recursion."""
