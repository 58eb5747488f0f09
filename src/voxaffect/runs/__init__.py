"""A training run: what is trained, on what, and where it lies."""
