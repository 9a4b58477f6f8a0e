"""One scale for all loggers: OpenTelemetry's severity numbers inside, the contract's words outside."""

from enum import IntEnum


class Severity(IntEnum):
    """How bad a record says it is. Comparable; UNKNOWN is below all others and is not a level."""

    UNKNOWN = 0
    TRACE = 1
    DEBUG = 5
    INFO = 9
    NOTICE = 10
    WARN = 13
    ERROR = 17
    FATAL = 21

    @property
    def word(self) -> str | None:
        """The contract's word, or None where no level was written."""
        return None if self is Severity.UNKNOWN else self.name.lower()
