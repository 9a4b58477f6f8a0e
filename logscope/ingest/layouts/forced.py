"""Formats that the user names: what `check` calls a format can be said of a file, and decides how it is learned."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from logscope.ingest.formats.catalogue import read_catalogue, read_styles
from logscope.ingest.formats.crash import CrashForm
from logscope.ingest.formats.form import Form
from logscope.ingest.formats.logfmt import PAIRS
from logscope.ingest.formats.objects import load_object
from logscope.ingest.formats.plain import PlainForm
from logscope.ingest.formats.stray import StrayForm
from logscope.ingest.layouts.json import learn_json, learn_pretty
from logscope.ingest.layouts.keys import read_key_names
from logscope.ingest.layouts.logfmt import learn_logfmt
from logscope.ingest.layouts.table import learn_table
from logscope.ingest.layouts.text import learn_tail, learn_text

_TABLES: Final = frozenset(("csv", "tsv", "w3c", "zeek"))


@lru_cache(maxsize=1)
def list_formats() -> tuple[str, ...]:
    """All names that can be said, in order."""
    names = {entry.name for entry in read_catalogue()}
    names |= {name for name, _ in read_styles()} | {name for name, _ in read_key_names().objects}
    return tuple(sorted(names | _TABLES | {"json", *PAIRS, "plain", "text"}))


def find_forced_form(name: str, lines: Sequence[bytes], reference: int | None = None) -> tuple[Form, ...]:
    """The forms of a format that the user named; none where it is not known, or no line can be read so.

    Args:
        name: One of `list_formats`. `plain` is text whose lines are records without times; `text` has a stamp.
        lines: Of the sample.
        reference: When the file was last written, microseconds UTC; None where that is not known.
    """
    if name == "plain":
        return (PlainForm(),)
    form = _learn_named(name, lines, reference)
    if form is not None:
        return form, StrayForm(), CrashForm()
    entries = [entry.make_form() for entry in read_catalogue() if entry.name == name]
    forms = sorted(((-sum(1 for line in lines if form.regex.match(line)), n) for n, form in enumerate(entries)))
    return tuple(entries[n] for count, n in forms if count) or tuple(entries[:1])


def _learn_named(name: str, lines: Sequence[bytes], reference: int | None) -> Form | None:
    """What the lines are as objects, pairs, a table or text, whichever the name is one of."""
    if name == "json" or name in {one for one, _ in read_key_names().objects}:
        objects = [record for line in lines if (record := load_object(line.strip(b" \t,[]\r"))) is not None]
        if objects:
            return learn_json(name, objects, reference).renamed(name)
        learned = learn_pretty(lines, reference, lambda *_: None)
        return None if learned is None else learned[0]
    if name in PAIRS:
        pairs = learn_logfmt([one for one in lines if len(PAIRS[name].findall(one[:4096])) > 1], reference, name)
        return None if pairs is None else pairs[0]
    if name in _TABLES:
        table = learn_table(lines, reference)
        return None if table is None else table[0]
    if name == "text" or name in {style for style, _ in read_styles()}:
        text = learn_text(lines, reference) or learn_tail(lines)
        return None if text is None else text[0].renamed(name)
    return None
