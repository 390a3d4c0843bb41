"""What only the four-channel, multi-label images of the Human Protein Atlas need."""
