"""Proof without logscope: shell commands that show a line, or count a kind, with nothing but the usual tools.

A pattern is made from a kind's template and checked against the samples of all kinds of the same log: the command's
answer is told beforehand, also where it counts more than one kind. Pure. A text from a file is quoted for the shell.
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Final

from logscope.model.files import ROLLED, FileSummary, LineRef
from logscope.model.kinds import GroupSummary
from logscope.model.snapshot import Snapshot
from logscope.sources.discovery import STDIN

_MASK: Final = re.compile(r"<(?:num|id|ip|mail|time|path|url|hex|uuid|host|\*|[a-z_]{1,12})>")
_SPECIAL: Final = set(".^$*+?()[]{}|\\")
_PIPED: Final = "<what was piped>"
"""To be filled in: a pipe cannot be read a second time."""
_LONGEST: Final = 240
"""Characters of a template that go into a pattern."""
_GAP: Final = re.compile(r'(\.\*|\[\^ \?"\]\*|\[-\+0-9\]\*)')
"""What stands in a pattern for what differs."""
_MOST_BEGINS: Final = 20
"""Places of a line at which a pattern is tried: where its first words stand so often, no other one holds it either."""
_READERS: Final = ((".gz", "zcat"), (".Z", "zcat"), (".bz2", "bzcat"), (".xz", "xzcat"), (".zst", "zstdcat"))


@dataclass(frozen=True, slots=True)
class Proof:
    """One command."""

    what: str
    """What it shows."""
    command: str
    expected: str = ""
    """What it prints; empty where that is the line itself."""
    count: int | None = None
    """The number that it prints; None where it prints lines."""


def prove_line(ref: LineRef) -> Proof:
    """The command that prints one line."""
    if ref.file == STDIN:
        return Proof("this line, where the same is piped again", f"{_PIPED} | sed -n {ref.line}p")
    reader = _reader_of(ref.file)
    file = _quote(ref.file)
    command = f"sed -n {ref.line}p {file}" if reader is None else f"{reader} {file} | sed -n {ref.line}p"
    return Proof("this line", command)


def prove_count(group: GroupSummary, snapshot: Snapshot) -> Proof | None:
    """The command that counts a kind; None where its lines cannot be told by a pattern.

    Args:
        group: The kind.
        snapshot: All kinds and files.
    """
    files = [file for file in snapshot.files if file.source == group.source]
    if group.examined_only or any(problem.kind == ROLLED for file in files for problem in file.problems):
        # It was counted in the window around the onset alone; or a line holds many records.
        return None
    pattern = make_pattern(group)
    if pattern is None:
        return None
    alike = [
        other
        for other in snapshot.groups
        if other.source == group.source and _search(pattern, _first_line(other)) is not None
    ]
    if group not in alike:
        return None
    count = sum(other.count for other in alike)
    expected = f"{count:,}"
    if len(alike) > 1:
        others = ", ".join(f"{other.count:,}" for other in alike if other is not group)
        expected += f": {group.count:,} of this kind, and {others} of kinds that begin alike"
    if not snapshot.progress.done:
        # The command reads the files to their end.
        expected = f"at least {expected}, as far as was read"
    is_piped = any(file.path == STDIN for file in files)
    command = f"{_PIPED if is_piped else _read_all(files)} | grep -acE -e {_quote(pattern)}"
    again = ", where the same is piped again" if is_piped else ""
    return Proof(f"how often this kind was written{again}", command, expected, count)


def make_pattern(group: GroupSummary) -> str | None:
    """An extended regular expression for the first lines of a kind's records; None where nothing literal is left."""
    first = _first_line(group)
    pattern = (
        _request_pattern(group, first) if group.request else _text_pattern(group.template.split("\n")[0][:_LONGEST])
    )
    if pattern is None:
        return None
    found = _search(pattern, first)
    if found is None:
        return None
    begin, end = found
    # The quotes around the message of structured lines keep short messages from matching inside longer ones.
    before, after = first[:begin][-1:], first[end:][:1]
    opening = '"' if before == '"' else ""
    closing = '"' if after == '"' and not pattern.endswith(".*") else ""
    return f"{opening}{pattern}{closing}"


def _text_pattern(template: str) -> str | None:
    pieces = [_escape(piece) for piece in _MASK.split(template)]
    if sum(len(piece) for piece in pieces) < 3:
        return None
    return re.sub(r"(?:\.\*)+", ".*", ".*".join(pieces))


def _request_pattern(group: GroupSummary, first: str) -> str | None:
    """Method and route on one side, the status on the other, in the order in which the sample has them."""
    method, _, rest = group.template.partition(" ")
    route, _, status = rest.rpartition(" ")
    path = '[^ ?"]*'.join(_escape(piece) for piece in re.split(r"\*|<[a-z*]+>", route))
    request = f'{_escape(method)} {path}[ ?"]'
    number = f"[^0-9.]{_escape(status)}[^0-9.]"
    found = _search(request, first)
    if found is None:
        return None
    begin, end = found
    behind = re.search(number, first[end - 1 :])
    if behind is not None:
        lead = first[end - 1 :][max(0, behind.start() - 1) : behind.start() + 1]
        return f"{request}.*{_escape(lead)}{_escape(status)}[^0-9.]"
    ahead, is_there, _ = first[:begin].partition(f" {status} ")
    if not is_there:
        return None
    # The word before the status tells its place: other numbers of the line may be the same.
    word = "[-+0-9]*".join(_escape(piece) for piece in re.split(r"[-+0-9]+", ahead.rpartition(" ")[2]))
    return f" {word} {_escape(status)} .*{request}"


def _search(pattern: str, line: str) -> tuple[int, int] | None:
    """Where a pattern is found in a line: begin, and the end behind it; None where `grep` would not find it.

    What differs is as short as the words behind it allow, and is not tried in another length: of words in a row the
    first place of each is as good as any. Else a line that a stranger wrote could keep the screen busy for days.
    """
    words, behind = _take_apart(pattern)
    for begin in islice(words.finditer(line), _MOST_BEGINS):
        found = behind.match(line, begin.end())
        if found is not None:
            return begin.start(), found.end()
    return None


@lru_cache(maxsize=64)
def _take_apart(pattern: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """The words that a pattern begins with, and what follows them."""
    words, *rest = _GAP.split(pattern)
    behind = "".join(f"(?>{gap}?{more})" for gap, more in zip(rest[::2], rest[1::2], strict=True))
    return re.compile(words), re.compile(behind)


def _first_line(group: GroupSummary) -> str:
    return group.sample.split("\n", 1)[0]


def _escape(text: str) -> str:
    """A text as a pattern that is plain ASCII: what is special, invisible or written in another way matches loosely."""
    out = []
    for letter in text:
        if letter == '"':
            out.append('\\\\?"')
        elif not letter.isascii() or not letter.isprintable():
            out.append(".*")
        elif letter in _SPECIAL:
            out.append("\\" + letter)
        else:
            out.append(letter)
    return "".join(out)


def _read_all(files: Sequence[FileSummary]) -> str:
    """The command that prints all parts of a log."""
    by_reader: dict[str, list[str]] = {}
    for file in files:
        by_reader.setdefault(_reader_of(file.path) or "cat", []).append(file.path)
    commands = [f"{reader} {' '.join(_quote(path) for path in paths)}" for reader, paths in by_reader.items()]
    return commands[0] if len(commands) == 1 else "{ " + " ".join(f"{command};" for command in commands) + " }"


def _reader_of(path: str) -> str | None:
    return next((reader for suffix, reader in _READERS if path.endswith(suffix)), None)


def _quote(text: str) -> str:
    quoted = shlex.quote(text)
    return quoted if not quoted.startswith("-") else f"./{quoted}"


def prove(group: GroupSummary | None, ref: LineRef | None, snapshot: Snapshot) -> tuple[Proof, ...]:
    """What can be shown of a row: the count of its kind, and its line."""
    proofs: Iterable[Proof | None] = (
        prove_count(group, snapshot) if group is not None else None,
        prove_line(ref) if ref is not None and ref.line > 0 else None,
    )
    return tuple(proof for proof in proofs if proof is not None)
