"""Image Data Resource."""
