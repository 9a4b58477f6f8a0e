"""The mergeable state: sources, groups and per-second counts. Nothing is edited."""
