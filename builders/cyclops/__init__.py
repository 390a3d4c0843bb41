"""CYCLoPs: protein localization in yeast cells."""
