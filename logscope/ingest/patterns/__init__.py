"""Matches a regex on all lines of a block at once."""
