"""The command line: thin; what a command does lives below."""
