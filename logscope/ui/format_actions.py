"""A person says how a log is written while it is read."""

from logscope.model.snapshot import Snapshot
from logscope.ui.format_dialog import FormatDialog
from logscope.ui.incident_actions import IncidentActions
from logscope.ui.views.formats import LogChoice, list_choices


class FormatActions(IncidentActions):
    """The part of the application that asks for a log's format, and shows its lines by it."""

    is_renamed = False
    """A log is being read anew: what changes by that is no news of the incident."""

    def action_name_format(self) -> None:
        """Choose a log and a format; the log at the cursor comes first."""
        if self.snapshot is None or not self.snapshot.files:
            self._say("no log is read yet")
            return
        choices = list_choices(self.snapshot.files, self._log_at_cursor(self.snapshot))
        self.push_screen(FormatDialog(self.feed, self.searcher, choices, self.look), self._name_format)

    def _log_at_cursor(self, snapshot: Snapshot) -> str:
        """Key of the log that the row or line under the cursor is of; empty for none."""
        row, line = self.chosen_row(), self.logs.current()
        path = row.key if row is not None and self._pane == "files" else ""
        if not path and row is not None and row.ref is not None:
            path = row.ref.file
        found = next((file.source for file in snapshot.files if file.path == path), "")
        return found or (line.source if line is not None else "")

    def _name_format(self, chosen: tuple[LogChoice, str] | None) -> None:
        if chosen is None:
            return
        log, name = chosen
        self.is_renamed = True
        held: list[bool] = []
        if self.save(lambda: held.append(self.feed.read_as(log.key, name))):
            kept = ", also when these logs are opened again" if name and any(held) else ""
            how = f"as {name}" if name else "as its lines teach"
            self._say(f"{log.name} is read anew {how}{kept}   : format changes it", stays=True)

    def forget_renamed(self, snapshot: Snapshot) -> None:
        """Show the lines as they are read by now, once the log that was named has been read anew."""
        if self.is_renamed and snapshot.progress.done and not self.feed.is_reading_anew:
            self.is_renamed = False
            self.logs.reload()
