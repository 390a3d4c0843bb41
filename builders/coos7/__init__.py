"""COOS-7: seven protein localizations in mouse cells, with growing shift."""
