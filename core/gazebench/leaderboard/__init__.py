"""From score rows to a board: aggregation, substitution, ranking, subsets."""
