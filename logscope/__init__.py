"""Find the root cause of an incident in the raw log files of several services."""

__version__ = "0.1.0"
