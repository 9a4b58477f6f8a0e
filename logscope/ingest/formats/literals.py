"""Objects as languages print their own: Ruby's `{"a"=>nil}`, Python's `{'a': None}`, JavaScript's `{ a: undefined }`.

They are written again as JSON, token by token; what is none of these loads as nothing then.
"""

import re
from typing import Final

_TOKEN: Final = re.compile(
    rb'"(?:\\.|[^"\\])*"|(?P<text>[\'`](?:\\.|[^\'`\\])*[\'`])'
    rb"|(?P<arrow>[ \t]{0,80}=>)|:(?P<symbol>[A-Za-z_]\w*)(?=[ \t]{0,80}=>)"
    rb"|(?<![\w.])(?:(?P<none>nil|None|undefined)|(?P<true>True)|(?P<false>False))(?![\w.(])"
    rb"|(?P<stamp>(?<![\w.-])\d{4}-\d\d-\d\d[T ]\d\d:[\d:.]+(?:Z|[+-]\d\d:?\d\d)?)"
    rb"|(?P<name>(?<![\w$.])[A-Za-z_$][\w$]*)(?=[ \t]{0,80}:(?:[ \t]|$))",
    re.DOTALL | re.MULTILINE,
)
"""What is written otherwise in JSON, and texts in double quotes, which are the same there."""
_IN_TEXT: Final = re.compile(rb"\\(.)|([\"\n\t\r])", re.DOTALL)
_KEPT: Final = frozenset(b'"\\/bfnrtu')
"""Escapes that JSON knows."""
_WRITTEN: Final = {"none": b"null", "true": b"true", "false": b"false", "arrow": b":"}


def may_be_literal(text: bytes) -> bool:
    """Whether a text that is no JSON may be an object as a language prints it."""
    return text[:1] == b"{" and (b"=>" in text or b"'" in text)


def write_json(text: bytes) -> bytes:
    """The same object as JSON."""
    return _TOKEN.sub(_write, text)


def _write(found: re.Match[bytes]) -> bytes:
    kind, token = found.lastgroup, found[0]
    if kind is None:
        return token
    if kind == "text":
        return b'"' + _IN_TEXT.sub(_escape, token[1:-1]) + b'"' if token[:1] == token[-1:] else token
    if kind == "symbol":
        return b'"' + token[1:] + b'"'
    written = _WRITTEN.get(kind)
    return b'"' + token + b'"' if written is None else written


def _escape(found: re.Match[bytes]) -> bytes:
    escaped, bare = found.groups()
    if bare is not None:
        return {b'"': b'\\"', b"\n": b"\\n", b"\t": b"\\t", b"\r": b"\\r"}[bare]
    return found[0] if escaped[0] in _KEPT else escaped
