"""By which names the services of a set of files go: their own, their stems, those of the servers that they are."""

from collections.abc import Iterable, Mapping
from typing import Final

from logscope.analysis.kinds.components import Component, component_of, components
from logscope.analysis.kinds.entities import DRIVER, FULL_NAME, STEM, Names
from logscope.analysis.kinds.words import EVERYDAY_WORDS, ROLE_WORDS, WORDS

_GLUED: Final = ("service", "server", "svc", "srv", "api", "app")
"""The same where they are written in one word with the name."""

_SAME_SERVER_WORDS: Final = ROLE_WORDS - {"api", "app", "application", "backend", "web", "worker", "gateway"}
"""With these beside a server's name the file is the server's own (redis-monitor), with others it is a client's."""

_LONGEST_INITIALS: Final = 5
_WRITTEN_LARGE: Final = frozenset(
    (
        "http", "https", "tcp", "udp", "tls", "ssl", "dns", "sql", "url", "uri", "json", "xml", "csv", "rpc", "grpc",
        "rest", "get", "post", "put", "patch", "head", "info", "warn", "debug", "fatal", "trace", "utc", "cpu", "ram",
        "oom", "ssh", "ftp", "sftp", "jwt", "jvm", "amqp", "mqtt", "smtp", "imap", "html", "data", "null", "true",
    )
)  # fmt: skip
"""Written in capitals in any message."""
_LONGEST_SUFFIX: Final = 5
"""Of a file's name."""


def build_names(services: Mapping[str, str | None]) -> Names:
    """Build the forms for a set of files.

    Args:
        services: Service name -> the well-known server whose format its file has, or None.
    """
    names = Names()
    component_words = {word: one for one in components() for word in (*one.words, one.name)}
    written_by: dict[str, list[str]] = {}
    for service, format_component in services.items():
        words = [word.lower() for word in WORDS.findall(service)]
        server = next((component_words[word] for word in words if word in component_words), None)
        others = [word for word in words if server is None or component_words.get(word) is not server]
        is_server = server is not None and all(
            # `cache-redis` and `db-postgres` say twice what they are; in `db-1/postgresql` the folder tells which.
            word in _SAME_SERVER_WORDS
            or (word in server.nouns and "/" not in service)
            or word.isdigit()
            or len(word) == 1
            for word in others
        )
        node = server.name if server and is_server else service
        if format_component is not None and words and all(word in ROLE_WORDS for word in words):
            # `nginx/error.log`: its own name says nothing, its format says whose it is.
            node = format_component
        names.node_of_service[service] = node
        member = _server_in_folder(service, component_words)
        if member is not None:
            names.members.setdefault(member.name, []).append(node)
        kind = component_words.get(format_component or "") or (server if is_server else None)
        for noun in kind.nouns if kind else ():
            names.nodes_by_noun.setdefault(noun, set()).add(node)
        if node == service and format_component is not None:
            written_by.setdefault(format_component, []).append(service)
    for component, written in written_by.items():
        if component in names.node_of_service.values():
            continue
        # The only log in a server's own format is that server's, whatever its name; several are its members.
        if len(written) == 1:
            names.component_nodes[component] = written[0]
        else:
            names.members.setdefault(component, []).extend(written)
    _find_called_by_kind(names, services)
    _find_speaking(names)
    by_form: dict[str, dict[str, float]] = {}
    for service, node in names.node_of_service.items():
        for form, weight in _name_forms(service):
            by_form.setdefault(form, {}).setdefault(node, weight)
    for form, weights in by_form.items():
        best = max(weights.values())
        meant = [node for node, weight in weights.items() if weight == best]
        if len(meant) > 1:
            # `thumb` of thumb-1 to thumb-4: a name of its own, that each of them goes by.
            names.members.setdefault(form, meant)
        _offer(names, form, meant[0] if len(meant) == 1 else form, best)
    _find_initials(names)
    for known in components():
        node = names.component_nodes.get(known.name, known.name)
        for word in (known.name, *known.words):
            _offer(names, word, node, FULL_NAME)
        for driver in known.drivers:
            _offer(names, driver, node, DRIVER)
        for word in (*known.words, *known.drivers):
            names.libraries.setdefault(word, node)
        for port in known.ports:
            names.port_hints.setdefault(port, node)
    return names


def _find_called_by_kind(names: Names, services: Mapping[str, str | None]) -> None:
    """The one service that is called `db` or `ledger-db`, and shows no server's name, is whichever database is told of.

    Where several are called so, or a server of that name has a log, nobody knows.
    """
    last = {
        # `db-primary-1` is one as well, and `db-backup` is none.
        service: next((word for word in reversed(words) if word not in ROLE_WORDS and not word.isdigit()), "")
        for service, written_by in services.items()
        if written_by is None and component_of(service) is None and "/" not in service
        for words in ([word.lower() for word in WORDS.findall(service)],)
    }
    for known in components():
        called = [service for service, word in last.items() if word in known.nouns]
        if len(called) == 1 and known.name not in {*names.node_of_service.values(), *names.members}:
            names.component_nodes.setdefault(known.name, called[0])


def _find_speaking(names: Names) -> None:
    """Where a server's protocol is spoken by another one that has a log, and it has none, that one is meant by it."""
    nodes = set(names.node_of_service.values())
    for known in components():
        if known.speaks and known.name in nodes and known.speaks not in nodes | names.members.keys():
            names.component_nodes.setdefault(known.speaks, known.name)


def _find_initials(names: Names) -> None:
    """Words of which one node's name alone is made in part: written in capitals they are no words of the message."""
    holders: dict[str, set[str]] = {}
    for service, node in names.node_of_service.items():
        for word in {word.lower() for word in WORDS.findall(service)} - EVERYDAY_WORDS - _WRITTEN_LARGE:
            holders.setdefault(word, set()).add(node)
    names.initials = {
        word: next(iter(nodes))
        for word, nodes in holders.items()
        if len(nodes) == 1 and word.isalpha() and 3 <= len(word) <= _LONGEST_INITIALS and word not in names.forms
    }  # fmt: skip


def _server_in_folder(service: str, component_words: Mapping[str, Component]) -> Component | None:
    """The server whose own log a service named by folder and file is (`db-2/postgresql`); None where it is none."""
    folder, _, name = service.rpartition("/")
    words = [word.lower() for word in WORDS.findall(name)]
    server = next((component_words[word] for word in words if word in component_words), None)
    if not folder or server is None:
        return None
    is_own = all(component_words.get(word) is server or word in _SAME_SERVER_WORDS or word.isdigit() for word in words)
    return server if is_own else None


def _offer(names: Names, form: str, node: str, weight: float) -> None:
    have = names.forms.get(form)
    if have is None or weight > have[1]:
        names.forms[form] = (node, weight)


def _name_forms(service: str) -> Iterable[tuple[str, float]]:
    words = [word.lower() for word in WORDS.findall(service)]
    if not words or all(word in EVERYDAY_WORDS for word in words):
        # `error.log` and `[retry]`: words of any message, nobody's name.
        return
    yield service.lower(), FULL_NAME
    folder, _, name = service.rpartition("/")
    if folder and all(word.lower() in ROLE_WORDS for word in WORDS.findall(name)):
        # `web-3/app`: the folder is its name.
        yield folder.lower(), FULL_NAME
    yield "-".join(words), FULL_NAME
    yield "_".join(words), FULL_NAME
    yield "".join(words), FULL_NAME
    bare, dot, suffix = name.lower().partition(".")
    if dot and suffix.isalpha() and len(suffix) <= _LONGEST_SUFFIX and bare not in EVERYDAY_WORDS:
        # `cart.clef` and `cart.err` are of cart, whatever its files are called.
        yield bare, STEM
    stem = [word for word in words if word not in ROLE_WORDS and not word.isdigit()]
    if stem and stem != words and len("".join(stem)) >= 4:
        yield "-".join(stem), STEM
        yield "".join(stem), STEM
    glued = next((end for end in _GLUED if words[-1].endswith(end)), None)
    if glued is not None and len(words) == 1 and len(words[0]) >= len(glued) + 4:
        # `cartsvc` is called cart by its clients.
        yield words[0].removesuffix(glued), STEM
