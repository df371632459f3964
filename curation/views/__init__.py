"""Pages of curation, cut by noun."""
