"""Views over the index, one a file: what rose, who points at whom, what was first, whether it is over. All pure."""
