"""Renderings of a Snapshot, one a file. They judge nothing and read nothing."""
