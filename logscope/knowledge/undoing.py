"""The way back from what set an incident off: undone, stopped, put back, or only looked into. Pure."""

import re
from dataclasses import dataclass, replace
from typing import Final

from logscope.model.advice import Action, Risk
from logscope.model.causes import Link, Trigger
from logscope.model.files import LineRef, place_of

MEASURED: Final = "measured"
"""Source of an action that rests on the lines of this incident alone."""
_PILES_UP: Final = re.compile(r"\bruns are open at once\b")
"""So a job is told whose runs do not end before the next begins (analysis/causes/overlaps.py)."""
_JOB: Final = re.compile(
    r"(?i)\b(?:job|batch|cron|CMD|backup|dump|vacuum|reindex\w*|import|export|compaction|snapshot)\b"
)
"""Work that runs for a while."""
_UNDOABLE: Final = re.compile(
    r"(?i)deploy|releas|roll(?:out|ing|ed)|version|upgrad|install|updat|chang|modif|\bset\b|setting|config|flag|feature|"
    r"toggl|enabl|disabl|migrat|rotat|reload|appl(?:y|ied)|polic|rule|limit|quota|scal|resiz|replac|switch|patch|grant"
    r"|\((?:was\b|[^()\s]{1,40} before\))|\bbuild\b|\bsync(?:ed|hroni[sz]ed)?\b|promot\w* .{0,40}\bprod"
    r"|\bread (?:/|[\w.-]{1,40}/)|\bremov|\brevok|\bdrop(?:ped|ping)? (?:\w+ )?(?:index|column|constraint|view)|\bdest="
)
"""What a person altered and can alter back, also a file that a server read anew; an election or a restart is none."""
_MEASURES: Final = re.compile(
    r"(?i)\b(?:is|are|was|were) (?:\S+ ){0,8}?(?:below|above|under|over|full|low)\b|\b(?:exceeds|exceeded)\b"
)
"""What somebody finds, as that space is below a reserve that is configured; nobody can undo that."""
_VERSION: Final = re.compile(
    r"(?i)\b(?:version|release|tag|revision|build)(?:\b\W{0,3}|(?=\d))(?:to )?"
    r"(v?\d[\w.+-]{0,40}\w|[a-z]{1,3}-?\d[\w.+-]{0,40}|\d)"
)
"""A version behind the word for it."""
_FORMER: Final = re.compile(r"(?i)\b(?:from|was|before|previously|instead of) $")
_ONWARD: Final = re.compile(r"(?i) {0,3}(?:->|=>|\u2192|\bto\b) {0,3}(?:version |release |v(?=\d))?(v?\d[\w.+-]{0,40})")
"""Behind a version the one that came for it."""
_REREADS: Final = re.compile(r"(?i)\b(?:re-?load|re-?configur|re-?read|SIGHUP)")
_BY_CERTIFICATE: Final = frozenset({"tls"})
"""Components whose faults are brought about by an exchanged certificate."""
_CERTIFICATE_FILE: Final = re.compile(
    r"(?i)\b(?:cert(?:s|ificates?)?|ca|x509|tls|ssl|mtls|truststore|keystore|cacerts|issuer|authorit(?:y|ies)"
    r"|ca-?(?:bundle|chain)|bundle)\b|\.(?:pem|crt|cer|jks|p12|pfx|key)\b"
)
"""Words by which a line about a change speaks of a certificate, of its key or of those who are trusted to issue it."""


@dataclass(frozen=True, slots=True)
class LaterChange:
    """A change like the one that set it off, made after it."""

    ref: LineRef
    came_back: bool = False
    """Errors ended behind it, and came back; else they never ended."""


def undo_trigger(trigger: Trigger, later: LaterChange | None = None, ended: LineRef | None = None) -> Action:
    """Undoing comes first, where a person can undo it; what is known by time alone is only something to check."""
    what = _name_change(trigger)
    if trigger.link is Link.TIME:
        return Action(f"See whether this set it off (known by time only): {what}", None, Risk.SAFE, None, MEASURED)
    if trigger.link is Link.NUMBER and _PILES_UP.search(trigger.text):
        text = f"Keep the job from starting again while a run is open, and end the runs that pile up: {what}"
        return Action(text, None, Risk.DISRUPTIVE, None, MEASURED, "let it start by the clock again")
    if _is_change(trigger):
        # To undo the one version may leave another bad one in place: what is meant is what ran before it.
        version = _find_version(trigger.text)
        back = f", back to what ran before {version}" if version else ""
        text = f"Undo what set it off{back}: {what}{_tell_tried(later)}"
        return Action(text, None, Risk.DISRUPTIVE, None, MEASURED, "apply the change again")
    if _JOB.search(trigger.text) and ended is not None:
        text = f"See what keeps it going: what set it off is done ({ended.place}): {what}"
        return Action(text, None, Risk.SAFE, None, MEASURED)
    if _JOB.search(trigger.text):
        text = f"Stop what set it off, if it may be interrupted: {what}"
        return Action(text, None, Risk.DISRUPTIVE, None, MEASURED, "start it again")
    return Action(f"See what came of what set it off: {what}", None, Risk.SAFE, None, MEASURED)


def _is_change(trigger: Trigger) -> bool:
    return _UNDOABLE.search(trigger.text) is not None and _MEASURES.search(trigger.text) is None


def passes(trigger: Trigger) -> bool:
    """Work that is over once it is done; what was changed stays in force."""
    return _JOB.search(trigger.text) is not None and not _is_change(trigger)


def _find_version(text: str) -> str:
    """The version that a change brought; empty where it tells of none."""
    if _REREADS.search(text):
        # Who reads his settings anew says which version he is, not which one came.
        return ""
    for found in _VERSION.finditer(text):
        onward = _ONWARD.match(text, found.end())
        if onward is not None or not _FORMER.search(text, 0, found.start()):
            return found[1] if onward is None else onward[1]
    return ""


def undo_if_it_did(trigger: Trigger, ended: LineRef | None) -> list[Action]:
    """The way back from what is known by time only, on condition."""
    known = undo_trigger(replace(trigger, link=Link.NAMED), None, ended)
    if trigger.link is not Link.TIME or known.risk is Risk.SAFE:
        return []
    told = known.text.replace("what set it off", "what may have set it off, if the check shows that it did", 1)
    return [replace(known, text=told.replace(" it did, if it may", " it did and it may", 1))]


def put_file_back(trigger: Trigger, component: str) -> Action | None:
    """The certificate, key or list of authorities that was exchanged before TLS failed; None for another change.

    Args:
        trigger: What set it off.
        component: Of the rule that recognises what failed.
    """
    if component not in _BY_CERTIFICATE or not _CERTIFICATE_FILE.search(trigger.text):
        return None
    only = ", if it was this, which is known by time only" if trigger.link is Link.TIME else ""
    text = (
        f"Put back the certificate or list of authorities that was replaced, and reload{only}: {_name_change(trigger)}"
    )
    return Action(text, None, Risk.DISRUPTIVE, None, MEASURED, "put the new file in again")


def _name_change(trigger: Trigger) -> str:
    """Whose change, what it says and where it stands."""
    what = f"{trigger.service}: {trigger.text or 'the change'}" if trigger.service else trigger.text or "the change"
    return f"{what} ({place_of(trigger.file, trigger.line)})"


def _tell_tried(later: LaterChange | None) -> str:
    if later is None:
        return ""
    outcome = "it came back" if later.came_back else "did not end it"
    return f"; {later.ref.place} came after it and {outcome}"
