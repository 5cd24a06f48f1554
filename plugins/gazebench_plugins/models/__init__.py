"""Model plugins: the two networks of the paper, and any network of timm."""
