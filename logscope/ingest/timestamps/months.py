"""Names of months as loggers write them, in the languages whose servers write them.

English abbreviations have kinds of their own; the other names are looked up here, by their text without a dot.
"""

from collections.abc import Mapping
from typing import Final

from logscope.text.alternatives import write_alternatives

_NAMES: Final = (
    "jan january januar januari januari janvier janv enero ene gennaio gen janeiro jänner jän styczeń stycznia sty"
    " янв января led ledna oca ocak tammi tammikuu ian ianuarie",
    "feb february februar februari février févr fév febrero febbraio fevereiro fev feber luty lutego lut"
    " фев февр февраля úno února şub şubat helmi helmikuu febr február",
    "mar march märz mär mrz mars marzo março maart mrt marts marzec marca"
    " мар марта bře března mart maalis maaliskuu márc március martie",
    "apr april avril avr abril abr aprile kwiecień kwietnia kwi апр апреля dub dubna nis nisan huhti huhtikuu ápr"
    " április",
    "may mai mei maj mayo maggio mag maio maja май мая kvě května mayıs touko toukokuu máj május",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cze июн июня čvn června haz haziran kesä kesäkuu"
    " jún június",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca lip июл июля čvc července tem temmuz heinä heinäkuu"
    " júl július",
    "aug august août aou aoû agosto ago augustus augusti sierpień sierpnia sie авг августа srp srpna ağu ağustos elo"
    " elokuu augusztus",
    "sep sept september septembre septiembre settembre set setembro wrzesień września wrz"
    " сен сент сентября zář září eyl eylül syys syyskuu szept szeptember",
    "oct october oktober okt octobre octubre ottobre ott outubro out październik października paź"
    " окт октября říj října eki ekim loka lokakuu október",
    "nov november novembre noviembre novembro listopad listopada lis ноя нояб ноября kas kasım marras marraskuu",
    "dec december dezember dez décembre déc diciembre dic dicembre dezembro des desember grudzień grudnia gru"
    " дек декабря pro prosince ara aralık joulu joulukuu",
)


def _encode(name: str) -> set[bytes]:
    """The name as UTF-8 and, where it differs, as the single-byte encoding of its language."""
    found: set[bytes] = set()
    # Bytes know no case but ASCII's.
    for written in (name, name.capitalize()):
        for encoding in ("utf-8", "latin-1", "iso8859-2"):
            try:
                found.add(written.encode(encoding).lower())
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
