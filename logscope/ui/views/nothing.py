"""What a view says where it has nothing to show: which of the reasons it is, and where to look instead."""

from logscope.analysis.story.quiet import is_in_doubt, late_groups
from logscope.model.severity import Severity
from logscope.model.snapshot import Snapshot
from logscope.ui.formatting import Look, Row, label


def why_quiet(snapshot: Snapshot) -> str:
    """Why there is no incident, where all was read and has times."""
    late = late_groups(snapshot)
    if late:
        what = "errors" if any(group.severity >= Severity.ERROR for group in late) else "warnings"
        return f"New {what} came, too few for an incident"
    if snapshot.rise is None:
        return "Nothing rose above its usual rate"
    if snapshot.rise.until is None:
        return "What rose costs nobody anything"
    return "What rose was over in moments"


def nothing_rows(snapshot: Snapshot, look: Look, otherwise: str) -> list[Row]:
    """The reason, then the views that show something all the same.

    Args:
        snapshot: What is known.
        look: Colours and times.
        otherwise: The reason where everything was read, and has times.
    """
    is_cut = any(bound is not None for bound in snapshot.asked)
    if not is_cut and not any(file.lines for file in snapshot.files):
        is_done = snapshot.progress.done
        return [label("No line is written in these files yet." if is_done else "Reading.", look)]
    if not snapshot.progress.done:
        reason = "Still reading: nothing has risen in what was read so far."
    elif is_cut and not any(file.records > file.untimed_records for file in snapshot.files):
        reason = "No line of these files is of the time that was asked for."
    elif snapshot.as_of is None:
        reason = "No line carries a time that is known: what came first cannot be told."
    else:
        reason = otherwise
    where = ["2  kinds of warnings and errors", "3  the lines", "6  how each file is read"]
    if snapshot.as_of is None and not is_cut:
        where.insert(0, ":  format: name how a log is written")
    if snapshot.candidates and snapshot.as_of is None:
        where.append("0  what is named most")
    elif snapshot.candidates and is_in_doubt(snapshot):
        where.append("0  what may have caused it")
    return [label(text, look) for text in (reason, "", *where)]
