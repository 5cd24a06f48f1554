"""One entry of a record in the formats in which models and papers are cited elsewhere."""
