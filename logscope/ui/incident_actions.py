"""What a person does to the incident: known noise, names, other logs, the report, the proof."""

import os
from functools import partial

from textual import on
from textual.widgets import Input

from logscope.errors import LogscopeError
from logscope.model.kinds import Kind
from logscope.model.snapshot import Snapshot
from logscope.report.sections import Options
from logscope.sources.nearby import NearbyFile
from logscope.text.cutting import tell
from logscope.text.safe_text import safe_text
from logscope.ui.dialogs import ExportDialog, HandOffScreen, HelpScreen, ProofDialog
from logscope.ui.formatting import Row, shorten
from logscope.ui.note_actions import NoteActions
from logscope.ui.views.files import ALSO
from logscope.ui.views.kinds import BESIDE, EVERYDAY, MUTED, SORTS

_MUTED_CELLS = 50
"""Of a muted kind, in the message that says so."""


class IncidentActions(NoteActions):
    """The part of the application that hides and names what people say, and writes what they take along."""

    exported: list[str]
    """Files that were written; their paths are printed after quitting."""
    unwritten: tuple[str, str] | None
    """A report that could not be written, and why: offered after quitting."""
    message = ""
    """Stands in the place of the footer."""
    solo: str | None = None
    """Service that alone is shown in story and kinds."""
    sort = SORTS[0]
    unfolded: frozenset[str] = frozenset()
    """Folded rows of the kinds that are open."""
    also_written: tuple[NearbyFile, ...] = ()
    """Logs written since the onset that were not given."""
    _just_muted: tuple[Kind, str] | None = None
    """The kind that K muted, and the row on which the cursor has stood since: K there takes it back."""

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        kind, value = self._prompt_kind, message.value.strip()
        self.close_prompt()
        match kind:
            case "find":
                self.action_pane("logs")
                self.find(value, 1)
            case "filter":
                self.action_pane("logs")
                self.filter_lines(value)
            case "goto":
                moment = self.read_moment(value)
                if moment is not None:
                    self._jump(moment[0])
            case "bind":
                self.bind_name(value)
            case "add":
                self._add_log(value)
            case _:
                self.mark(value, is_fix=kind == "fix")

    # What is shown of kinds and services

    def open_folded(self, row: Row) -> bool:
        """List the kinds behind a folded row, or fold them again; add a log; False for other rows."""
        if row.key in (EVERYDAY, BESIDE, MUTED):
            self.unfolded ^= {row.key}
            self._draw()
            return True
        if row.key.startswith(ALSO):
            self._add_log(row.key.removeprefix(ALSO))
            return True
        return False

    def action_sort(self) -> None:
        """Another order of the kinds."""
        self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]
        self._say(f"kinds by {self.sort}; r: another order")
        self._draw()

    def action_mute(self) -> None:
        """Fold the kind under the cursor away as known noise; K once more takes it back, on the folded row all."""
        row, muted = self.chosen_row(), self.feed.muted
        groups = self.snapshot.groups if self.snapshot is not None else ()
        group = next((g for g in groups if row is not None and row.key == g.id), None)
        last, self._just_muted = self._just_muted, None
        if last is not None and row is not None and row.key == last[1] and last[0] in muted:
            # Whoever presses the key twice means the same kind: the cursor went on by itself.
            if self.save(lambda: self.feed.mute(last[0])):
                self._say("shown again")
        elif group is not None:
            kind = (group.service, group.template)
            is_saved = self.save(lambda: self.feed.mute(kind))
            self._draw()
            after = self.chosen_row()
            if kind in self.feed.muted:
                self._just_muted = (kind, after.key if after is not None else "")
            if is_saved and kind in self.feed.muted:
                what = shorten(tell(group.service, group.headline), _MUTED_CELLS, self.look.glyphs)
                self._say(f"muted as known noise: {what}   K again takes it back")
            elif is_saved:
                self._say("shown again")
        elif row is not None and row.key == MUTED and muted:
            for kind in tuple(muted):
                self.save(partial(self.feed.mute, kind))
            self._say("all kinds are shown again")
        else:
            self._say("K mutes the kind under the cursor: choose one in 2 Kinds")
        self._draw()

    def action_solo(self) -> None:
        """Only the service under the cursor in story and kinds, or all again."""
        row, line = self.chosen_row(), self.logs.current()
        if self.solo is not None:
            self.solo = None
            self._say("story and kinds of all services again")
            self._draw()
            return
        if row is not None and row.service:
            self.solo = row.service
        elif line is not None:
            self.solo = line.service
        self._say(f"story and kinds of {self.solo} alone; s shows all" if self.solo else "no service under the cursor")
        self._draw()

    # Other logs

    def look_around(self, *, everywhere: bool) -> None:
        """Find logs that were written since shortly before the onset and not given: by stat only."""
        if self.snapshot is None or not self.snapshot.progress.done:
            return
        snapshot = self.snapshot

        def show(found: tuple[NearbyFile, ...], was_stopped: bool) -> None:
            del was_stopped
            if found != self.also_written:
                self.also_written = found
                self._draw()

        self.searcher.run_quietly(lambda: self.feed.also_written(snapshot, everywhere=everywhere), show)

    def forget_read_logs(self, snapshot: Snapshot) -> None:
        """What is read by now was not left out."""
        if self.also_written:
            read = {os.path.realpath(file.path) for file in snapshot.files}
            self.also_written = tuple(one for one in self.also_written if os.path.realpath(one.path) not in read)

    def _add_log(self, path: str) -> None:
        """Read another log as well."""
        if not path:
            return

        def tell(problem: str | None, was_stopped: bool) -> None:
            del was_stopped
            self.also_written = tuple(one for one in self.also_written if one.path != path)
            self._say(problem or f"{path} is read as well; everything is judged anew")

        self.searcher.run_quietly(lambda: self.feed.add_log(path), tell)

    # What is taken along

    def action_export(self) -> None:
        """Write the report at once, and say where."""
        self.export(None, None)

    def export(self, options: Options | None, path: str | None) -> None:
        """Write the report.

        Args:
            options: Sections and zone; None for all, in the zone that is shown.
            path: Where; None for a name made from the onset.
        """
        if self.snapshot is None:
            return
        try:
            written = self.feed.export(self.snapshot, options, path)
        except LogscopeError as error:
            self.unwritten = self.feed.preview(self.snapshot, options), str(error)
            self._say(f"kept until you quit: {error}", stays=True)
            return
        self.unwritten = None
        self.exported.append(written)
        self._say(f"report written: {os.path.abspath(written)}", stays=True)
        self.searcher.run_quietly(partial(self._keep, self.snapshot), self._tell_kept)

    def action_export_as(self) -> None:
        """Choose what the report holds, with a preview."""
        if self.snapshot is not None:
            self.push_screen(ExportDialog(self.feed, self.snapshot, self.look, self.options.zone), self._export_chosen)

    def _export_chosen(self, chosen: tuple[Options, str, bool] | None) -> None:
        if chosen is None or self.snapshot is None:
            return
        options, path, to_clipboard = chosen
        if to_clipboard:
            self.copy_to_clipboard(self.feed.preview(self.snapshot, options))
            self._say("report sent to the terminal's clipboard (OSC 52)")
        else:
            self.export(options, path)

    def action_save(self) -> None:
        """Keep the whole incident in a file of its own, and say where."""
        if self.snapshot is None:
            return
        self.searcher.run_quietly(partial(self._save_whole, self.snapshot), self._tell_saved)

    def _save_whole(self, snapshot: Snapshot) -> tuple[str, str]:
        """Path of the saved incident, or why there is none. Runs beside the screen: large logs take seconds."""
        try:
            return self.feed.save(snapshot), ""
        except LogscopeError as error:
            return "", str(error)

    def _tell_saved(self, saved: tuple[str, str], _: bool) -> None:
        path, trouble = saved
        if trouble:
            self._say(trouble)
            return
        self.exported.append(path)
        self._say(f"incident saved: {os.path.abspath(path)}; `logscope {os.path.basename(path)}` opens it", stays=True)

    def _keep(self, snapshot: Snapshot) -> str:
        """Keep the incident of a report; why it could not be, beside the screen."""
        try:
            self.feed.keep(snapshot)
        except LogscopeError as error:
            return str(error)
        return ""

    def _tell_kept(self, trouble: str, _: bool) -> None:
        if trouble:
            self._say(f"the report is written, the incident is not kept: {trouble}")

    def action_copy(self) -> None:
        """Copy the line under the cursor, without secrets: of the log, or the row of another pane."""
        row, line = self.chosen_row(), self.logs.current()
        if row is not None and row.ref is None:
            text = row.text.plain.strip()
        elif line is not None:
            text = line.text
        else:
            return
        self.copy_to_clipboard(safe_text(self.feed.clean(text)))
        self._say("line sent to the terminal's clipboard (OSC 52)")

    def action_brief(self) -> None:
        """Copy three lines for the incident channel, and show them."""
        if self.snapshot is not None:
            text = self.feed.brief(self.snapshot)
            self.copy_to_clipboard(text)
            self.push_screen(HandOffScreen(text, self.look.palette))

    def action_proof(self) -> None:
        """The shell commands that show the same without logscope."""
        if self.snapshot is None:
            return
        row = self.chosen_row()
        ref = row.ref if row is not None else self.logs.ref
        proofs = self.feed.prove(row.proves if row is not None else "", ref, self.snapshot)
        if not proofs:
            self._say("nothing to prove here: choose a row with a line or a count")
            return
        self.push_screen(ProofDialog(proofs, self.look), self._copy_proof)

    def _copy_proof(self, command: str | None) -> None:
        if command:
            self.copy_to_clipboard(command)
            self._say("command sent to the terminal's clipboard (OSC 52)")

    # Looks

    def action_help(self) -> None:
        """All keys, those of the pane first."""
        focused = self.focused.id if self.focused is not None else None
        self.push_screen(HelpScreen(self.look, self.options.config_path, focused or "", self._keys_by_id()))

    def _keys_by_id(self) -> dict[str, str]:
        return dict(self.options.keymap)
