"""The gate for text from a file: harmless for terminals, and free of secrets where it leaves the host."""
