"""When a monitor saw it and when a person knew: alerts of the usual pagers, and notes of people.

Each pager has its own JSON; what is read of it is when the alert began, what it says, and whether it is firing,
acknowledged or resolved. The record's own time is when it reached somebody.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.knowledge.rule import Kind as MeaningKind
from logscope.model.files import LineRef
from logscope.model.times import MINUTE_US, NO_TIME, US


class AlertState(StrEnum):
    """What the alert says of itself."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One message of a monitor or a pager."""

    state: AlertState
    began: int | None
    """When the alert itself began, microseconds UTC; None where it does not say."""
    time: int
    """When it was sent."""
    text: str
    ref: LineRef
    sample: str
    service: str


_STATE_WORDS: Final = {
    AlertState.RESOLVED: ("resolved", "resolve", "ok", "close", "closed", "normal", "recovered", "recovery"),
    AlertState.ACKNOWLEDGED: ("acknowledged", "acknowledge", "ack", "assigned", "investigating"),
    AlertState.FIRING: (
        "firing", "triggered", "trigger", "alerting", "alarm", "create", "created", "open", "opened", "problem",
        "alert",
    ),
}  # fmt: skip
_STATE_FIELDS: Final = ("status", "state", "event_type", "action", "newstatevalue", "alert_status", "type")
_BEGAN_FIELDS: Final = (
    "startsat",
    "activeat",
    "statechangetime",
    "triggered_at",
    "fired_at",
    "firedat",
    "created_at",
    "createdat",
    "started_at",
    "timestamp",
)
_TEXT_FIELDS: Final = (
    "title",
    "summary",
    "alertname",
    "alert",
    "message",
    "rulename",
    "alarmname",
    "description",
    "name",
)
_MARKS: Final = frozenset(
    (
        "alerts",
        "startsat",
        "alertname",
        "alarmname",
        "newstatevalue",
        "rulename",
        "ruleurl",
        "event_type",
        "alertid",
        "fired_at",
        "firedat",
        "incident",
    )
)
"""Fields that only a pager's message has."""
_FIRED: Final = frozenset(("fired_at", "firedat"))
"""What has fired needs no word for its state."""
_MAY_TELL: Final = re.compile(f'"(?:alert|{"|".join(sorted(_MARKS))})"')
"""Names of which an object has one that tells of an alert."""
_ONLY_ALERTS: Final = frozenset(("firing", "resolved", "triggered", "acknowledged", "alerting"))
"""States that nothing but an alert has."""
_MONITOR: Final = re.compile(r"(?i)alert|alarm|pager|on-?call|monitor")
"""What the log of a monitor or a pager is called, whatever the product."""
_HEAD: Final = 400
"""Characters of a plain line in which its state is looked for."""
_PUNCTUATION: Final = re.compile(r"[^\w ]")
_EPOCH_UNITS: Final = {10: US, 13: 1000, 16: 1}
_DEEPEST: Final = 6
_LONGEST: Final = 65_536


def find_first(alerts: Sequence[Alert], start: int) -> Alert | None:
    """The first that fired for an incident, of alerts by time."""
    return next((one for one in alerts if one.state is AlertState.FIRING and one.time >= start - MINUTE_US), None)


class Alerts:
    """Alerts of a set of kinds; what was read of a kind is kept while it is one of the set."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._known: dict[Kind, tuple[Alert, ...]] = {}

    def is_alert(self, kind: Kind) -> bool:
        """Whether all that is kept of a kind are pages, objects or lines that are known as such: nothing failed there.

        A line that a service says which is called a monitor may tell of its own trouble.
        """
        alerts = self._known.get(kind, ())
        is_known = kind.meaning.kind is MeaningKind.ALERT or all(one.sample.lstrip().startswith("{") for one in alerts)
        return is_known and 0 < len(kind.exemplars) == len(alerts)

    def find(self, kinds: Iterable[Kind]) -> list[Alert]:
        """Alerts among the kept records, by time."""
        before = self._known
        self._known = {kind: before[kind] if kind in before else tuple(_read_kind(kind)) for kind in kinds}
        found = {alert for alerts in self._known.values() for alert in alerts}
        return sorted(found, key=lambda a: (a.time, a.ref.file, a.ref.line))


def _read_kind(kind: Kind) -> Iterable[Alert]:
    is_monitors = _MONITOR.search(f"{kind.service} {kind.view.service}") is not None
    for one in kind.exemplars:
        text = one.text.decode("utf-8", "replace")
        ref = LineRef(kind.view.parts[one.part], one.line, one.offset)
        time = None if one.time == NO_TIME else one.time + kind.view.shift_us
        alert = _read_json(text, time, ref, kind.service, is_monitors=is_monitors)
        if alert is None and time is not None and _is_alert(kind, text, is_monitors=is_monitors):
            alert = Alert(
                _word_state(_PUNCTUATION.sub(" ", text[:_HEAD])), None, time, kind.headline, ref, text, kind.service
            )
        if alert is not None:
            yield alert


def _is_alert(kind: Kind, text: str, *, is_monitors: bool) -> bool:
    """Knowledge says so; or it stands in a monitor's own log and says in which state something is."""
    if kind.meaning.kind is MeaningKind.ALERT:
        return True
    return is_monitors and _known_state(_PUNCTUATION.sub(" ", text[:_HEAD])) is not None


def _read_json(text: str, time: int | None, ref: LineRef, service: str, *, is_monitors: bool) -> Alert | None:
    # One of a list over several lines is indented, and a comma follows.
    text = text.strip().removesuffix(",")
    if not text.startswith("{") or len(text) > _LONGEST:
        return None
    if not is_monitors and "\\" not in text and _MAY_TELL.search(text.lower()) is None:
        # Most objects are no alerts, and loading one takes ten times as long.
        return None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    fields: dict[str, str] = {}
    _flatten(document, fields, 0)
    state = next((s for name in _STATE_FIELDS if name in fields and (s := _known_state(fields[name]))), None)
    if state is None and not _FIRED.isdisjoint(fields):
        state = AlertState.FIRING
    # A monitor of one's own has other fields; what it says of an alert is the same everywhere.
    is_told = (is_monitors or "alert" in fields) and any(
        fields.get(name, "").lower() in _ONLY_ALERTS for name in _STATE_FIELDS
    )
    if state is None or (_MARKS.isdisjoint(fields) and not is_told):
        return None
    began = next((t for name in _BEGAN_FIELDS if name in fields and (t := _parse_iso(fields[name])) is not None), None)
    if time is None:
        # A bare document: it is placed where it says that it began.
        time = began
    if time is None:
        return None
    title = next((fields[name] for name in _TEXT_FIELDS if fields.get(name)), "alert")
    return Alert(state, began if began is not None and began <= time + US else None, time, title, ref, text, service)


def _flatten(value: object, fields: dict[str, str], depth: int) -> None:
    """First value of each field name at any depth, lower-cased; outer fields first."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        inner = []
        for name, item in value.items():
            if isinstance(item, str):
                fields.setdefault(str(name).lower(), item)
            elif isinstance(item, int) and not isinstance(item, bool):
                fields.setdefault(str(name).lower(), str(item))
            elif isinstance(item, (Mapping, list)):
                # A state with its reason: {"value": "ALARM", "timestamp": ...}.
                value_of = item.get("value") if isinstance(item, Mapping) else None
                fields.setdefault(str(name).lower(), value_of if isinstance(value_of, str) else "")
                inner.append(item)
        for item in inner:
            _flatten(item, fields, depth + 1)
    elif isinstance(value, list):
        for item in value[:5]:
            _flatten(item, fields, depth + 1)


def _known_state(value: str) -> AlertState | None:
    words = set(value.lower().replace(".", " ").replace("_", " ").split())
    return next((state for state, known in _STATE_WORDS.items() if not words.isdisjoint(known)), None)


def _word_state(text: str) -> AlertState:
    return _known_state(text) or AlertState.FIRING


def _parse_iso(text: str) -> int | None:
    if text.isdigit():
        # Seconds, milliseconds or microseconds since 1970, by how many digits a moment of these years has.
        unit = _EPOCH_UNITS.get(len(text))
        return None if unit is None else int(text) * unit
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year < 1980:
        return None
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * US)
