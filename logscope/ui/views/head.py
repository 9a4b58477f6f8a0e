"""The four sentences on top: label, words, place, confidence; the most important words survive the narrowest screen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.style import Style
from rich.text import Text

from logscope.analysis.story.sentences import sentences_in
from logscope.model.causes import Link
from logscope.model.snapshot import Sentence, Snapshot
from logscope.text.cells import cells_of
from logscope.text.safe_text import safe_text
from logscope.ui.formatting import Look, place, safe, shorten, shorten_clause, wrap

LABEL = 10
"""Cells of the label column."""
_FIRST_TO_WRAP = (1, 0, 3, 2)
"""Which sentence gets a line first where as much is lost: cause, state, users, trigger."""
_MOST_LINES = 4
_LEAST_WORDS = 8
"""Cells of a sentence's words that are kept beside what follows them."""
_FEWEST_WORDS = 16
"""Where each sentence has one line and the place alone is left beside the words."""
_TIGHT_WORDS, _SHORT_WORDS = 32, 18
"""The same where each sentence has one line: its words come before its figures; and before place and confidence."""
_BY_TIME = Link.TIME.how
_SHORTER = ((" requests ok", " ok"), ("no alert in these logs", "no alert logged"))
"""The same in fewer words, where these decide whether it fits."""


@dataclass(frozen=True, slots=True)
class _Laid:
    """A sentence and what follows its words."""

    sentence: Sentence
    words: str
    tail: tuple[tuple[str, Style], ...]
    """Time, place and confidence: never cut."""

    @property
    def tail_cells(self) -> int:
        return sum(cells_of(text) + 2 for text, _ in self.tail)

    def lines(self, width: int, count: int, look: Look) -> list[str]:
        """The words in `count` lines; the tail fits behind the last one."""
        room = width - LABEL - 1
        last = max(_LEAST_WORDS, room - self.tail_cells)
        if count == 1:
            return wrap(self.words, last, last, 1, look.glyphs)
        lines = wrap(self.words, room, room, count, look.glyphs)
        if len(lines) == count and cells_of(lines[-1]) > last:
            lines[-1:] = wrap(lines[-1], last, last, 1, look.glyphs)
        return lines

    def share_kept(self, width: int, count: int, look: Look) -> float:
        """How much of the words is seen in `count` lines, 0 to 1."""
        return sum(len(line) for line in self.lines(width, count, look)) / max(1, len(self.words))

    def needs(self, width: int, look: Look) -> int:
        """Lines that it wants."""
        room = width - LABEL - 1
        count = len(wrap(self.words, room, room, _MOST_LINES, look.glyphs))
        last = wrap(self.words, room, room, _MOST_LINES, look.glyphs)[-1]
        return min(_MOST_LINES, count + (cells_of(last) + self.tail_cells > room))


def sentence_lines(sentences: Sequence[Sentence], width: int, height: int, look: Look) -> list[Text]:
    """The four sentences in a given number of lines: one each at least, more for those that need it and have room."""
    is_tight = height <= len(sentences)
    laid = [_lay(sentence, width, look, is_tight=is_tight) for sentence in sentences[:height]]
    counts = [1] * len(laid)
    for _ in range(height - len(laid)):
        # Each further line goes where the least is left of the words: a long sentence that says most of its point
        # waits for a short one that has lost its own, and so does a widow.
        wanting = [n for n, one in enumerate(laid) if counts[n] < one.needs(width, look)]
        if not wanting:
            break
        least = min(wanting, key=lambda n: (laid[n].share_kept(width, counts[n], look), _FIRST_TO_WRAP.index(n)))
        counts[least] += 1
    lines: list[Text] = []
    for one, count in zip(laid, counts, strict=True):
        lines += _draw(one, one.lines(width, count, look), count, width, look)
    return lines[:height]


def as_of_now(
    snapshot: Snapshot, stopped: str, troubles: Sequence[tuple[str, str]], look: Look
) -> tuple[Sentence, ...]:
    """The sentences, where what they rest on is not read any more, or is not there yet.

    Args:
        snapshot: The last answer.
        stopped: Why reading has ended for good; empty while it goes on.
        troubles: Paths behind which nothing can be read now, each with the reason.
        look: How times are shown.
    """
    state, *rest = sentences = sentences_in(snapshot, look.dial.zone)
    if snapshot.provisional:
        # What is known of a part of the lines is not sure in any degree.
        rest = [replace(one, confidence=None, text=f"so far: {one.text}") if one.confidence else one for one in rest]
    if stopped:
        words = f"nothing more is read ({safe_text(stopped)}); until then: {state.label} {state.text}"
        return Sentence("STOPPED", words, None, "error"), *rest
    if any(file.lines for file in snapshot.files):
        return state, *rest
    nothing = (replace(one, text="-") for one in rest)
    if troubles:
        words = "; ".join(f"{safe_text(path)}: {safe_text(reason)}" for path, reason in troubles)
        return Sentence("WAITING", f"{words}; looked for again and again", None, "warning"), *nothing
    return (state, *nothing) if snapshot.progress.done and snapshot.files else sentences


def lines_wanted(sentences: Sequence[Sentence], width: int, look: Look) -> int:
    """Lines in which no sentence is cut, as far as it may grow."""
    return sum(_lay(sentence, width, look).needs(width, look) for sentence in sentences)


def _lay(sentence: Sentence, width: int, look: Look, *, is_tight: bool = False) -> _Laid:
    # Two spaces part the words from the figures that belong to them: those stay when words are cut.
    words, _, figures = sentence.text.partition("  ")
    words = _say_shorter(words, width - LABEL - 1, look)
    tail: list[tuple[str, Style]] = []
    if sentence.ref is not None:
        tail.append((place(sentence.ref), look.palette.info))
    if sentence.confidence is not None:
        tail.append((sentence.confidence.value.upper(), look.palette.strong))
    whole = width - LABEL - 1
    if sum(cells_of(text) + 2 for text, _ in tail) > whole - (_SHORT_WORDS if is_tight else _LEAST_WORDS):
        # Where both do not fit the place stays, as long as it leaves more than a name: the story has it as well.
        tail = [one for one in tail[:1] if not is_tight or cells_of(one[0]) + 2 <= whole - _FEWEST_WORDS]
        tail = [(shorten(text, whole - _LEAST_WORDS - 2, look.glyphs), style) for text, style in tail]
    room = whole - (_TIGHT_WORDS if is_tight else _LEAST_WORDS) - sum(cells_of(text) + 2 for text, _ in tail) - 2
    shown = _shorten_figures(figures, room, look)
    if figures.endswith(_BY_TIME) and not shown.endswith(_BY_TIME):
        # What may be a coincidence never looks like a cause: sooner the place goes, which the story has as well.
        shown, left = _BY_TIME, whole - sum(cells_of(text) + 2 for text in (_BY_TIME, *(text for text, _ in tail)))
        tail = tail if left >= _SHORT_WORDS else []
    # Half a time or half a figure says something else.
    if shown and not shown.endswith(look.glyphs.ellipsis):
        tail.insert(0, (shown, look.palette.plain))
    return _Laid(sentence, words, tuple(tail))


def _say_shorter(words: str, room: int, look: Look) -> str:
    """The same in fewer words where that saves a line: a last word alone in one is no line worth having."""
    count, shorter = len(wrap(words, room, room, _MOST_LINES, look.glyphs)), words
    for long, short in _SHORTER:
        shorter = shorter.replace(long, short)
        if len(wrap(shorter, room, room, _MOST_LINES, look.glyphs)) < count:
            return shorter
    return words


def _shorten_figures(figures: str, room: int, look: Look) -> str:
    """Time, lag, and how it is known: that it is known by time only is the last to go, the lag the first."""
    first, *others = figures.split(", ")
    shorter = [figures, ", ".join([first, *others[-1:]]), *others[-1:]]
    fitting = (text for text in shorter if cells_of(safe(text, look.glyphs)) <= room)
    return next(fitting, shorten_clause(figures, room, look.glyphs))


def _draw(one: _Laid, pieces: Sequence[str], count: int, width: int, look: Look) -> list[Text]:
    palette = look.palette
    tone = one.sentence.tone
    label_style = palette.tone(tone) + Style(bold=True) if tone != "plain" else palette.strong
    words_style = palette.cause if tone == "cause" else palette.plain
    lines = []
    for number, piece in enumerate(pieces):
        line = Text(no_wrap=True)
        line.append(f" {one.sentence.label if number == 0 else '':<{LABEL - 1}}", label_style)
        line.append(piece, words_style if piece != "-" else palette.dim)
        lines.append(line)
    room = width - lines[-1].cell_len
    if one.tail_cells > room - 1 and count > len(lines):
        lines.append(Text(" " * (LABEL - 2), no_wrap=True))
    for text, style in one.tail:
        lines[-1].append("  ", palette.plain)
        lines[-1].append(text, style)
    return lines
