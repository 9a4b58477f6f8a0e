"""Objects that are printed over several lines, and hold the lines of logs that a collector read."""

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.formats.form import CONTINUES, Head
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.pretty import PrettyForm, join_lines
from logscope.ingest.signatures.fields import RecordFields
from logscope.ingest.timestamps.timestamp import ParseState


class PrettyEnvelope(PrettyForm):
    """Each object wraps a record; times and levels are read when it is complete."""

    def __init__(self, header: JsonForm, envelope: EnvelopeForm, indent: int) -> None:
        """Args are kept.

        Args:
            header: Reads the objects.
            envelope: Opens them, one in a line.
            indent: Blanks before the braces that begin them.
        """
        super().__init__(header, indent)
        self.envelope = envelope
        self.name = envelope.name

    def __reduce__(self) -> tuple[type["PrettyEnvelope"], tuple[JsonForm, EnvelopeForm, int]]:  # type: ignore[override]
        return (PrettyEnvelope, (self.inner, self.envelope, self.indent))

    @property
    def is_timed(self) -> bool:
        """Its records carry times."""
        return self.envelope.is_timed

    def read_late(self, lines: list[bytes], head: Head) -> Head:
        """Time, level and so on of a whole object and what it wraps."""
        told = self.envelope.parse(join_lines(lines), ParseState())
        return super().read_late(lines, head) if told is None or told is CONTINUES else told

    def read_fields(self, lines: list[bytes]) -> RecordFields:
        """The rich view of a record."""
        line = join_lines(lines)
        is_wrapped = self.envelope.opener.open(line, ParseState()) is not None
        return self.envelope.read_fields([line]) if is_wrapped else super().read_fields(lines)
