"""Zones as stamps write them: offsets, and the abbreviations that servers use.

An abbreviation that several regions share is read as the one that servers write most (`CST` is America's, `IST` is
India's); the name as written travels with the file, so a reader sees what was taken for what.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from logscope.model.times import HOUR_US, MINUTE_US

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ZONE_WORDS: Final[Mapping[str, int]] = {
    word: minutes
    for minutes, words in (
        (0, "UTC GMT WET UCT"),
        (60, "CET BST WEST MET WAT MEZ"),
        (120, "CEST EET SAST CAT MEST MESZ"),
        (180, "EEST MSK EAT TRT"),
        (210, "IRST"),
        (240, "GST"),
        (300, "PKT UZT"),
        (330, "IST"),
        (345, "NPT"),
        (420, "WIB ICT"),
        (480, "SGT HKT AWST PHT WITA"),
        (540, "JST KST WIT"),
        (570, "ACST"),
        (600, "AEST"),
        (630, "ACDT"),
        (660, "AEDT"),
        (720, "NZST"),
        (780, "NZDT"),
        (-150, "NDT"),
        (-180, "ADT BRT ART"),
        (-210, "NST"),
        (-240, "EDT AST"),
        (-300, "EST CDT"),
        (-360, "CST MDT"),
        (-420, "MST PDT"),
        (-480, "PST AKDT"),
        (-540, "AKST"),
        (-600, "HST"),
    )
    for word in words.split()
}
"""Abbreviation to minutes east of UTC."""


@lru_cache(maxsize=256)
def read_zone(zone: bytes) -> int:
    """Microseconds east of UTC of a zone as written; 0 for one that is not known."""
    if zone[:1] in b"+-" and zone:
        digits = zone[1:].replace(b":", b"")
        if not digits.isdigit() or len(digits) > 4:
            return 0
        # Three digits are minutes, as DB2 writes them.
        offset = (
            int(digits) * MINUTE_US if len(digits) == 3
            else int(digits[:2]) * HOUR_US + int(digits[2:] or b"0") * MINUTE_US
        )  # fmt: skip
        return -offset if zone[:1] == b"-" else offset
    return ZONE_WORDS.get(zone.decode("ascii", "replace"), 0) * MINUTE_US


REGION: Final = (
    rb"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Canada|Etc|Europe|Indian|Pacific|US)"
    rb"/[A-Z][A-Za-z_+/0-9-]{1,40}+"
)
"""Regex of a zone that is named by its place, as PHP writes it."""


@lru_cache(maxsize=64)
def _find_region(name: str) -> "ZoneInfo | None":
    # Few logs name a region, and the module takes a millisecond of each start.
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def knows_region(name: str) -> bool:
    """Whether the zone of a place is known here."""
    return _find_region(name) is not None


def read_region(name: str, time: int) -> int:
    """Microseconds east of UTC of a place at a time on its clocks; 0 for one that is not known here.

    Args:
        name: `Europe/Berlin`.
        time: Microseconds since 1970 as if the place's clocks showed UTC; of an hour that is shown twice the first.
    """
    region = _find_region(name)
    if region is None:
        return 0
    offset = (datetime(1970, 1, 1, tzinfo=region) + timedelta(microseconds=time)).utcoffset()
    return 0 if offset is None else round(offset / timedelta(microseconds=1))


def is_zone(zone: bytes) -> bool:
    """Whether a text with the digits of an offset is one: hours to 14, minutes to 59; words and `Z` always are."""
    digits = zone[1:].replace(b":", b"") if zone[:1] in b"+-" else b""
    return len(digits) == 3 or (digits[:2] <= b"14" and digits[2:] <= b"59")


def name_zone(zone: bytes) -> str:
    """The name that is shown: `UTC`, `+01:00`, or the abbreviation as written."""
    text = zone.decode("ascii", "replace")
    if text in ("Z", "UTC", "GMT", "UCT") or text.strip("+-0:") == "":
        return "UTC"
    if text[0] in "+-":
        digits = text[1:].replace(":", "")
        digits = f"{int(digits) // 60:02d}{int(digits) % 60:02d}" if len(digits) == 3 else digits.ljust(4, "0")
        return f"{text[0]}{digits[:2]}:{digits[2:]}"
    return text
