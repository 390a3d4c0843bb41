"""One module per file format; `reading` picks one by content."""
