"""What rises and costs nobody anything: warnings alone, while users are served as ever.

A raised log level, a release that warns of an old setting, an import that skips rows, a night of guessed passwords: all
are new and far beyond chance. An edge log that shows the same share of requests served, as many of them and as fast,
is the better witness of whether it is an incident. Without one, warnings are all there is, and count.
"""

from typing import Final

from logscope.analysis.kinds.kinds import Kind
from logscope.analysis.losses.slowness import find_slowdown
from logscope.analysis.onset.anomalies import Anomaly, Outbreak
from logscope.analysis.onset.everyday import BROKEN
from logscope.analysis.onset.statistics import poisson_cdf, rates_differ
from logscope.analysis.users.users import Users
from logscope.model.severity import Severity
from logscope.model.snapshot import Rise
from logscope.model.times import MINUTE_US, US
from logscope.text.cutting import tell

_FEWEST_REQUESTS: Final = 100
"""Of fewer nobody knows whether users are served."""
_VOLUME: Final = 0.7
"""Of the usual one; where it is lower requests may be lost before the log."""
_CHANCE: Final = 0.01
_BLIP_SHARE: Final = 0.01
"""A few failures while a release replaces its servers: one request in a hundred of the time that it lasts."""
_NOTICED: Final = 0.05
"""And no minute in which users notice."""
_BLIP_US: Final = 40 * US
_PAST_US: Final = 5 * MINUTE_US
_FEWEST_BEFORE: Final = 5
"""Records of which fewer are no habit."""
_FEW: Final = 20
"""Of fewer requests a minute's share says nothing."""


def is_harmless(outbreak: Outbreak, users: Users | None, as_of: int) -> bool:
    """Nothing in it that surely rose is an error or tells of something that broke, and users got what they always get.

    Args:
        outbreak: What rose.
        users: Requests of the edge, refusals in the place of answers among the failed.
        as_of: Now, microseconds UTC.
    """
    if users is None or not len(users.seconds):
        return False
    if _is_blip(outbreak, users, as_of):
        return True
    if any(one.is_strong and _weighs(one.kind) and not _is_of_traffic(one, users) for one in outbreak.anomalies):
        return False
    start, end = outbreak.start, min(as_of, outbreak.end) + US
    begins = int(users.seconds[0]) * US
    usual, usual_failed = users.count(begins, start)
    asked, failed = users.count(start, end)
    if min(usual, asked) < _FEWEST_REQUESTS:
        return False
    if asked * (start - begins) < _VOLUME * usual * (end - start):
        return False
    is_more = rates_differ(failed, asked, usual_failed, usual) < _CHANCE and failed * usual > usual_failed * asked
    if is_more and failed > (usual_failed / usual + _BLIP_SHARE) * asked:
        return False
    minutes = range(start, end, MINUTE_US)
    share = (usual_failed + 1) / usual
    if any(_is_noticed(users, low, share, _CHANCE / len(minutes)) for low in minutes):
        return False
    return find_slowdown(users, as_of) is None


def _is_blip(outbreak: Outbreak, users: Users, as_of: int) -> bool:
    """Half a minute of errors, minutes ago, of which users hardly noticed anything: a release, a link that flapped."""
    start, end = outbreak.start, outbreak.end
    if end - start > _BLIP_US or as_of - end < _PAST_US or any(_tells_broken(one.kind) for one in outbreak.anomalies):
        return False
    begins = int(users.seconds[0]) * US
    usual, usual_failed = users.count(begins, start)
    asked, failed = users.count(start, start + MINUTE_US)
    return usual >= _FEWEST_REQUESTS and asked >= _FEW and failed <= (usual_failed / usual + _NOTICED) * asked


def _is_noticed(users: Users, start: int, usual: float, chance: float) -> bool:
    """Users notice one minute: far more fail in it than ever, and than chance brings in so many minutes."""
    asked, failed = users.count(start, start + MINUTE_US)
    if asked < _FEW or failed <= (usual + _NOTICED) * asked:
        return False
    return 1.0 - poisson_cdf(failed - 1, usual * asked) < chance


def _is_of_traffic(one: Anomaly, users: Users) -> bool:
    """More of it comes because more is asked: for each request as often as before."""
    begins = int(users.seconds[0]) * US
    before, during = one.kind.between(begins, one.time - US), one.kind.between(one.time, one.last)
    usual, _ = users.count(begins, one.time)
    asked, _ = users.count(one.time, one.last + US)
    if before < _FEWEST_BEFORE or not usual or during * usual <= before * asked:
        return before >= _FEWEST_BEFORE and bool(usual)
    return rates_differ(during, asked, before, usual) >= _CHANCE


def _weighs(kind: Kind) -> bool:
    """An error that a service reports, or a line that a rule knows as something full, dead or broken.

    Failed requests are counted among all requests instead: nine of them while a release starts are nobody's incident.
    """
    return not kind.is_request and (kind.severity >= Severity.ERROR or _tells_broken(kind))


def _tells_broken(kind: Kind) -> bool:
    return kind.match is not None and kind.match.rule.cls in BROKEN


def describe_rise(outbreak: Outbreak) -> Rise:
    """The loudest kind of it, in words."""
    own = [one for one in outbreak.anomalies if one.is_strong and not one.kind.is_request] or outbreak.anomalies
    loudest = max(own, key=lambda one: (one.excess, one.kind.order))
    count = loudest.kind.between(loudest.time, loudest.last)
    are_errors = loudest.kind.severity >= Severity.ERROR
    return Rise(tell(loudest.kind.service, loudest.kind.headline), count, loudest.time, are_errors)
