"""Human Protein Atlas, 2018: multi-label, four channels."""
