"""Chooses the forms of a file: objects, a format of the catalogue, pairs, or a learned head; several where mixed."""

import re
from collections.abc import Sequence
from typing import Final

from logscope.ingest.envelopes.envelope import EnvelopeForm
from logscope.ingest.envelopes.learn import LearnForms, learn_bodies, learn_envelope
from logscope.ingest.envelopes.openers import JsonOpener, TableOpener, TextOpener
from logscope.ingest.formats.catalogue import CatalogueEntry, read_catalogue, read_forms, read_styles
from logscope.ingest.formats.crash import CrashForm
from logscope.ingest.formats.form import Form, TextForm
from logscope.ingest.formats.head_regex import compile_head
from logscope.ingest.formats.json import JsonForm
from logscope.ingest.formats.levels import STRICT_LEVEL
from logscope.ingest.formats.objects import load_cut_object, load_object
from logscope.ingest.formats.plain import PlainForm, is_continuation
from logscope.ingest.formats.pretty import PrettyForm
from logscope.ingest.formats.stray import StrayForm
from logscope.ingest.formats.table import TableForm
from logscope.ingest.layouts.exports import open_cells, unwrap
from logscope.ingest.layouts.json import learn_cards, learn_json, learn_pretty
from logscope.ingest.layouts.logfmt import learn_pairs
from logscope.ingest.layouts.paragraphs import learn_paragraphs
from logscope.ingest.layouts.prefixes import find_piece_opener, find_prefix_opener
from logscope.ingest.layouts.rolls import find_roll
from logscope.ingest.layouts.sample import Sample
from logscope.ingest.layouts.services import name_services
from logscope.ingest.layouts.table import are_arrays, learn_nameless, learn_table, spans_lines
from logscope.ingest.layouts.text import find_stamp, learn_tail, learn_text, learn_untimed
from logscope.ingest.timestamps.kinds import KINDS
from logscope.ingest.timestamps.timestamp import ParseState
from logscope.ingest.timestamps.traces import TRACE
from logscope.model.severity import Severity
from logscope.text.decoding import detect_encoding, is_wide, transcode_sample
from logscope.text.unrolling import Roll, Unroller

_PER_PIECE: Final = 100
"""Lines of each of head, middle and tail that are looked at."""
_GLANCE: Final = 40
"""Lines that a format of the catalogue gets to show itself in before all are asked."""
_FORMS: Final = 4
_WRAPPED: Final = 0.8
"""Share of heads that values must follow to be read as such."""
_DEEPEST: Final = 3
"""Envelopes in envelopes: a collector around compose around a container that logs syslog, say."""
_UNENDED: Final = 12
"""Lines from which on the last is left out of a sample: its writer may not have ended it."""
_LONGEST: Final = 16_384


def find_sample_roll(sample: Sample) -> Roll | None:
    """Where the records of a file's lines stand; None where each line is one."""
    if sample.is_content or sample.head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] not in (b"{", b"["):
        return None
    rows = transcode_sample(sample.head, detect_encoding(sample.head)).split(b"\n")
    if len(rows) > 2:
        rows = rows[:-1]
    return find_roll([row for row in rows if row.strip()])


def collect_lines(sample: Sample, roll: Roll | None = None) -> tuple[list[bytes], str]:
    """Lines of the sample in the file's order, without line ends and blank ones, and the encoding's name.

    Args:
        sample: Of the file.
        roll: Where the records of its lines stand, where each of them is to be a line.
    """
    lines: list[bytes] = []
    encoding = detect_encoding(sample.head)
    for index, piece in enumerate((sample.head, sample.middle, sample.tail)):
        if index:
            lines.extend(sample.before_middle if index == 1 else sample.before_tail)
        if not piece:
            continue
        rows = transcode_sample(piece, encoding).split(b"\n")
        if index:
            rows = rows[1:]  # begins inside a line
        if roll is not None:
            rows = Unroller(roll).feed(b"\n".join(rows)).split(b"\n")
        is_cut = index < 2 and len(piece) < sample.size
        if len(rows) > (1 if is_cut else _UNENDED):
            rows = rows[:-1]  # may be cut, or not be written whole yet
        rows = [row.lstrip(b"\0").rstrip(b"\r\x1e")[:_LONGEST] for row in rows if row.strip(b" \t\r\0")]
        lines.extend(rows[-_PER_PIECE:] if index == 2 else rows[:_PER_PIECE])
    return lines, encoding


def learn_forms(lines: Sequence[bytes], reference: int | None = None, depth: int = 0) -> tuple[Form, ...]:
    """The forms of a sample's lines, the most frequent first; always at least one.

    Args:
        lines: Of the sample, without colours.
        reference: When the file was last written, microseconds UTC; None where that is not known.
        depth: How many envelopes they were taken out of.
    """
    if lines and depth < _DEEPEST:

        def learn_inner(bodies: Sequence[bytes]) -> tuple[Form, ...]:
            return learn_forms(bodies, reference, depth + 1)

        wrapped = learn_envelope(lines, learn_inner)
        if wrapped is None and (opener := find_piece_opener(lines) or find_prefix_opener(lines)) is not None:
            wrapped = learn_bodies(opener, lines, learn_inner)
        if wrapped is not None:
            rest = [line for line in lines if wrapped.parse(line, ParseState(2000)) is None]
            return (wrapped, *_learn_bare(rest, reference))
    forms = _learn_bare(lines, reference)
    if not depth:
        # Around lines of one service an envelope tells whose they are.
        forms = tuple(name_services(form, lines) for form in forms)
    return forms or (CrashForm(traces=False), PlainForm())


def _learn_bare(lines: Sequence[bytes], reference: int | None) -> tuple[Form, ...]:
    """Forms of lines that are not wrapped; none when nothing is found in them."""
    forms: list[Form] = []
    rest = list(lines)
    while rest and len(forms) < _FORMS:
        learned = _learn_form(rest, reference)
        if learned is None:
            break
        form, count = learned
        if isinstance(form, PrettyForm):
            return (form,) if not forms else tuple(forms)
        if forms and (count < 2 or count * 50 < len(rest) or _is_doubtful(form, forms)):
            break
        forms.extend(_part_formats(form, rest, reference))
        form = forms[-1]
        state = ParseState(2000)
        rest = [line for line in rest if form.parse(line, state) is None]
    if forms:
        if isinstance(forms[0], EnvelopeForm) and isinstance(opener := forms[0].opener, JsonOpener | TableOpener):
            forms.append(opener.header)  # what wraps nothing is a record, too
        names = {form.name for form in forms}
        forms.extend(form for entry, form in read_forms() if entry.goes_with in names)
        spare = _learn_spare(forms, lines, reference)
        if spare is not None:
            forms.append(spare)
        if not (_is_table(forms[0]) and spans_lines(lines)):
            forms.extend((StrayForm(), CrashForm(thrown=isinstance(forms[0], JsonForm))))
    return tuple(forms)


def _is_table(form: Form) -> bool:
    return isinstance(form, TableForm) or (isinstance(form, EnvelopeForm) and isinstance(form.opener, TableOpener))


def _part_formats(form: Form, lines: Sequence[bytes], reference: int | None) -> tuple[Form, ...]:
    """The form, or those of two loggers that write the same stamp, where the level of one stands elsewhere.

    A head that was learned from both reads the lines of the other as heads without a level.
    """
    if not isinstance(form, TextForm) or form.stamp is None or b"(?P<level>" not in form.pattern:
        return (form,)
    state = ParseState(2000)
    bare: list[bytes] = []
    told: list[bytes] = []
    for line in lines:
        head = form.parse(line, state)
        if head is not None:
            (bare if head.severity is Severity.UNKNOWN else told).append(line)
    if len(bare) < max(_LEAST_BARE, _BARE * len(told)) or len(told) < _LEAST_BARE:
        return (form,)
    learned = _learn_form(bare, reference)
    other = learned[0] if learned is not None else None
    if not isinstance(other, TextForm) or other.stamp is None or other.pattern == form.pattern:
        return (form,)
    levels = [head.severity for line in bare if (head := other.parse(line, state)) is not None]
    is_told = sum(1 for level in levels if level is not Severity.UNKNOWN) >= _NEARLY_ALL * len(bare)
    if not is_told or any(other.regex.match(line) for line in told[:_MANY]):
        return (form,)
    alone = _learn_form(told, reference)
    return (other, alone[0] if alone is not None and isinstance(alone[0], TextForm) else form)


_NEARLY_ALL: Final = 0.9
_LEAST_BARE: Final = 3
_BARE: Final = 0.05
"""Heads without a level, as a part of those with one, from which on they may be another logger's."""
_MANY: Final = 50
"""Lines of one logger of which the other's form reads none."""


def _is_doubtful(form: Form, others: Sequence[Form]) -> bool:
    """A number since 1970 somewhere in lines that no other form reads: `SET timestamp=1772719328`.

    Not so where other lines begin with such a number and the same words before it.
    """
    if not isinstance(form, TextForm) or form.stamp != "epoch" or form.pattern.startswith((b"(?P<minute>", b"\\[")):
        return False
    begin = form.pattern.partition(b"(?P<minute>")[0]
    alike = (one for one in others if isinstance(one, TextForm) and one.stamp == "epoch")
    return all(one.pattern.partition(b"(?P<minute>")[0] != begin for one in alike)


def _learn_form(lines: list[bytes], reference: int | None) -> tuple[Form, int] | None:
    inside = _learn_inside(reference)
    objects = [record for line in lines if line[:1] in b"{ \t,[" and (record := _load(line))]
    if objects and len(objects) * 2 >= _count_heads(lines):
        form = learn_json("json", objects, reference)
        return unwrap(form, objects, lines, inside) or form, len(objects)
    pretty = learn_pretty(lines, reference, lambda form, found, rows: unwrap(form, found, rows, inside))
    if pretty is not None:
        return pretty
    cards = learn_cards(lines, reference)
    if cards is not None:
        return cards
    paragraphs = learn_paragraphs(lines, reference)
    if paragraphs is not None:
        return _choose_entry(lines, paragraphs[1]) or paragraphs
    table = learn_table(lines, reference)
    if table is not None:
        return open_cells(table[0], lines, inside) or table[0], table[1]
    arrays = learn_nameless(lines, reference) if are_arrays(lines) else None
    if arrays is not None:
        return arrays
    pairs = learn_pairs(lines, reference)
    entry = _choose_entry(lines, 0)
    if entry is not None and pairs is None and _reads_most(entry[1], len(lines)):
        # Whatever head is learned, no more lines than all have it.
        return entry
    headed = _learn_headed(lines, reference)
    if headed is not None:
        return headed
    learned = learn_text(lines, reference)
    stamped = learned[1] if learned else 0
    if pairs is not None and pairs[1] >= stamped:
        return pairs
    if entry is not None and _reads_most(entry[1], stamped):
        return entry
    if learned is None or not _tells_levels(learned[0], lines):
        nameless = learn_nameless(lines, reference)
        if nameless is not None:
            return nameless
    if learned is None:
        return learn_tail(lines) or learn_untimed(lines)
    wrapped = _wrap_values(learned[0], lines, reference)
    if wrapped is not None:
        return wrapped, learned[1]
    return learned[0].renamed(_find_style(learned[0], lines)), learned[1]


def _tells_levels(form: TextForm, lines: Sequence[bytes]) -> bool:
    heads = (form.parse(line, ParseState(2000)) for line in lines)
    return any(head is not None and head.severity is not Severity.UNKNOWN for head in heads)


def _learn_inside(reference: int | None) -> LearnForms:
    """What learns the forms of lines that a collector read, which may be a transport's: `syslog` in a field, say."""

    def learn(bodies: Sequence[bytes]) -> tuple[Form, ...]:
        forms = learn_forms(bodies, reference, _DEEPEST - 1)
        return forms if isinstance(forms[-1], PlainForm) else (*forms, PlainForm())

    return learn


def _load(line: bytes) -> dict[str, object] | None:
    """The object of a line; of a long one what the sample holds of it."""
    record = load_object(line.strip(b" \t,[]\r"))
    return load_cut_object(line) if record is None and len(line) >= _LONGEST else record


def _learn_headed(lines: Sequence[bytes], reference: int | None) -> tuple[Form, int] | None:
    """The form of lines that end with an object behind a head of their own, and how many do; None for others.

    What is in the object must not be taken for a part of the head.
    """
    few = lines[:: max(1, len(lines) // _GLANCE)]
    if sum(b'{"' in line for line in few) < _WRAPPED * len(few):
        return None
    begins = {
        line: at for line in lines if (at := line.find(b'{"')) > 0 and load_object(line[at:].rstrip()) is not None
    }
    if len(begins) < _WRAPPED * len(lines):
        return None
    # The bracket stays, for what stands before the end of a line is a message.
    learned = learn_text([line[: at + 1] for line, at in begins.items()], reference)
    if learned is None:
        return None
    head = learned[0]
    said = {line[head.find_message(line) : at] for line, at in begins.items() if head.find_message(line) >= 0}
    levels = {found["level"] for line in begins if (found := head.regex.match(line)) is not None}
    if levels != {None} or len(said) * 10 > max(10, len(begins)):
        return None  # the object only adds to what is said before it
    form = TextForm(head.name, head.pattern + rb'[^\n]{0,160}?(?=\{")', head.stamp, levels=head.levels)
    wrapped = _wrap_values(form, lines, reference)
    return None if wrapped is None else (wrapped, learned[1])


def _wrap_values(form: TextForm, lines: Sequence[bytes], reference: int | None) -> EnvelopeForm | None:
    """Heads before objects or pairs: the head has the time, the values say the rest; None where text follows them."""
    bodies = [line[begin:] for line in lines if (begin := form.find_message(line)) >= 0]
    objects = [record for body in bodies if body[:1] == b"{" and (record := load_object(body.rstrip())) is not None]
    inner: Form | None = None
    if objects and len(objects) >= _WRAPPED * len(bodies):
        told = learn_json("json", objects, reference)
        inner = unwrap(told, objects, [body.rstrip() for body in bodies], _learn_inside(reference)) or told
    else:
        pairs = learn_pairs(bodies, reference)
        if pairs is not None and pairs[1] >= _WRAPPED * len(bodies):
            inner = pairs[0]
    return None if inner is None else EnvelopeForm(TextOpener(form), (inner, CrashForm(traces=False), PlainForm()), {})


def _find_style(form: TextForm, lines: Sequence[bytes]) -> str:
    """The name that people have for such heads."""
    heads = [line for line in lines if form.regex.match(line)][:100]
    return next(
        (
            name
            for name, style in read_styles()
            if sum(1 for line in heads if re.match(style, line)) * 10 >= len(heads) * 6
        ),
        form.name,
    )


def _learn_spare(forms: Sequence[Form], lines: Sequence[bytes], reference: int | None) -> Form | None:
    """A loose form for stamped lines that a strict form of the catalogue does not read: they are heads too."""
    if not forms or not isinstance(forms[0], TextForm):
        return None
    if forms[0].pattern not in {entry.pattern for entry in read_catalogue()}:
        return None
    match = forms[0].regex.match
    heads = [line for line in lines if match(line)]
    # What all heads of a known format look like some of them show.
    learned = learn_text(heads[:: max(1, len(heads) // _PER_PIECE)], reference)
    if learned is None or learned[0].stamp != forms[0].stamp:
        return None
    return learned[0]


def _count_heads(lines: Sequence[bytes]) -> int:
    state = ParseState()
    return sum(1 for line in lines if not is_continuation(line, state))


_KINDS: Final = frozenset(kind.name for kind in KINDS)


def _choose_entry(lines: Sequence[bytes], stamped: int) -> tuple[Form, int] | None:
    """The first format of the catalogue that reads most of the heads."""
    best: tuple[Form, int] | None = None
    few = lines[:: max(1, len(lines) // _GLANCE)]
    firsts = frozenset(line[0] for line in few if line)
    is_stamped = any(TRACE.search(line) for line in few)
    for entry, form in read_forms():
        if entry.goes_with or (entry.firsts is not None and entry.firsts.isdisjoint(firsts)):
            continue
        if (entry.stamp in _KINDS and not is_stamped) or not any(
            all(text in line for text in entry.literals) for line in few
        ):
            continue
        if not any(form.regex.match(line) for line in few):
            continue
        count = sum(1 for line in lines if form.regex.match(line))
        if count == 0 or not _reads_most(count, stamped) or not _has_required(entry, lines):
            continue
        if best is None or count > best[1]:
            best = entry.make_form(_choose_took(entry, lines)), count
    return best


def _reads_most(count: int, stamped: int) -> bool:
    return count * 10 >= stamped * 6


def _has_required(entry: CatalogueEntry, lines: Sequence[bytes]) -> bool:
    return all(any(re.search(pattern, line) for line in lines) for pattern in entry.requires)


def _choose_took(entry: CatalogueEntry, lines: Sequence[bytes]) -> bytes | None:
    for pattern in entry.took_searches:
        if sum(1 for line in lines if re.search(pattern, line)) * 2 > len(lines):
            return pattern
    return None


def looks_like_log(sample: Sample) -> bool:
    """Whether text with times or levels was sampled."""
    head = sample.head[:4096]
    if (
        not head
        or (b"\0" in head.lstrip(b"\0") and not is_wide(detect_encoding(head)))
        or sample.name.lower().endswith((".md", ".rst", ".html", ".svg", ".py", ".sh"))
    ):
        return False
    lines, _ = collect_lines(sample, find_sample_roll(sample))
    lines = lines[:200]
    marked_forms = [form for entry, form in read_forms() if entry.stamp not in _KINDS]
    match_level = compile_head(STRICT_LEVEL).match
    # Frames are no lines of their own: a trace of forty lines stands behind each head where all fails.
    wanted = max(1, sum(not line[:1].isspace() for line in lines) / 20)
    marked = 0
    for line in lines:
        marked += (
            match_level(line) is not None
            or find_stamp(line) is not None
            or _is_object(line)
            or any(form.regex.match(line) for form in marked_forms)
        )
        if marked >= wanted:
            return True
    return learn_untimed(lines) is not None or learn_table(lines) is not None


def _is_object(line: bytes) -> bool:
    record = load_object(line) if line[:1] == b"{" else None
    return record is not None and bool(learn_json("json", [record]).keys.times)
