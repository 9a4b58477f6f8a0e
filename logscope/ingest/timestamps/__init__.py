"""Text to integer microseconds UTC, and what was inferred: date, year, zone."""
