"""From a Snapshot to the rows of each pane: pure functions, one view a file."""

from logscope.ui.views.actions import action_rows
from logscope.ui.views.files import file_rows
from logscope.ui.views.head import as_of_now, lines_wanted, sentence_lines
from logscope.ui.views.kinds import group_rows, incident_kinds, only_service
from logscope.ui.views.line import line_rows
from logscope.ui.views.opening import opening_line, opening_rows
from logscope.ui.views.recovery import recovery_rows
from logscope.ui.views.story import story_rows
from logscope.ui.views.why import why_rows

__all__ = [
    "action_rows",
    "as_of_now",
    "file_rows",
    "group_rows",
    "incident_kinds",
    "line_rows",
    "lines_wanted",
    "only_service",
    "opening_line",
    "opening_rows",
    "recovery_rows",
    "sentence_lines",
    "story_rows",
    "why_rows",
]
