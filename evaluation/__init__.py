"""Features, nearest neighbours, protocols and reports: how well features transfer."""
