"""What of a record may name somebody: neither the statement that was asked for nor whose session it was."""

import re
from collections.abc import Iterable
from typing import Final

from logscope.analysis.kinds.addresses import without_host
from logscope.analysis.kinds.components import component_of, keeps_data
from logscope.ingest.batch import SignatureKind
from logscope.ingest.layouts.layout import Layout

_SQL: Final = re.compile(
    r"(?:STATEMENT|QUERY|CONTEXT|DETAIL): [^\n]*|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|ALTER TABLE|CREATE)\s[^\n]*"
)
"""Words of a statement are tables and columns, not who is to blame."""
_SESSION: Final = re.compile(r"\b[CS]-0x[0-9a-f]{4,16}: \S{1,80}/\S{1,80}@\S{1,60}")
"""Whose session a pooler speaks of: its database and user are named like anything, and not to blame."""
_WHOSE: Final = re.compile(r"\b(?:db|database|user|host): ?'[^'\n]{0,80}'")
"""`Aborted connection 18 to db: 'shop' user: 'orders'`: a server that keeps data tells so whose session it was."""
_LABEL: Final = re.compile(r"^.{0,200}?\b(STATEMENT|QUERY|DETAIL|HINT|CONTEXT|LOCATION): {1,2}")


def read_spoken(text: bytes, layout: Layout, kind: SignatureKind) -> str:
    """What may name somebody in a record: its message, its fields, and the exceptions and libraries of its trace."""
    decoded = without_host(text).decode("utf-8", "replace")
    if kind is SignatureKind.REQUEST:
        fields = layout.fields(text)
        return " ".join(str(value) for name, value in fields.values.items() if "upstream" in name or "backend" in name)
    owner = component_of(layout.name)
    if owner is not None and keeps_data(owner):
        # In front of what a database says stands whose session it was, not who is to blame.
        fields = layout.fields(text)
        decoded = _WHOSE.sub(" ", "\n".join((fields.message, *_own_words(fields.stack or ""))))
    return _SQL.sub(" ", _SESSION.sub(" ", decoded))


def _own_words(stack: str) -> Iterable[str]:
    """What a database says below an error, without what it was asked: the client's words name the client's things."""
    is_asked = False
    for line in stack.split("\n"):
        label = _LABEL.match(line)
        if label is not None:
            is_asked = label[1] in ("STATEMENT", "QUERY")
        if not is_asked:
            yield line[label.end() :] if label is not None else line
