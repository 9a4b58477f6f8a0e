"""What remembers one incident: its logs, their clocks, what was read of them and what was told."""
