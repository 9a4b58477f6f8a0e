"""Who is named by a line: services of the given files, well-known servers, hosts and ports.

A `Names` object is built once per set of files (naming.py); `mentions` reads texts then. A node is what can be blamed,
a service with a file, files of one server, or a name that only others know (a phantom). Matching is on words,
never on regular expressions made from a file's text.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from logscope.analysis.kinds.components import server_called
from logscope.analysis.kinds.words import ROLE_WORDS, WORDS

FULL_NAME: Final = 1.0
"""Weight of a mention by the whole name, or by a learnt address."""
DRIVER: Final = 0.7
"""Weight of a client library's name: it is on the stack of any call to that server."""
STEM: Final = 0.7
"""Weight of a mention by the name's stem: `payment` for `payment-gateway` may also be a word of the trade."""
_PORT_HINT: Final = 0.5
"""Weight of a well-known port without a name."""

_INITIALS: Final = 0.6
"""Weight of a word in capitals that one service's name alone holds."""

_TOKEN = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+]{1,15}://(?:[^\s/@]{1,60}@)?)?(?P<name>[A-Za-z][A-Za-z0-9_.\-]{1,80}|\d{1,3}(?:\.\d{1,3}){3})(?:/\d{1,3}(?:\.\d{1,3}){3}(?=:))?(?::(?P<port>\d{2,5})(?!:\d))?(?![\w])"
)
_PORT_FIELD = re.compile(r"['\"]?(?: \([\d.:a-f]{3,45}\))?, ?['\"]?port['\"]?(?:[=:] ?| )(\d{2,5})\b")
"""`host='api.pay.example', port=443`: a host and its port, as client libraries print where they connect to."""
FIRST_EPHEMERAL_PORT: Final = 32768
LONGEST_TEXT: Final = 6000
_MOST_RESOLVED: Final = 20_000
_LIBRARY_MARKS: Final = ("site-packages/", "node_modules/", "/gems/", "/vendor/", "/pkg/mod/", "dist-packages/")
_NOT_HOSTS: Final = ("localhost", "127.0.0.1", "0.0.0.0", "unix")  # noqa: S104 -- compared with, never bound
_READS_ON: Final = re.compile(
    r"(?i)(?:^|\W)(?:docs?|help|support|wiki|kb|learn)\.[^/\s]*$"
    r"|(?:\.|\b(?:see|visit|at|to|more|details|information)):? \(?www\.\S*$"
)
"""An address where people read on, with what stands before it: `see https://www.heron.example/limits` blames nobody."""
_PROTOCOLS: Final = frozenset(("www", "ftp", "sftp", "ftps", "smtp", "imap", "pop3", "ldap", "ws", "grpc", "cdn"))
"""First labels of hosts that tell how they are spoken to, not who they are: `sftp.heron.example`."""
_SOCKETS: Final = (".sock", ".socket", ".ctl")
"""`/run/clamav/clamd.ctl`: a socket on this host is called like who listens on it, where that one has a log here."""
_COUNTED: Final = frozenset(
    ("uid", "gid", "pid", "tid", "ppid", "id", "cid", "sid", "conn", "seq", "user", "job", "line", "size", "code")
)
"""`UID:5432` is a number of something, no port."""
_LOW_PORTS: Final = frozenset(
    (
        80, 81, 82, 88, 102, 110, 111, 119, 123, 135, 137, 139, 143, 161, 162, 179, 264, 318, 389, 427, 443, 444, 445,
        464, 465, 497, 500, 502, 512, 513, 514, 515, 520, 540, 543, 546, 547, 548, 554, 563, 587, 591, 593, 623, 631,
        636, 639, 646, 655, 674, 695, 749, 750, 753, 783, 830, 853, 860, 861, 873, 902, 903, 953, 989, 990, 991, 992,
        993, 994, 995,
    )
)  # fmt: skip
"""Privileged ports on which servers listen (IANA); a number below 1024 behind a word is else a line of the source."""
_SOURCE_SUFFIXES: Final = (
    ".py", ".go", ".js", ".java", ".rb", ".c", ".ts", ".php", ".cs", ".rs", ".kt", ".scala", ".cc", ".cpp", ".h",
)  # fmt: skip
"""`profile.go:109` is a place in the code, not a host."""


_IN_NAMESPACE: Final = re.compile(r"\w\\{1,2}\Z")
"""What stands in front of the further parts of a name in a namespace; of a share's path the host comes first."""
_KEPT_IN: Final = frozenset(
    (
        "stream", "topic", "queue", "table", "index", "schema", "relation", "collection", "keyspace", "bucket",
        "partition", "column", "view", "sequence", "exchange", "subject", "consumer", "subscription",
    )
)  # fmt: skip
"""Behind such a word stands what a server calls its data: `stream ORDERS` is no word about the service of orders."""
_HOLDS: Final = ("queue://", "topic://", "s3://", "s3a://", "s3n://", "gs://")
"""Schemes of what a server holds: `queue://PARCELS.OUT` is no host called parcels, and `s3://backups` a bucket."""
_CALLED_ALIKE: Final = frozenset(("database", "db", "user", "role", "login"))
"""Behind these a part of a service's name is what the server calls its own: `database 'Tariff'` of tariff-web."""
_OF_PATH: Final = frozenset("/$")
"""In front of a word in a path."""
_NUMBERED: Final = re.compile(r"[ =:#]{1,2}\"?(?!v\d|[1-5]\d\d\b)(?=[\w-]{0,40}\d)[\w-]{2,40}(?![\w.-])")
"""The number of a thing behind its word; a version, a status, an address and a time that something took are none."""
_BEHIND_A_WHOLE: Final = ".:/"
"""What stands between a program's name and that of a part of it; a dash makes another name of it."""


def whole_of(service: str, log: str) -> str:
    """Whose a record is by what it calls its service, and by whose log it stands in.

    `gitaly.StreamServerInterceptor` in gitaly's log is a part of it, nobody else; so is `postfix/smtp` in postfix's.
    """
    is_part = service != log and service.startswith(log) and service[len(log)] in _BEHIND_A_WHOLE
    return log if is_part else service


class _Asked(NamedTuple):
    """A word that may name somebody, and all that its sense depends on."""

    name: str
    port: str | None
    is_path: bool
    in_library: bool
    """The text holds paths of installed libraries."""
    is_url: bool
    previous: str
    """The word before it."""
    is_site: bool
    """A path follows, and neither scheme nor port."""


@dataclass(slots=True)
class Names:
    """Forms by which each node may be named."""

    node_of_service: dict[str, str] = field(default_factory=dict)
    """A file's service -> its node. Files of one server share a node."""
    forms: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Lower-case word or joined words -> node and weight."""
    libraries: dict[str, str] = field(default_factory=dict)
    """Word of a client library's path -> node of the server that it speaks to."""
    _address: dict[tuple[str, int], str] = field(default_factory=dict)
    """Learnt (host or empty, port) -> node."""
    port_hints: dict[int, str] = field(default_factory=dict)
    component_nodes: dict[str, str] = field(default_factory=dict)
    """Well-known server -> the service whose log alone is in its format, where no file carries its name."""
    nodes_by_noun: dict[str, set[str]] = field(default_factory=dict)
    """`database` -> nodes of the given files that are one."""
    members: dict[str, list[str]] = field(default_factory=dict)
    """Name that several nodes go by -> those: a server with a log for each of several hosts, replicas of a service."""
    initials: dict[str, str] = field(default_factory=dict)
    """Word that the names of one node alone hold -> it: `OVS` in capitals means ovs-vswitchd."""
    phantoms: bool = True
    _resolved: dict[tuple[str, str | None, bool, bool, bool, str, bool], tuple[str | None, float]] = field(
        default_factory=dict
    )
    """Whom words meant so far, by all of `_Asked`, until a name is learnt: traces repeat each other's lines."""

    def learn_port(self, port: int, service: str) -> None:
        """Learn a port on which a service says that it listens."""
        self._resolved.clear()
        self._address.setdefault(("", port), self.node_of_service.get(service, service))

    def learn_host(self, host: str, services: Iterable[str]) -> None:
        """Learn who writes on a host: who names it means one of them. A name that is known already keeps its sense."""
        self._resolved.clear()
        nodes = sorted({self.node_of_service.get(service, service) for service in services})
        for form in {host, host_label(host)} - self.forms.keys():
            if form in self.members or all(word in ROLE_WORDS for word in WORDS.findall(form)):
                continue
            if len(nodes) > 1:
                self.members[form] = nodes
            self.forms[form] = (nodes[0] if len(nodes) == 1 else form, FULL_NAME)

    def learn_address(self, address: str, name: str) -> None:
        """Learn whose an address with a port is, by the name that stands beside it elsewhere.

        `10.0.0.5:6379 (closed)` tells no name: one that nobody goes by must look like a host's.
        """
        host, _, port = address.rpartition(":")
        if int(port) < FIRST_EPHEMERAL_PORT and ("." in name or name.lower() in self.forms):
            self._resolved.clear()
            self._address.setdefault((host, int(port)), self.label_of(name))

    def bind(self, name: str, service: str) -> None:
        """Bind a name or address given by the user to a service."""
        self._resolved.clear()
        host, _, port = name.rpartition(":")
        node = self.node_of_service.get(service, service)
        if port.isdigit():
            self._address[host.lower(), int(port)] = node
        else:
            self.forms[name.lower()] = (node, FULL_NAME)

    def node_of_record(self, service: str, log: str) -> str:
        """Node of a record by what it calls its service, and by whose log it stands in."""
        name = whole_of(service, log)
        return self.node_of_service.get(name, name)

    def has_log(self, node: str) -> bool:
        """Whether a file of a node is among the given ones."""
        return node in self.node_of_service.values()

    def label_of(self, word: str) -> str:
        """The node that an unknown word means: the only file of a server of that kind, else a name of its own."""
        nodes = self.nodes_by_noun.get(word.lower(), ())
        if len(nodes) == 1:
            return next(iter(nodes))
        label = host_label(word.lower())
        # `redis-a.internal` is whose log is called so; who is called coupon writes `coupons.log`.
        node, weight = self.forms.get(label) or self._find_plural(label) or (label, FULL_NAME)
        return node if label != word.lower() or weight == FULL_NAME else label

    def _find_plural(self, label: str) -> tuple[str, float] | None:
        """The node whose log is called like several of a word, or like one of it."""
        for form in (f"{label}s", label.removesuffix("s")):
            node = self.node_of_service.get(form)
            if node is not None and form != label and label not in self.members:
                return node, FULL_NAME
        return None

    def node_of_component(self, component: str) -> str | None:
        """Node of a well-known server by its name; None for what is no server (a runtime, a library, the kernel)."""
        server = server_called(component)
        return None if server is None else self.component_nodes.get(server, server)

    def members_of(self, name: str) -> Sequence[str]:
        """Nodes that all go by a name (hosts of one server, replicas of one service): who says it means one of them."""
        return self.members.get(name, ())

    @property
    def shared_names(self) -> frozenset[str]:
        """Names that several nodes with a log go by."""
        return frozenset(self.members)

    def mentions(self, text: str, own: str) -> dict[str, float]:
        """Find whom a text names.

        Args:
            text: Raw text of one record, or a template.
            own: Node of the record itself, which is left out.

        Returns:
            Node -> weight, 0 to 1: how surely it is meant.
        """
        found: dict[str, float] = {}
        text = text[:LONGEST_TEXT]
        previous, ended = "", -1
        in_library = any(mark in text for mark in _LIBRARY_MARKS)
        has_port_field = "port" in text
        for match in _TOKEN.finditer(text):
            scheme, name, port = match.groups()
            start, end = match.span()
            before = text[start - 1] if start else ""
            if before == "\\" and _IN_NAMESPACE.search(text[max(0, start - 3) : start]):
                # `Acme\\Queue\\Jobs` is a place in the code, and `CORP\\orders` a user.
                previous, ended = "", end
                continue
            if port is None and has_port_field and (field_port := _PORT_FIELD.match(text, end)):
                port = field_port[1]
            if before == ":" and name.isidentifier():
                # `orders.push:send:53` is a line of code, no port.
                port = None
            is_path = not scheme and before in _OF_PATH
            # `/system.slice/ledger.service`: a control group is the unit's, as the kernel names it.
            is_path = is_path and not name.endswith((".service", ".scope"))
            is_bare = port is None and not scheme
            has_dots = "." in name
            is_site = is_bare and has_dots and text[end : end + 1] == "/"
            if scheme and (scheme in _HOLDS or _READS_ON.search(f"{text[max(0, start - 40) : start]}{name}")):
                continue
            is_url = bool(scheme) or (is_bare and has_dots and is_host_that_fails(name, text[end : end + 60]))
            asked = name, port, is_path, in_library, is_url, previous, is_site
            known = self._resolved.get(asked)
            if known is None:
                if len(self._resolved) >= _MOST_RESOLVED:
                    self._resolved.clear()
                known = self._resolved[asked] = self._resolve(_Asked(*asked))
            node, weight = known
            if is_path and previous and start == ended + 1 and text[end : end + 1] != "/":
                # `be_shop/shop2`: a balancer's server, behind the pool that it is in.
                hit = self.forms.get(name.lower())
                node, weight = hit if hit is not None and hit[1] == FULL_NAME and self.has_log(hit[0]) else known
            former, ended = previous, end
            previous = "" if is_path else name.lower()
            if not node or weight <= found.get(node, 0.0) or node == own or own in self.members.get(node, ()):
                continue
            is_part = weight < FULL_NAME and former in _CALLED_ALIKE
            # `order ord_5ccc36`: a thing of the trade by its number, of which a service may have the name.
            is_part = is_part or (weight <= STEM and _NUMBERED.match(text, end) is not None)
            is_kept = is_bare and (is_part or former in _KEPT_IN)
            # `nova.virt` in nova-compute's log is its own code, though nova-api is called so in part as well.
            is_joined = has_dots or _CAMEL.search(name) is not None
            if not is_kept and not (is_bare and is_joined and _is_of_own(name, node, own)):
                found[node] = weight
        # Where one of several is told, the name that all of them go by is not told of the others.
        return {node: weight for node, weight in found.items() if found.keys().isdisjoint(self.members.get(node, ()))}

    def _resolve(self, asked: _Asked) -> tuple[str | None, float]:
        name, written_port, is_path, in_library, is_url, previous, is_site = asked
        port = int(written_port) if written_port else None
        lowered = name.lower().rstrip(".-_")
        if port is not None and not is_path:
            node = self._address.get((lowered, port))
            if node is None and (lowered in _NOT_HOSTS or lowered.replace(".", "").isdigit()):
                # A name says who it is; of an address only the port is known.
                node = self._address.get(("", port))
            if node:
                return node, FULL_NAME
        if is_path and lowered.endswith(_SOCKETS):
            return self.forms.get(lowered.rpartition(".")[0], (None, 0.0))
        if is_path:
            # A route may be called like a service; only the path of an installed library tells who is spoken to.
            return (self.libraries.get(lowered), DRIVER) if in_library else (None, 0.0)
        hit = self.forms.get(lowered)
        if hit is None and lowered.endswith("s") and lowered[:-1] in self.members:
            # `not enough bookies`: what several logs go by is told of as several.
            hit = self.forms.get(lowered[:-1])
        if hit:
            return hit
        joined = self.forms.get(f"{previous}-{lowered}") if previous else None
        if joined:
            return joined
        best: tuple[str | None, float] = (None, 0.0)
        # `docker.io/acme/shop`: whose a path is, is told by the whole name of its host, not by a part.
        words = [] if is_site else WORDS.findall(name)
        # `orderId` is the name of a field, nobody's.
        if len(words) > 1 and words[-1].lower() not in ("id", "ids", "uuid"):
            lower_words = [word.lower() for word in words]
            is_runtime = name.startswith(_RUNTIMES)
            for first in range(len(lower_words)):
                for last in range(first + 1, min(len(lower_words), first + 3) + 1):
                    # `SqlClient` is the driver sqlclient.
                    form, glued = "-".join(lower_words[first:last]), "".join(lower_words[first:last])
                    form = glued if is_runtime and glued in self.libraries else form
                    part = self.forms.get(form) if form in self.libraries or not is_runtime else None
                    if part and part[1] * 0.9 > best[1]:
                        best = (part[0], part[1] * 0.9)
        if best[0]:
            return best
        if name.isupper() and lowered in self.initials:
            return self.initials[lowered], _INITIALS
        if port in self.port_hints and lowered not in _COUNTED and not lowered.endswith(_SOURCE_SUFFIXES):
            return self.port_hints[port], _PORT_HINT
        if self.phantoms and _is_host(lowered, port, is_url) and not (name.isupper() and name.isalpha()):
            label = host_label(lowered)
            return self._find_plural(label) or (label, FULL_NAME * 0.8)
        return (None, 0.0)


_RUNTIMES: Final = ("Microsoft.", "System.", "java.", "javax.", "jdk.", "sun.")
"""Parts of a runtime: `Microsoft.IdentityModel` is no service called identity, and a driver in it is one."""


_CAMEL: Final = re.compile(r"[a-zA-Z][A-Z][a-z]")
"""A word of several, as code is named."""


def _is_of_own(name: str, node: str, own: str) -> bool:
    """All that a word has in common with a node's name it has in common with its author's own name too."""
    words, theirs, ours = ({word.lower() for word in WORDS.findall(text)} - ROLE_WORDS for text in (name, node, own))
    return bool(words & theirs) and words & theirs <= ours


def is_host_that_fails(name: str, behind: str) -> bool:
    """Whether a name with dots is a host's, of which the words behind it say that it cannot be reached.

    `api.heron.lan: [Errno 111] Connection refused`: a logger's name in front of such words ends otherwise.
    """
    return _NAMES_HOST.fullmatch(name) is not None and _FAILS_BEHIND.match(behind) is not None


_NAMES_HOST: Final = re.compile(
    r"(?!com\.|org\.|net\.|io\.)(?:[a-z0-9-]{1,63}\.){1,6}"
    r"(?:lan|local|localdomain|internal|int|intra|intranet|corp|private|home|svc|cloud|com|net|org|io|dev|example|test)"
)
_FAILS_BEHIND: Final = re.compile(
    r"(?i)\]?:? {0,2}(?:\[?errno|connect|(?:is )?unreachable|(?:no|not) (?:route|answer|respond)|(?:timed|time) ?out"
    r"|refused|does not answer|did not answer)"
)


def host_label(host: str) -> str:
    """The bare name of a host: without domain, port and pod suffix."""
    if host.replace(".", "").isdigit():
        return host
    labels = host.split(".")
    # `api.heron.example` says by its second part who it is.
    label = next((one for one in labels[:-1] if one not in ROLE_WORDS and one not in _PROTOCOLS), labels[0])
    pod = re.fullmatch(r"([a-z][a-z0-9-]*?)-[a-z0-9]{8,10}-[a-z0-9]{5}", label)
    return pod.group(1) if pod else label


def _is_host(name: str, port: int | None, is_url: bool) -> bool:
    if name in _NOT_HOSTS or name.endswith(_SOURCE_SUFFIXES):
        return False
    if is_url:
        return True
    if port is None or name.isdigit() or name in _COUNTED:
        return False
    return port in _LOW_PORTS or 1024 <= port < FIRST_EPHEMERAL_PORT
