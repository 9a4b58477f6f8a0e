"""Is it over: the incident's own kinds and users' requests second by second, read as a person would."""
