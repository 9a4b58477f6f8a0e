"""What logs tell of who writes them: hosts in front of their lines, ports that they listen on, their own names.

`sftp to drop1` means whoever writes on drop1, though no log is called so. Receives an Index; gives names for `Names`.
What several services claim alike tells nothing of one of them, and neither does a host that nearly all logs are of.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from logscope.analysis.kinds.components import component_of
from logscope.analysis.kinds.entities import FIRST_EPHEMERAL_PORT, LONGEST_TEXT, whole_of
from logscope.index.index import Group, GroupKey, Index
from logscope.ingest.severity import SEVERITY_BY_WORD
from logscope.model.severity import Severity

_SYSLOG: Final = re.compile(
    rb"(?:<\d{1,3}>(?:\d )?)?"
    rb"(?:[A-Z][a-z]{2} {1,2}\d{1,2} [\d:]{8}|\d{4}-\d\d-\d\d[T ][\d:.,]{8,15}(?:Z|[+-]\d\d:?\d\d)?) "
    rb"([A-Za-z0-9][\w.-]{1,80}) [^\s:\[]{1,64}(?:\[\d{1,10}\])?: "
)
_JOURNAL: Final = re.compile(rb'"_HOSTNAME" ?: ?"([A-Za-z0-9][\w.-]{1,80})"')
_CALLS_ITSELF: Final = re.compile(
    rb'\A\{[^\n]{0,2000}?"(?:service(?:[._]?[nN]ame)?|app(?:lication)?)" ?: ?"([A-Za-z][\w.-]{2,60})"'
    # `ERROR [cart-api]`, whatever the log is called; a thread has no such name.
    rb"|\A[^\n]{0,60}?[ \]]\[((?:[a-z][a-z0-9]{0,40}-){1,4}(?:service|svc|api|gateway|server|backend|frontend|app))\]"
)
_LONGEST: Final = 8192
_MOST_SHARED: Final = 0.5
"""Of all logs: a host that more of them are of is the one that all of this runs on."""
_NO_HOSTS: Final = frozenset({"localhost", "localhost.localdomain"})
_LISTENS: Final = re.compile(
    r"\b(?i:listening|started|serving|ready to accept|bound|running)\b[^\n]{0,60}?"
    r"(?::|\bport[ =:\"]{1,3})(\d{2,5})\b"
)
_CALLED: Final = re.compile(
    r"(?<![\w.])(\d{1,3}(?:\.\d{1,3}){3}:\d{2,5}) \(([A-Za-z][\w-]{1,60}(?:\.[\w-]{1,60}){0,6})\)"
)
"""`10.0.0.6:7300 (thumbs.internal)`: how clients tell an address and whose it is."""
_ANYBODYS_PORTS: Final = frozenset({443, 3000, 5000, 8000, 8080, 8081, 8443, 8888, 9090})
"""In containers each service listens on these of its own."""


class Addresses(NamedTuple):
    """What is known of where services run; equal as long as nothing new is learnt."""

    hosts: tuple[tuple[str, tuple[str, ...]], ...]
    """Host, and the services that write there; or what a log calls its service, and how that is called here."""
    ports: tuple[tuple[int, str], ...]
    """Port, and the one service that says that it listens there."""
    called: tuple[tuple[str, str], ...] = ()
    """Address with its port, and the one name that lines give it."""


class _Told(NamedTuple):
    version: int
    service: str
    hosts: frozenset[str]
    ports: frozenset[int]
    called: frozenset[tuple[str, str]]
    own: frozenset[str]
    """What its records call their service."""


class AddressReader:
    """Reads addresses from an index; remembers what a group told while it has not changed."""

    def __init__(self) -> None:
        self._told: dict[GroupKey, _Told] = {}

    def read(self, index: Index, services: Mapping[str, str]) -> Addresses:
        """Hosts and ports that the kept records tell.

        Args:
            index: The state to look at.
            services: Key of a log -> its service.
        """
        told = {
            key: known
            if (known := self._told.get(key)) is not None and known.version == group.version
            else _read_group(key, group, services[key.source])
            for key, group in index.groups.items()
            if key.source in services
        }
        self._told = told
        logs: dict[str, set[str]] = {}
        writing: dict[str, set[str]] = {}
        listening: dict[int, set[str]] = {}
        called: dict[str, set[str]] = {}
        own = _find_own_names(told)
        for source, name in own:
            logs.setdefault(name, set()).add(source)
            writing.setdefault(name, set()).add(services[source])
        for key, one in told.items():
            for host in one.hosts:
                logs.setdefault(host, set()).add(key.source)
                writing.setdefault(host, set()).add(one.service)
            for port in one.ports:
                listening.setdefault(port, set()).add(one.service)
            for address, name in one.called:
                called.setdefault(address, set()).add(name)
        # Where one log is all there is, its host is where everything runs.
        most = max(1.0, _MOST_SHARED * len(services)) if len(services) > 1 else 0.0
        return Addresses(
            tuple(sorted((host, tuple(sorted(writing[host]))) for host in logs if len(logs[host]) <= most)),
            tuple(sorted((port, next(iter(those))) for port, those in listening.items() if len(those) == 1)),
            tuple(sorted((address, next(iter(those))) for address, those in called.items() if len(those) == 1)),
        )


def _read_group(key: GroupKey, group: Group, service: str) -> _Told:
    texts = [one.text[:_LONGEST] for one in group.exemplars.all()]
    hosts = frozenset(host for host in map(_host_of, texts) if host and host not in _NO_HOSTS)
    # What fails speaks of ports of others.
    ports = frozenset(_ports_of(texts) if key.severity < Severity.WARN else ())
    fails = key.severity >= Severity.WARN
    said = [text.decode("utf-8", "replace") for text in texts] if fails and any(b" (" in text for text in texts) else []
    called = frozenset(pair for text in said for pair in _CALLED.findall(text[:LONGEST_TEXT]))
    own = frozenset(_own_name_of(text) for text in texts) if not group.signature.service else frozenset[str]()
    return _Told(group.version, whole_of(group.signature.service or service, service), hosts, ports, called, own)


def _find_own_names(told: Mapping[GroupKey, _Told]) -> Iterable[tuple[str, str]]:
    """Log and name, where all that it says has the same name of its service."""
    names: dict[str, frozenset[str]] = {}
    for key, one in told.items():
        names[key.source] = names.get(key.source, frozenset()) | one.own
    for source, common in names.items():
        if len(common) == 1 and "" not in common:
            yield source, next(iter(common))


def _own_name_of(text: bytes) -> str:
    found = _CALLS_ITSELF.search(text)
    name = (found[1] or found[2]).decode("ascii").lower() if found is not None else ""
    # Who has a known server's name in its own is spoken of by that.
    return "" if component_of(name) is not None else name


def _host_of(text: bytes) -> str:
    found = _find_host(text)
    return found[1].decode("ascii").lower() if found is not None else ""


def without_host(text: bytes) -> bytes:
    """A record without the host that wrote it: who writes there is not named by each of its lines."""
    found = _find_host(text)
    return text if found is None else text[: found.start(1)] + text[found.end(1) :]


def _find_host(text: bytes) -> re.Match[bytes] | None:
    found = _JOURNAL.search(text) if text.startswith(b"{") else _SYSLOG.match(text)
    # `2026-03-05 14:02:08,123 WARN exited: web (exit status 1)`: other loggers write the level in a host's place.
    is_level = found is not None and found[1].decode("ascii").lower() in SEVERITY_BY_WORD
    return None if is_level else found


def _ports_of(texts: Iterable[bytes]) -> Iterable[int]:
    for text in texts:
        yield from listening_ports(text.decode("utf-8", "replace"))


def listening_ports(text: str) -> Iterable[int]:
    """Ports on which a text says that its service listens, but those that anybody may use."""
    for match in _LISTENS.finditer(text[:LONGEST_TEXT]):
        port = int(match.group(1))
        if 80 < port < FIRST_EPHEMERAL_PORT and port not in _ANYBODYS_PORTS:
            yield port
