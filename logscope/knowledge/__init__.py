"""Rules as data: what a line means, what to check, what to do. Pure; never runs a command."""
