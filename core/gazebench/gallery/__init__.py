"""The gallery of a finished run, for the eyes of those who may see its images."""
