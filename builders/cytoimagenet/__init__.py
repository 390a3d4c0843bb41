"""CytoImageNet."""
