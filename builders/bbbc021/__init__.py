"""BBBC021: mechanism of action of compounds in MCF-7 cells."""
