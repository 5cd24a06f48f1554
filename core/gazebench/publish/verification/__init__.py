"""Whether what is published holds: alone, against its case scores, and against the data."""
