"""Names of months as loggers write them, in the languages whose servers write them.

English abbreviations have kinds of their own; the other names are looked up here, by their text without a dot.
"""

from collections.abc import Mapping
from typing import Final

from logscope.text.alternatives import write_alternatives

_NAMES: Final = (
    "jan january januar januari januari janvier janv enero ene gennaio gen janeiro jänner jän styczeń stycznia sty",
    "feb february februar februari février févr fév febrero febbraio fevereiro fev feber luty lutego lut",
    "mar march märz mär mrz mars marzo março maart mrt marts marzec marca",
    "apr april avril avr abril abr aprile kwiecień kwietnia kwi",
    "may mai mei maj mayo maggio mag maio maja",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cze",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca lip",
    "aug august août aou aoû agosto ago augustus augusti sierpień sierpnia sie",
    "sep sept september septembre septiembre settembre set setembro wrzesień września wrz",
    "oct october oktober okt octobre octubre ottobre ott outubro out październik października paź",
    "nov november novembre noviembre novembro listopad listopada lis",
    "dec december dezember dez décembre déc diciembre dic dicembre dezembro des desember grudzień grudnia gru",
)


def _encode(name: str) -> set[bytes]:
    """The name as UTF-8 and, where it differs, as the single-byte encoding of its language."""
    found = {name.encode()}
    for encoding in ("latin-1", "iso8859-2"):
        try:
            found.add(name.encode(encoding))
        except UnicodeEncodeError:
            continue
    return found


MONTH_BY_NAME: Final[Mapping[bytes, int]] = {
    text: number
    for number, names in enumerate(_NAMES, 1)
    for name in dict.fromkeys(names.split())
    for text in _encode(name)
}
"""Lower-case names, without a dot, to 1 to 12."""

MONTH_NAMES: Final = rb"(?i:" + write_alternatives(MONTH_BY_NAME) + rb")(?![a-z\x80-\xff])"
"""Regex of all of them."""


def read_month(name: bytes) -> int:
    """1 to 12 of a month's name in any case, a dot at its end allowed.

    Raises:
        KeyError: It is none.
    """
    return MONTH_BY_NAME[name.rstrip(b".").lower()]
