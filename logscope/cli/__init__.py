"""The command line: arguments in, exit codes out, and which face to show."""
