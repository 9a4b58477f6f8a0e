"""The envelopes that are known: syslog, container runtimes, journald, and what prints several containers at once."""

import re
from typing import Final

from logscope.ingest.envelopes.openers import JsonOpener, TextOpener
from logscope.ingest.formats.form import TextForm
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.levels import FACILITY_LEVEL, NO_LEVEL
from logscope.ingest.formats.objects import JsonKeys
from logscope.ingest.severity import SYSLOG_NUMBERS
from logscope.ingest.timestamps.timestamp import KIND_BY_NAME

_PRI: Final = rb"(?:<(?P<level>\d{1,3})>)?"
_PROGRAM: Final = (
    # `INFO spawned: ...` behind a stamp is a logger's level and its text, not a host and its program.
    NO_LEVEL + rb"(?P<service>[A-Za-z0-9_@/.(][^\s:\[\]]{0,127}"
    # A name of several words shows its process: `Disk Utility[812]:`.
    rb"(?:(?: [A-Za-z0-9(][^\s:\[\]]{0,40}){1,4}(?=\[\d{1,10}\][: ]))?)"
)
_TAG: Final = _PROGRAM + rb"(?:\[(?P<pid>[^\]\s]{1,32})\](?: \([^)\s]{1,128}\))?| v?\d[\w.]{0,16})?:(?: |$)"
_HOST: Final = NO_LEVEL + rb"(?P<host>[^\s\[\]:]{1,255}|[0-9A-Fa-f:.]{3,45})"
_SYSLOG_WORDS: Final = rb"(?:emerg|alert|crit|err|error|warning|warn|notice|info|debug)"
_FACILITY: Final = FACILITY_LEVEL + b" "
_TOLD_TAG: Final = _PROGRAM + rb"\[(?P<pid>[^\]\s]{1,32})\]\((?P<level>(?i:" + _SYSLOG_WORDS + rb"))\):(?: |$)"
"""A program that tells the severity behind its process: `krb5kdc[104](Error): `."""
_TAG_WITH_ID: Final = _PROGRAM + rb"(?:(?<=kernel)|\[(?P<pid>\d{1,10})\]):(?: |$)"
_DAY: Final = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
_GROUP_NAME: Final = re.compile(rb"\(\?P<\w+>")
_POD: Final = rb"[a-z0-9][a-z0-9.-]{0,200}-(?:[a-z0-9]{5,10}-[a-z0-9]{5}|\d{1,4})"


def make_text_openers() -> tuple[TextOpener, ...]:
    """Openers of text envelopes, in the order in which they are tried."""
    iso, bsd, uptime = (KIND_BY_NAME[kind].pattern for kind in ("iso", "syslog", "uptime"))
    return (
        TextOpener(
            TextForm(
                "kubernetes cri", iso + rb" (?P<output>stdout|stderr) (?:F|(?P<partial>P))(?::\S{0,64})?(?: |$)", "iso"
            )
        ),
        _make(
            "syslog 5424",
            rb"<(?P<level>\d{1,3})>1 (?:-|" + iso + rb") (?P<host>\S{1,255}) (?P<service>\S{1,128}) (?P<pid>\S{1,128}) "
            rb"(?P<id>\S{1,128}) (?:-|(?:\[(?:[^\]\\]|\\.){0,4000}\]){1,20})(?: (?:\xef\xbb\xbf)?|$)",
            "iso",
        ),
        # VMware writes the severity's two letters and the PRI.
        _make("syslog", iso + rb" [A-Z][a-z]\((?P<level>\d{1,3})\) " + _TAG, "iso"),
        # The level's word before the program's name, and behind it in brackets.
        _make("syslog", bsd + b" " + _HOST + rb" (?P<level>" + _SYSLOG_WORDS + rb") " + _TAG, "syslog"),
        _make(
            "syslog",
            bsd + b" " + _HOST + b" " + _TAG + rb"\[ID \d{1,10} [a-z0-9]{2,10}\.(?P<level>" + _SYSLOG_WORDS + rb")\] ",
            "syslog",
        ),
        _make("syslog", _PRI + bsd + b" {1,2}" + _HOST + b" " + _TAG, "syslog"),
        _make("syslog", _PRI + bsd + b" " + _TAG, "syslog"),
        # The same in the language of the host.
        *(
            _make("syslog", KIND_BY_NAME[kind].pattern + b" {1,2}" + _HOST + b" " + _TAG, kind)
            for kind in ("syslog name", "syslog number")
        ),
        _make("syslog", _PRI + iso + b" " + _HOST + b" " + _TAG, "iso"),
        _make("syslog", _PRI + iso + b" " + _TAG, "iso"),
        # As journald writes it with whole dates.
        _make("syslog", _DAY + iso + b" " + _HOST + b" " + _TAG, "iso"),
        # As journald writes it with uptimes; the kernel's own lines name no host, but may name a device.
        _make("syslog", rb"\[ {0,12}" + uptime + rb"\] " + _HOST + b" " + _TAG_WITH_ID, "uptime"),
        # Java Service Wrapper: all that a Java program prints, line by line.
        TextOpener(
            TextForm(
                "java service wrapper",
                rb"(?P<level>[A-Z]{4,6}) {0,4}\| (?P<program>[\w ]{1,20}?) {0,4}\| "
                + KIND_BY_NAME["slash"].pattern
                + rb" \| ?",
                "slash",
            )
        ),
        _make("kubectl", rb"\[pod/(?P<service>[^/\]\s]{1,253})/(?P<container>[^\]\s]{1,253})\] ", None, "pod"),
        _make(
            "stern",
            rb"(?P<service>" + _POD + rb") (?P<container>[a-z0-9][a-z0-9-]{0,62}) (?:\xe2\x80\xba )?",
            None,
            "pod",
        ),
        _make("docker compose", rb"(?P<service>[A-Za-z0-9][\w.@-]{0,127})[ \t]{0,60}\| ?", None, "compose"),
    )


TOLD: Final = re.compile(rb".{12,80}?(?:" + _GROUP_NAME.sub(b"(?:", FACILITY_LEVEL) + rb"|\]\([A-Za-z]{3,7}\): )")
"""How lines begin that tell a severity in words beside the host or the program."""


def make_told_openers() -> tuple[TextOpener, ...]:
    """Openers of syslog whose lines tell the severity in words, tried before the others where lines look so."""
    begins = ("syslog", "iso", "ctime")
    places = (b" " + _HOST + b" " + _FACILITY, b" " + _FACILITY + _HOST + b" ", b" " + _FACILITY)
    return (
        *(_make("syslog", KIND_BY_NAME[kind].pattern + place + _TAG, kind) for kind in begins for place in places),
        _make("syslog", KIND_BY_NAME["syslog"].pattern + b" " + _HOST + b" " + _TOLD_TAG, "syslog"),
    )


ARCHIVED: Final = re.compile(rb"(?:[^\s]{1,32} )?1\d{9} [^\s]")
"""How lines of an archive begin."""


_NUMBER_BEGINS: Final = tuple(b"%c" % byte for byte in b" 0123456789")


def may_begin(opener: TextOpener, line: bytes) -> bool:
    """Whether the line's first byte is that of the opener's stamp, or of a PRI before it."""
    stamp = opener.header.stamp
    if opener.header.pattern.startswith(_DAY):
        return line[:1] in (b"M", b"T", b"W", b"F", b"S")
    if opener.header.pattern.startswith(rb"\["):
        return line[:1] == b"["
    if opener.header.pattern.startswith(b"(?P<level>"):
        return line[:1].isupper()
    return stamp is None or line[:1] == b"<" or KIND_BY_NAME[stamp].is_worded is not (line[:1] in _NUMBER_BEGINS)


def make_archive_opener() -> TextOpener:
    """Opens archives of clusters: a mark, the moment and the node before the line as syslog sent it."""
    sent = _GROUP_NAME.sub(b"(?:", KIND_BY_NAME["syslog"].pattern)
    gathered = rb"(?:[^\s]{1,32} )?" + KIND_BY_NAME["epoch"].pattern + rb"(?: [^\s]{1,64}){1,3}? "
    return _make("syslog archive", gathered + sent + b" {1,2}" + _HOST + b" " + _TAG, "epoch")


def _make(name: str, pattern: bytes, stamp: str | None, strip: str = "") -> TextOpener:
    levels = SYSLOG_NUMBERS if stamp is not None else None
    return TextOpener(TextForm(name, pattern, stamp, levels=levels, services=True), strip)


_DOCKER: Final = JsonKeys(
    times=(("time",), ("@timestamp",), ("timestamp",), ("date",)),
    messages=(("log",),),
    # Of those who forward them: each container's name, and its pod's where that is all.
    service=(("kubernetes", "container_name"), ("kubernetes", "pod_name"), ("container_name",)),
)
_JOURNALD: Final = JsonKeys(
    times=(("__REALTIME_TIMESTAMP",), ("_SOURCE_REALTIME_TIMESTAMP",)),
    levels=(("PRIORITY",),),
    scale="syslog",
    messages=(("MESSAGE",),),
    service=(("_SYSTEMD_UNIT",), ("UNIT",), ("SYSLOG_IDENTIFIER",), ("_COMM",)),
)


def make_docker_opener(*, cuts: bool) -> JsonOpener:
    """Opens docker's json-file logs, and what forwards them under the same keys.

    Args:
        cuts: Whole lines end with their newline, which some who forward them leave out.
    """
    return JsonOpener(JsonForm("docker json-file", _DOCKER), ("log",), cuts=cuts)


def make_journald_opener() -> JsonOpener:
    """Opens `journalctl -o json`."""
    return JsonOpener(JsonForm("journald json", _JOURNALD), ("MESSAGE",), is_record=True)
