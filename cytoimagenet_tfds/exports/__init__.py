"""A prepared dataset in the formats of others: metadata, Croissant, FiftyOne, Hugging Face."""
