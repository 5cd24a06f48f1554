"""Where tasks run: other processes of this machine, or a cluster."""
