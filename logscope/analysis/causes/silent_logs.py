"""Logs that fall silent just before others fail, and that nobody names: who hangs or is gone tells nothing else.

A server that writes all along and stops is no proof: what is asked for nothing has nothing to tell. But who stops
because nothing comes any more stops behind the one that failed, and who stops first was stopped by nobody here. Where
it writes again at the moment when the failures end, both ends of it fit. Nothing but time ties it to the rest.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from logscope.analysis.causes.evidence import sum_order
from logscope.analysis.causes.suspects import Suspect, onset_ref
from logscope.analysis.causes.weights import BACK, HUSHED
from logscope.analysis.onset.anomalies import Anomaly
from logscope.analysis.onset.silences import Silence
from logscope.model.causes import Evidence
from logscope.model.times import MINUTE_US, US, span

_TOGETHER_US: Final = US
"""Between the last records of logs that stop for the same reason."""


def find_silent_logs(
    silences: Iterable[Silence], onsets: Mapping[str, Anomaly], known: Collection[str], reasons: Iterable[Anomaly] = ()
) -> list[Suspect]:
    """Suspects whose only sign is that their log stops before anybody fails.

    Args:
        silences: Logs that stopped around the onset.
        onsets: Main onset of each failing node.
        known: Nodes of which lines tell more.
        reasons: Lines that say what broke, be they few: who stops behind one was stopped by it.
    """
    failing = [one for one in onsets.values() if not one.kind.is_request]
    if not failing:
        return []
    ended = max(one.last for one in failing)
    failing += [one for one in reasons if one.node not in onsets]
    found = []
    steady = [one for one in silences if one.node not in known and one.is_steady and one.shown_at is not None]
    for silence in steady:
        # Several that stop at once wait for something that all of them need: each is as likely as another.
        alike = sum(abs(one.start - silence.start) <= _TOGETHER_US for one in steady)
        pairs = [(one.time - silence.start, silence.sigma_us(one)) for one in failing]
        order = sum_order(pairs)
        first = min(failing, key=lambda one: (one.time, one.kind.order))
        gap, sigma = first.time - silence.start, silence.sigma_us(first)
        if order <= 0 or gap < -sigma:
            continue
        suspect = Suspect(silence.node, None, None, silence=silence)
        here = () if silence.last is None else (silence.last,)
        when = f"{span(gap)} before {first.node} fails" if gap > 2 * sigma else f"as {first.node} begins to fail"
        suspect.evidence.append(Evidence("order", order / alike, f"stops {when}", (*here, onset_ref(first))))
        suspect.evidence.append(Evidence("silence", HUSHED / alike, f"its own log, {silence.describe()}", here))
        if silence.end is not None and abs(silence.end - ended) <= MINUTE_US + silence.pause_us:
            text = f"writes again after {span(silence.end - silence.start)}, as the failures end"
            suspect.evidence.append(Evidence("silence", BACK / alike, text, here))
        found.append(suspect)
    return found
