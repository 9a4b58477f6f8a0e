"""Stack traces of the usual languages: which exceptions, and the frames of the application itself.

Works on the lines behind a record's head (or on a field that holds a trace). Line numbers and addresses never enter.
"""

import re
from dataclasses import dataclass
from typing import Final

_MOST_FRAMES: Final = 5
_MOST_TYPES: Final = 4
_MOST_LINES: Final = 256

_TYPE: Final = rb"[A-Za-z_$][\w$]*(?:(?:\.|::|\\)[A-Za-z_$][\w$]*){0,12}"
_JAVA_CAUSE: Final = re.compile(rb"\s*(?:Caused by|Suppressed): (" + _TYPE + rb")")
_EXCEPTION: Final = re.compile(
    rb"\s{0,8}(?:Uncaught |Unhandled exception\.? |Exception in thread \"[^\"]{0,200}\" |panic: "
    rb"|PHP Fatal error:  Uncaught )?"
    rb"(" + _TYPE + rb"(?:Exception|Error|Failure|Fault|Interrupt|Exit|Timeout|Warning)\w{0,40})(?=[:(\s]|$)"
)
_PYTHON_LAST: Final = re.compile(rb"(" + _TYPE + rb")(?:: |$)")
_ELIXIR: Final = re.compile(rb"\s{0,12}\*\* \(([A-Z][\w.]{0,100})\) ")
_FRAMES: Final = (
    re.compile(rb"\s+at (?:[\w.]{1,60}/{1,2})?([\w$.<>]{3,200})\("),
    re.compile(rb'\s+File "([^"]{1,300})", line \d+, in (.{1,80})'),
    re.compile(rb"\s+at (?:async )?(?:new )?([\w$.<>\[\] ]{1,120}) \((?:file://)?[^)]{1,300}\)"),
    re.compile(rb"\s+(?:from )?([\w./-]{1,200}\.rb):\d+:in [`'](.{1,80}?)'"),
    re.compile(rb"\s+(?:\([\w.-]{1,60} [\w.+-]{1,40}\) )?([\w./-]{1,200}\.(?:exs?|erl)):\d+: (.{1,80})"),
    re.compile(rb"#\d+ (?:[^:(]{1,200}\(\d+\): )?([\w\\:>-]{3,160})\("),
    re.compile(rb"([\w./*()-]{3,160})\([^()]{0,200}\)$"),
    re.compile(rb"\s+\d+: ([\w:<>]{3,160})"),
)
_RUNTIME: Final = (
    b"java.", b"javax.", b"jdk.", b"sun.", b"com.sun.", b"kotlin.", b"scala.", b"org.apache.", b"org.springframework.",
    b"io.netty.", b"reactor.", b"com.zaxxer.", b"org.eclipse.", b"org.hibernate.", b"System.", b"Microsoft.",
    b"runtime.", b"net/http", b"node:", b"internal/", b"std::", b"core::", b"tokio::",
)  # fmt: skip
_RUNTIME_PATHS: Final = (
    b"/site-packages/",
    b"/dist-packages/",
    b"/lib/python",
    b"/node_modules/",
    b"/gems/",
    b"/lib/ruby/",
    b"<frozen ",
)
_RUNTIME_APPS: Final = (b"(elixir ", b"(stdlib ", b"(kernel ", b"(logger ")

_TRACE_MARKS: Final = (
    b"\n\tat ", b"\n    at ", b"\n  at ", b"\n   at ", b"Traceback (most recent call last)", b"\nCaused by: ",
    b"\ngoroutine ", b"\n#0 ", b"stack backtrace:", b".rb:", b"\n** (", b"\n    ** (",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stack:
    """What a trace says."""

    types: tuple[bytes, ...]
    """Exceptions, the innermost cause first."""
    frames: tuple[bytes, ...]
    """The application's own calls, the innermost first; those of the runtime where it has none."""


def has_stack(text: bytes) -> bool:
    """A record that may hold a stack trace: cheap, and true too often rather than too seldom."""
    return any(mark in text for mark in _TRACE_MARKS)


def read_stack(text: bytes) -> Stack | None:
    """Read the trace in a record's continuations; None without frames.

    Args:
        text: The lines of the trace, with or without the head before it.
    """
    lines = text.split(b"\n", _MOST_LINES)[:_MOST_LINES]
    is_python = b"Traceback (most recent call last)" in text
    types: list[bytes] = []
    own: list[bytes] = []
    other: list[bytes] = []
    was_frame = False
    for line in lines:
        line = line[:600].rstrip()
        frame = _read_frame(line)
        if frame is not None:
            name, is_own = frame
            (own if is_own else other).append(name)
            was_frame = True
            continue
        cause = _JAVA_CAUSE.match(line)
        found = cause or _EXCEPTION.match(line) or _ELIXIR.match(line)
        if found is None and is_python and was_frame and line[:1] not in (b" ", b"\t", b""):
            found = _PYTHON_LAST.match(line)
        if found is not None and found[1] not in types:
            types.append(found[1])
        was_frame = was_frame and line[:1] in (b" ", b"\t")
    if not own and not other:
        return None
    # Python and Go write the innermost last in frames; Java, JavaScript and .NET first. Java names its cause last.
    if is_python:
        own.reverse()
        other.reverse()
    else:
        types.reverse()
    return Stack(tuple(types[:_MOST_TYPES]), _without_repeats(own or other))


def _read_frame(line: bytes) -> tuple[bytes, bool] | None:
    for pattern in _FRAMES:
        match = pattern.match(line)
        if match is None:
            continue
        if match.re.groups == 2:
            path, function = match[1], match[2]
            is_own = not any(mark in path for mark in _RUNTIME_PATHS) and not line.lstrip().startswith(_RUNTIME_APPS)
            return path.rsplit(b"/", 1)[-1].rsplit(b".", 1)[0] + b"." + function, is_own
        name = match[1]
        is_own = not name.startswith(_RUNTIME) and not any(mark in line for mark in _RUNTIME_PATHS)
        return _plain(name), is_own
    return None


_GENERATED: Final = re.compile(rb"\$\d+|\$\$\w+|0x[0-9a-f]+|\d{2,}")


def _plain(name: bytes) -> bytes:
    """A function's name without the numbers that compilers add."""
    return _GENERATED.sub(b"", name)


def _without_repeats(frames: list[bytes]) -> tuple[bytes, ...]:
    """The first frames; recursion counts once."""
    kept: list[bytes] = []
    for frame in frames:
        if not kept or kept[-1] != frame:
            kept.append(frame)
        if len(kept) == _MOST_FRAMES:
            break
    return tuple(kept)
