"""What a feed gives out of an answer: the report, the hand-off, the proof of a figure."""

from datetime import tzinfo

from logscope.model.files import LineRef
from logscope.model.snapshot import Snapshot
from logscope.report.files import write_report
from logscope.report.handoff import render_handoff
from logscope.report.rendering import render_report
from logscope.report.sections import Options
from logscope.report.volumes import find_full_paths
from logscope.runner.proof import Proof, prove
from logscope.state.incident import name_incident
from logscope.text.redact import Redactor


class Telling:
    """The part of a feed that tells others."""

    def __init__(self, zone: tzinfo, zone_name: str) -> None:
        """Tell times in a zone.

        Args:
            zone: Of the times in reports.
            zone_name: Its name.
        """
        self._options = Options(zone=zone, zone_name=zone_name)

    def report_name(self, snapshot: Snapshot) -> str:
        """Where a report goes when no path is given: named after the onset."""
        return f"{name_incident(snapshot)}.md"

    def preview(self, snapshot: Snapshot, options: Options | None = None) -> str:
        """The Markdown report as it would be written, without secrets."""
        return render_report(snapshot, "markdown", options or self._options)

    def brief(self, snapshot: Snapshot) -> str:
        """Three lines for the incident channel."""
        return render_handoff(snapshot, Redactor().redact)

    def clean(self, text: str) -> str:
        """A text without secrets."""
        return Redactor().redact(text)

    def prove(self, group: str, ref: LineRef | None, snapshot: Snapshot) -> tuple[Proof, ...]:
        """The commands that count a kind and show a line without logscope, where the logs are still there."""
        kind = next((one for one in snapshot.groups if group and one.id == group), None)
        return prove(kind, ref, snapshot)

    def export(self, snapshot: Snapshot, options: Options | None = None, path: str | None = None) -> str:
        """Write the Markdown report, by default into the current folder; never over another one.

        Args:
            snapshot: What is told.
            options: Sections and zone; None for all, in the feed's zone.
            path: Where; None for its own name.

        Raises:
            ExportError: It cannot be written.
        """
        text, inputs = self.preview(snapshot, options), [file.path for file in snapshot.files]
        name, full_paths = path or self.report_name(snapshot), find_full_paths(snapshot)
        return write_report(name, text, inputs, replace=False, full_paths=full_paths)
