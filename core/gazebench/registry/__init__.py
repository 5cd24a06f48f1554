"""Finding plugins: names without imports, one at a time loaded, faults kept apart."""
