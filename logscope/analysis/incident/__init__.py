"""One incident, judged: what rose together, what broke first and why, what users lost, whether it is over."""
