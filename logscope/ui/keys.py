"""The one registry of keys: bindings, footer, help and palette are made from it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Key:
    """One action and the keys for it."""

    id: str
    keys: str
    """Comma-separated, in the terminal library's names."""
    action: str
    shown: str
    """How help and footer write the key; empty where another entry's text covers it."""
    label: str
    section: str
    footer: str = ""
    """The word for it in the footer; empty where it is not shown there."""


KEYS: Final = (
    Key("story", "1", "pane('story')", "1", "Story", "View"),
    Key("kinds", "2", "pane('kinds')", "2", "Kinds of errors", "View"),
    Key("logs", "3", "pane('logs')", "3", "Log lines", "View"),
    Key("actions", "4", "pane('actions')", "4", "What to do", "View"),
    Key("recovery", "5", "pane('recovery')", "5", "Recovery", "View"),
    Key("files", "6", "pane('files')", "6", "Files", "View"),
    Key("why", "0", "pane('why')", "0", "Why: evidence, cascade", "View"),
    Key("open", "enter", "open", "Enter", "Open the line, say why", "View", "why"),
    Key("next", "tab", "focus_next", "Tab", "Next pane", "View"),
    Key("previous", "shift+tab", "focus_previous", "", "", "View"),
    Key("zoom_pane", "z", "zoom_pane", "z", "This pane alone, or all", "View"),
    Key("back", "escape", "step_back", "Esc", "Back, or stop reading", "View"),
    Key("next_event", "full_stop", "event(1)", ". ,", "Next, previous event", "Time", "next event"),
    Key("previous_event", "comma", "event(-1)", "", "", "Time"),
    Key("scrub_back", "left_square_bracket", "scrub(-1)", "[ ]", "Cursor one cell back, on", "Time"),
    Key("scrub_on", "right_square_bracket", "scrub(1)", "", "", "Time"),
    Key("zoom_in", "plus,equals_sign", "zoom(0.5)", "+ -", "Zoom in, out", "Time"),
    Key("zoom_out", "minus", "zoom(2.0)", "", "", "Time"),
    Key("fit", "f", "fit", "f", "Fit the incident", "Time"),
    Key("histogram", "i", "histogram", "i", "Errors per minute big", "Time"),
    Key("relative", "T", "relative", "T", "Times from the onset", "Time"),
    Key("goto", "t,ctrl+g", "prompt('goto')", "t", "Go to a time", "Time"),
    Key("error_next", "e", "step_incident(1)", "e E", "Next of the incident", "Find"),
    Key("error_previous", "E", "step_incident(-1)", "", "", "Find"),
    Key("warning_next", "w", "step_level('warning',1)", "w W", "Next warning or error", "Find"),
    Key("warning_previous", "W", "step_level('warning',-1)", "", "", "Find"),
    Key("find", "slash,ctrl+f", "prompt('find')", "/", "Find in the log", "Find", "find"),
    Key("find_next", "n", "find(1)", "n N", "Next, previous find", "Find"),
    Key("find_previous", "N", "find(-1)", "", "", "Find"),
    Key("filter", "ampersand", "prompt('filter')", "&", "Only lines with a text", "Find"),
    Key("follow", "F,ctrl+t", "follow", "F", "Follow the newest lines", "Find"),
    Key("merge", "A", "merge", "A", "All logs by time, or one", "Find"),
    Key("same_id", "o", "same_id", "o", "Same request, every log", "Find"),
    Key("sort", "r", "sort", "r", "Sort the kinds", "Find"),
    Key("solo", "s", "solo", "s", "Only this service", "Find"),
    Key("mute", "K", "mute", "K", "Mute as known noise", "Find"),
    Key("fixed", "M", "prompt('fix')", "M", "Mark: fix applied", "Incident", "fixed"),
    Key("note", "a", "prompt('note')", "a", "Add a note", "Incident"),
    Key("mark", "m", "mark", "m", "Mark line for the report", "Incident"),
    Key("take_back", "U", "take_back", "U", "Take back what was said", "Incident"),
    Key("bind", "B", "prompt('bind')", "B", "Bind a name to a service", "Incident"),
    Key("export", "x,ctrl+s", "export", "x", "Write the report", "Incident", "report"),
    Key("export_as", "X", "export_as", "X", "Write it with options", "Incident"),
    Key("save", "S", "save", "S", "Save the incident", "Incident"),
    Key("copy", "y", "copy", "y", "Copy the line", "Incident"),
    Key("brief", "Y", "brief", "Y", "Copy the hand-off", "Incident"),
    Key("proof", "v", "proof", "v", "Prove it: shell command", "Incident"),
    Key("help", "question_mark", "help", "?", "Help", "App", "help"),
    Key("palette", "colon,ctrl+p", "command_palette", ":", "All actions", "App", "actions"),
    Key("redraw", "ctrl+l", "redraw", "^l", "Redraw", "App"),
    Key("suspend", "ctrl+z", "suspend_process", "^z", "Suspend: fg resumes", "App"),
    Key("quit", "q,ctrl+c", "quit", "q", "Quit", "App", "quit"),
)
