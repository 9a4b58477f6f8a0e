"""Words, letters, numbers and symbols of many loggers to the one scale.

Receives the text of a level's place; whether a place is a level's place is judged elsewhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from logscope.model.severity import Severity

_NAMES: Final[Mapping[Severity, str]] = {
    Severity.TRACE: "trace trc trce ddebug subdebug verbose verb vrb finest finer all silly log_trace verboseex",
    Severity.DEBUG: "debug dbg dbug debg debu fine précis debug1 debug2 debug3 debug4 debug5 d1 d2 d3 d4 d5 log_debug"
    " d_fulldebug débogage debuggage depuración depuração depurar отладка デバッグ 调试 除錯 디버그",
    Severity.INFO: "info inf information informational config log statement ok system user success default event infos"
    " log_info d_always d_status normal información informazioni informação informationen informacja информация"
    " інформація инфо bilgi meldung 情報 信息 資訊 정보",
    Severity.NOTICE: "notice note ntc notc noti lifecycle quiet log_notice notification"
    " hinweis уведомление 通知 お知らせ 알림",
    Severity.WARN: "warn warning wrn warni warnin log_warn log_warning warnung avertissement advertencia avvertenza"
    " aviso waarschuwing varning advarsel avviso ostrzeżenie varování upozornění uyarı figyelmeztetés предупреждение"
    " попередження внимание 警告 注意 경고",
    Severity.ERROR: "error err eror erro eerr severe fail failure alarm grave unexpected log_err log_error d_error"
    " d_failure fehler erreur schwerwiegend ernstig störung errore fout fejl błąd chyba hata ошибка помилка エラー 错误"
    " 錯誤 오류 에러",
    Severity.FATAL: "fatal ftl fatl fata crit critical crt alert emerg emergency panic pnc dpanic fat abort disaster"
    " fault log_fatal log_crit log_critical log_alert log_emerg kritisch critique crítico crítica critico критическая"
    " критический критично авария 致命的 致命 重大 严重 嚴重 緊急 심각 치명",
}

SEVERITY_BY_WORD: Final[Mapping[str, Severity]] = {
    word: severity for severity, words in _NAMES.items() for word in words.split()
}
"""Lower-case words as loggers write them in a level's place."""

PROSE_SAFE_WORDS: Final = frozenset(SEVERITY_BY_WORD) - frozenset(
    (
        "d1",
        "d2",
        "d3",
        "d4",
        "d5",
        "all",
        "silly",
        "log",
        "ok",
        "system",
        "user",
        "success",
        "default",
        "normal",
        "fail",
        "failure",
        "abort",
        "disaster",
        "fault",
        "event",
        "alarm",
        "config",
        "unexpected",
        "lifecycle",
        "notification",
        "quiet",
    )
)
"""Words that are levels even where nothing but their place speaks for them; the rest needs a proven place."""

SEVERITY_BY_LETTER: Final[Mapping[str, Severity]] = {
    "T": Severity.TRACE,
    "V": Severity.TRACE,
    "D": Severity.DEBUG,
    "I": Severity.INFO,
    "N": Severity.NOTICE,
    "W": Severity.WARN,
    "E": Severity.ERROR,
    "C": Severity.FATAL,
    "F": Severity.FATAL,
    "X": Severity.FATAL,
    "A": Severity.FATAL,
    "P": Severity.FATAL,
}
"""Single letters, upper case, in a proven place."""

SEVERITY_BY_SIGN: Final[Mapping[str, Severity]] = {
    sign: severity
    for severity, signs in (
        (Severity.DEBUG, "🐛🔍🔧⚙"),
        (Severity.INFO, "ℹ✅✔✓🟢🔵💡🚀📝"),
        (Severity.WARN, "⚠🟡🟠"),
        (Severity.ERROR, "❌✖✘✗🔴⛔🛑❗"),
        (Severity.FATAL, "💥🔥🚨💀☠"),
    )
    for sign in signs
}
"""Signs that scripts and build tools write in a level's place, without the selector behind them."""

_SYSLOG: Final = (
    Severity.FATAL,
    Severity.FATAL,
    Severity.FATAL,
    Severity.ERROR,
    Severity.WARN,
    Severity.NOTICE,
    Severity.INFO,
    Severity.DEBUG,
)


def parse_word(text: str) -> Severity:
    """Read a level's place: a word in any case, a known letter, `Er(11)`, `warn(3)`; UNKNOWN when it is none."""
    word = text.strip().lower()
    severity = SEVERITY_BY_WORD.get(word)
    if severity is not None:
        return severity
    if len(word) == 1:
        return SEVERITY_BY_LETTER.get(word.upper(), SEVERITY_BY_SIGN.get(word, Severity.UNKNOWN))
    # Qualified words: `ERROR:root`, `error/worker`, `In(182)`, `level_error`.
    head = word.replace("level", "").strip(" _-").split("(")[0].split(":")[0].split("/")[0].split("+")[0].split("-")[0]
    if head in ("er", "wa", "in", "db", "no", "cr", "em", "al"):  # VMware's two letters
        return {
            "er": Severity.ERROR, "wa": Severity.WARN, "in": Severity.INFO, "db": Severity.DEBUG,
            "no": Severity.NOTICE, "cr": Severity.FATAL, "em": Severity.FATAL, "al": Severity.FATAL,
        }[head]  # fmt: skip
    return SEVERITY_BY_WORD.get(head) or SEVERITY_BY_WORD.get(head.rstrip("0123456789"), Severity.UNKNOWN)


def from_syslog(number: int) -> Severity:
    """Severity of a syslog number: the lowest three bits of a PRI, or journald's PRIORITY."""
    return _SYSLOG[number & 7]


SYSLOG_NUMBERS: Final[Mapping[bytes, Severity]] = {b"%d" % number: from_syslog(number) for number in range(192)}
"""Text of a PRI, or of a severity alone, to its severity."""


RISING_NUMBERS: Final[Mapping[bytes, Severity]] = {
    b"0": Severity.DEBUG, b"1": Severity.INFO, b"2": Severity.WARN, b"3": Severity.ERROR,
    b"4": Severity.FATAL, b"5": Severity.FATAL,
}  # fmt: skip
"""The scale that most writers make up: the worse, the higher."""


DETAILED_NUMBERS: Final[Mapping[bytes, Severity]] = {
    b"0": Severity.TRACE, b"1": Severity.DEBUG, b"2": Severity.INFO, b"3": Severity.WARN, b"4": Severity.ERROR,
    b"5": Severity.FATAL,
}  # fmt: skip
"""The same with one more below, as .NET and Serilog have it."""
SHAREPOINT_WORDS: Final[Mapping[bytes, Severity]] = {
    b"Medium": Severity.INFO, b"High": Severity.NOTICE, b"Monitorable": Severity.WARN,
}  # fmt: skip
"""What SharePoint's trace log writes besides words that others write, too: elsewhere `High` is how bad something is."""
SCALES: Final[Mapping[str, Mapping[bytes, Severity]]] = {
    "small": RISING_NUMBERS, "detailed": DETAILED_NUMBERS, "sharepoint": SHAREPOINT_WORDS,
}  # fmt: skip


def choose_rising(numbers: Iterable[int]) -> str:
    """Name of the scale that rises which numbers below ten are of: `small`, `detailed`; empty where they are syslog's.

    Of syslog's most would be among the worst, which are rare. Where debug would be what is said most, and what is fatal
    not rare, they begin one below.
    """
    counts = Counter(numbers)
    if sum(counts[number] for number in (0, 1, 2)) <= sum(counts[number] for number in (4, 5, 6, 7)):
        return ""
    is_detailed = not counts[0] and (counts[2] > counts[1] or counts[4] * _RARE > counts.total())
    return "detailed" if is_detailed else "small"


_RARE: Final = 50


FAILING_STATUS: Final = 500
"""Status from which on a server failed its client."""


def from_http_status(status: int) -> Severity:
    """Level of an access-log line: 5xx error, 4xx warn, else info; UNKNOWN for what is no status."""
    if status >= 500:
        return Severity.ERROR if status < 600 else Severity.UNKNOWN
    if status >= 400:
        return Severity.WARN
    return Severity.INFO if status >= 100 else Severity.UNKNOWN


def from_otel(number: int) -> Severity:
    """Severity of an OpenTelemetry number, 1 to 24 in steps of four."""
    for severity in (Severity.FATAL, Severity.ERROR, Severity.WARN, Severity.INFO, Severity.DEBUG, Severity.TRACE):
        if number >= severity:
            return severity
    return Severity.UNKNOWN


def from_node(number: int) -> Severity:
    """Severity of pino's and bunyan's numbers: 10 trace to 60 fatal; between two the lower one."""
    for least, severity in (
        (60, Severity.FATAL),
        (50, Severity.ERROR),
        (40, Severity.WARN),
        (30, Severity.INFO),
        (20, Severity.DEBUG),
        (10, Severity.TRACE),
    ):
        if number >= least:
            return severity
    return Severity.UNKNOWN


def from_python(number: int) -> Severity:
    """Severity of Python's level numbers: 10 debug to 50 critical."""
    return from_node(number + 10) if number >= 10 else Severity.UNKNOWN


def from_small(number: int) -> Severity:
    """Severity of the scale 0 debug, 1 info, 2 warn, 3 error, 4 fatal."""
    scale = (Severity.DEBUG, Severity.INFO, Severity.WARN, Severity.ERROR, Severity.FATAL)
    return scale[number] if 0 <= number < len(scale) else Severity.UNKNOWN


def from_detailed(number: int) -> Severity:
    """Severity of the scale 0 trace, 1 debug, 2 info, 3 warn, 4 error, 5 fatal."""
    return DETAILED_NUMBERS.get(b"%d" % number, Severity.UNKNOWN) if number >= 0 else Severity.UNKNOWN


def _from_steps(number: int, steps: tuple[tuple[int, Severity], ...]) -> Severity:
    return next((severity for least, severity in steps if number >= least), Severity.UNKNOWN)


_HUNDREDS: Final = (
    (500, Severity.FATAL), (400, Severity.ERROR), (300, Severity.WARN), (250, Severity.NOTICE), (200, Severity.INFO),
    (100, Severity.DEBUG),
)  # fmt: skip
_LOGBACK: Final = (
    (50_000, Severity.FATAL), (40_000, Severity.ERROR), (30_000, Severity.WARN), (20_000, Severity.INFO),
    (10_000, Severity.DEBUG), (5_000, Severity.TRACE),
)  # fmt: skip
_LOG4J: Final = (
    (600, Severity.TRACE), (500, Severity.DEBUG), (400, Severity.INFO), (300, Severity.WARN), (200, Severity.ERROR),
    (100, Severity.FATAL),
)  # fmt: skip
_JUL: Final = (
    (1000, Severity.ERROR), (900, Severity.WARN), (700, Severity.INFO), (500, Severity.DEBUG), (300, Severity.TRACE),
)  # fmt: skip


def from_hundreds(number: int) -> Severity:
    """Severity of Monolog's numbers: 100 debug to 600 emergency."""
    return _from_steps(number, _HUNDREDS)


def from_logback(number: int) -> Severity:
    """Severity of logback's and log4j 1's integers: 5000 trace to 50000 fatal."""
    return _from_steps(number, _LOGBACK)


def from_log4j(number: int) -> Severity:
    """Severity of log4j 2's integers, which fall: 100 fatal to 600 trace."""
    return _from_steps(number, _LOG4J)


def from_jul(number: int) -> Severity:
    """Severity of java.util.logging's integers: 300 finest to 1000 severe."""
    return _from_steps(number, _JUL)
