"""The gate for text that comes from a file: made harmless for terminals, and free of secrets where it leaves the host."""
