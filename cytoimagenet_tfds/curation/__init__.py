"""Rows to labels to plan."""
