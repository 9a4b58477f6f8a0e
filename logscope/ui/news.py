"""What changed between two Snapshots that a person should be told: pure."""

import os
from dataclasses import dataclass

from logscope.model.snapshot import Snapshot
from logscope.model.times import MINUTE_US, Dial
from logscope.ui.formatting import size

Troubles = tuple[tuple[str, str], ...]
"""Paths behind which nothing new can be read, each with the reason."""


_GOES_ON = {"STARTED", "ONGOING"}
"""Words of one state: that it is some time old by now is no news."""


@dataclass(frozen=True, slots=True)
class News:
    """One sentence, and whether the verdict is another one."""

    text: str = ""
    is_verdict: bool = False


def find_news(before: Snapshot | None, after: Snapshot, dial: Dial) -> News:
    """The weightiest change.

    Args:
        before: What was shown until now; None at the first.
        after: What is shown from now on.
        dial: How times are shown.
    """
    if before is None:
        return News()
    if after.progress.stopped and not before.progress.stopped:
        of = f"{size(after.progress.bytes_read)} of {size(after.progress.bytes_total)}"
        return News(f"reading stopped: {of} read; what is shown holds for that")
    if not before.progress.done or not after.progress.done:
        return News()
    other = _tell_other_incident(before, after, dial)
    if other:
        return News(other, is_verdict=True)
    old, new = before.sentences[0].label, after.sentences[0].label
    if old != new and {old, new} != _GOES_ON:
        return News(f"{new}: was {old} until now   5 shows before, during, now", is_verdict=True)
    # A log that was cut stands there twice, with one path.
    known = {file.path for file in before.files}
    written = {file.path for file in before.files if file.lines}
    told = {(file.path, one) for file in before.files for one in file.problems}
    sources = {file.source for file in before.files}
    for file in after.files:
        name = os.path.basename(file.path)
        if file.path not in known and file.source in sources:
            # The new path may be what the old part is called now: the newest part goes by the log's own name.
            newest = [os.path.basename(one.path) for one in after.files if one.source == file.source][-1]
            return News(f"ROTATED {newest}: following the new file; the old one is still read")
        if file.path not in known:
            return News(f"{name} is read from now on")
        fresh = [one for one in file.problems if (file.path, one) not in told]
        if fresh:
            return News(f"{name}: {fresh[0].kind}: {fresh[0].detail}   6 shows the files")
        if file.path not in written and file.lines:
            return News(f"{name}: the first lines have come")
    return News()


def _tell_other_incident(before: Snapshot, after: Snapshot, dial: Dial) -> str:
    """Where another incident stands on top than did: what became of that one; empty where it is the same."""
    if before.incident is None or after.incident is None:
        return ""
    left = next((one for one in after.further if abs(one.incident.start - before.incident.start) < MINUTE_US), None)
    if left is None or abs(after.incident.start - before.incident.start) < MINUTE_US:
        return ""
    over = {True: "is over", False: "goes on", None: "is not known to be over"}[left.recovery.over]
    label, start = after.sentences[0].label, dial.clock(after.incident.start)
    return f"the incident of {dial.clock(left.incident.start)} {over}   on top from now on: {label}, that of {start}"


def find_trouble_news(before: Troubles, after: Troubles) -> str:
    """What can no longer be read, or can be read again: a sentence; empty where nothing changed."""
    for path, reason in after:
        if (path, reason) not in before:
            return f"{trouble_word(reason)} {os.path.basename(path)}: {reason}; it is tried again   6 shows the files"
    paths = {path for path, _ in after}
    back = [path for path, _ in before if path not in paths]
    return f"{os.path.basename(back[0])} is read on" if back else ""


def trouble_word(reason: str) -> str:
    """Whether a file is waited for or refuses to be read."""
    return "WAITING for" if reason.startswith(("no such", "gone")) else "CANNOT READ"
