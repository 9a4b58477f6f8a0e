"""The errors that reach a person. Bad log data is never an exception: it is counted and shown."""


class LogscopeError(Exception):
    """Base of all errors whose text is one sentence for the user."""


class SourceError(LogscopeError):
    """A file or stream cannot be read; the others go on."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        """The path as given, unescaped."""
        self.reason = reason
        """What is wrong and, where known, what to do."""


class UsageError(LogscopeError):
    """The command line or the configuration cannot be understood."""


class ExportError(LogscopeError):
    """A report or a saved incident cannot be written."""


class OutputError(ExportError):
    """Standard output cannot be written."""
