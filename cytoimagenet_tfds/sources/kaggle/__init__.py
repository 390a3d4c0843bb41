"""Sources of one database, one file each."""
