"""The built-in plugins: they reach the harness only through entry points, as anybody's do."""
