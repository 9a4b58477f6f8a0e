"""Reduces what is written to a terminal to the cells that change: a slow link carries a tenth.

Pure. Textual paints whole regions: places (CUP), styles (SGR) and text. These are applied to a copy of the screen, and
only cells that differ go out. All other sequences pass unchanged; after one that may alter the screen in another way
nothing is known of the cells any more, and each is written again.
"""

import re
from functools import lru_cache
from itertools import groupby
from typing import Final, NamedTuple

from rich.cells import cell_len, get_character_cell_size

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<row>\d*)(?:;(?P<column>\d*))?H"
    r"|\x1b\[(?P<style>[\d;:]*)m"
    r"|(?P<sync>\x1b\[\?2026[hl])"
    r"|(?P<harmless>\x1b\[\?(?!1049|47|1047|3[hl]|7[hl])[\d;]*(?:[hlu]|\$p)|\x1b\[[<>=][\d;]*u|\x1b\[\d* q|\x1b\[6n"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x07)"
    r"|(?P<other>\x1b\[[0-?]*[ -/]*[@-~]|\x1b[PX^_][^\x1b]*\x1b\\|\x1b.?|[\x00-\x09\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f])"
    r"|(?P<newline>\r?\n)|(?P<return>\r)|(?P<text>[^\x00-\x1f\x7f]+)",
    re.DOTALL,
)
_WORTH_A_JUMP: Final = 5
"""Unchanged cells of the same style that cost no more to write than to jump over."""
_BLANKS: Final = re.compile(" {12,}| {7,}$")
"""Blanks that cost less to erase, and to jump over where something follows, than to write."""
_SEEN_ON_BLANKS: Final = frozenset({"4", "21", "7", "9", "51", "52", "53"})
"""Lines and reversed colours: they are seen where nothing is written."""


class Style(NamedTuple):
    """What SGR has set."""

    foreground: str = ""
    background: str = ""
    attributes: tuple[str, ...] = ()


_PLAIN: Final = Style()


@lru_cache(maxsize=4096)
def is_bare(style: Style) -> bool:
    """Of a blank in it only the background is seen."""
    return _SEEN_ON_BLANKS.isdisjoint(style.attributes)


@lru_cache(maxsize=4096)
def apply_sgr(style: Style, parameters: str) -> Style:
    """The style after one SGR sequence."""
    foreground, background, attributes = style
    codes = parameters.replace(":", ";").split(";")
    at = 0
    while at < len(codes):
        code = codes[at] or "0"
        at += 1
        if code == "0":
            foreground, background, attributes = _PLAIN
        elif code in ("38", "48"):
            width = 4 if codes[at : at + 1] == ["2"] else 2
            colour = ";".join([code, *codes[at : at + width]])
            at += width
            if code == "38":
                foreground = colour
            else:
                background = colour
        elif len(code) == 2 and code[0] in "39" and code != "39":
            foreground = code
        elif code == "39":
            foreground = ""
        elif code == "49":
            background = ""
        elif (len(code) == 2 and code[0] == "4") or (len(code) == 3 and code.startswith("10")):
            background = code
        elif code in _OFF:
            attributes = tuple(known for known in attributes if known not in _OFF[code])
        elif code not in attributes:
            attributes = tuple(sorted((*attributes, code)))
    return Style(foreground, background, attributes)


_OFF: Final = {
    "22": ("1", "2"), "23": ("3",), "24": ("21", "4"), "25": ("5", "6"), "27": ("7",), "28": ("8",), "29": ("9",),
    "54": ("51", "52"), "55": ("53",),
}  # fmt: skip


@lru_cache(maxsize=4096)
def change_style(before: Style, after: Style) -> str:
    """The shortest SGR sequence from one style to another."""
    if before == after:
        return ""
    if after == _PLAIN:
        return "\x1b[m"
    from_plain = ["0", *after.attributes]
    from_plain += [code for code in (after.foreground, after.background) if code]
    codes = _switch_off(before.attributes, after.attributes)
    if before.foreground != after.foreground:
        codes.append(after.foreground or "39")
    if before.background != after.background:
        codes.append(after.background or "49")
    return min(f"\x1b[{';'.join(codes)}m", f"\x1b[{';'.join(from_plain)}m", key=len)


def _switch_off(before: tuple[str, ...], after: tuple[str, ...]) -> list[str]:
    """Codes that leave of some attributes others; some are only switched off together."""
    codes: list[str] = []
    left = set(before)
    for off, gone in _OFF.items():
        if left.intersection(gone).difference(after):
            codes.append(off)
            left.difference_update(gone)
    return codes + [code for code in after if code not in left]


class CellDiff:
    """The screen as the terminal shows it."""

    def __init__(self, *, can_erase: bool = False) -> None:
        """Begin with a screen of no size.

        Args:
            can_erase: The terminal erases cells in the colour of the background that is set.
        """
        self._can_erase = can_erase
        self._texts: list[list[str]] = []
        """Of each cell; empty behind a wide character, and where nothing is known."""
        self._styles: list[list[Style | None]] = []
        """None: nothing is known of the cell."""
        self._row = self._column = 0
        """Where the painter stands."""
        self._style = _PLAIN
        self._at: tuple[int, int] | None = None
        """Where the terminal's cursor stands, row and column; None when that is not known."""
        self._shown_style: Style | None = None
        self._held = ""
        """Begin of a synchronised update that holds nothing yet."""
        self._out: list[str] = []
        self._width = 0

    def resize(self, width: int, height: int) -> None:
        """The terminal has this size now: nothing is known of its cells."""
        self._width = width
        self._texts = [[""] * width for _ in range(height)]
        self._styles = [[None] * width for _ in range(height)]
        self._at = None
        self._shown_style = None

    def forget(self) -> None:
        """Paint every cell again when it is asked for next."""
        self.resize(self._width, len(self._texts))

    def reduce(self, data: str) -> str:
        """What must be written so that the terminal shows the same as after `data`."""
        self._out = []
        moved = False
        for match in _TOKEN.finditer(data):
            kind = match.lastgroup
            if kind == "text":
                self._paint(match[0])
                moved = False
            elif kind == "style":
                self._style = apply_sgr(self._style, match["style"])
            elif kind in ("row", "column") or kind is None:
                self._row = int(match["row"] or 1) - 1
                self._column = int(match["column"] or 1) - 1
                moved = True
            elif kind == "newline":
                self._row, self._column = self._row + 1, 0
            elif kind == "return":
                self._column = 0
            elif kind == "sync":
                self._take_sync(match[0])
            else:
                self._pass_on(match[0], is_harmless=kind == "harmless")
        if moved:
            # Input methods of the terminal draw at its cursor.
            self._go(self._row, self._column)
        return "".join(self._out)

    def _take_sync(self, sequence: str) -> None:
        if sequence.endswith("h"):
            self._held = sequence
        elif self._held:
            self._held = ""
        else:
            self._out.append(sequence)

    def _write(self, text: str) -> None:
        if self._held:
            self._out.append(self._held)
            self._held = ""
        self._out.append(text)

    def _pass_on(self, sequence: str, *, is_harmless: bool) -> None:
        if self._shown_style != _PLAIN and not is_harmless:
            self._write("\x1b[m")
            self._shown_style = _PLAIN
        self._write(sequence)
        if not is_harmless:
            self.forget()

    def _go(self, row: int, column: int) -> None:
        if self._at == (row, column):
            return
        if self._at is not None and self._at[0] == row and 0 < column - self._at[1] < 1000:
            step = column - self._at[1]
            self._write(f"\x1b[{step if step > 1 else ''}C")
        else:
            self._write(f"\x1b[{row + 1};{column + 1}H")
        self._at = (row, column)

    def _paint(self, text: str) -> None:
        row, column, style = self._row, self._column, self._style
        if not 0 <= row < len(self._texts) or column >= self._width:
            self._column += cell_len(text)
            return
        cells = list(text) if text.isascii() else _split_cells(text)
        cells = cells[: self._width - column]
        end = column + len(cells)
        self._column = end
        texts, styles = self._texts[row], self._styles[row]
        if texts[column:end] == cells and styles[column:end] == [style] * len(cells):
            return
        changed = [
            old != new or (known != style and not (new == " " and _is_as_blank(known, style)))
            for old, new, known in zip(texts[column:end], cells, styles[column:end], strict=True)
        ]
        # Half of a wide character is not written alone, and what it stood on is gone.
        for n, cell in enumerate(cells):
            if cell == "" and n and changed[n]:
                changed[n - 1] = True
            if n + 1 < len(cells) and cells[n + 1] == "" and changed[n]:
                changed[n + 1] = True
        self._emit(row, column, cells, changed, style)
        texts[column:end] = cells
        styles[column:end] = [style] * len(cells)
        if end < self._width and texts[end] == "" and styles[end] is not None:
            styles[end] = None
        if column and texts[column] != "" and cell_len(texts[column - 1]) == 2:
            styles[column - 1] = None

    def _emit(self, row: int, column: int, cells: list[str], changed: list[bool], style: Style) -> None:
        runs = [(is_changed, len(list(run))) for is_changed, run in groupby(changed)]
        at = 0
        for number, (is_changed, length) in enumerate(runs):
            is_gap = 0 < number < len(runs) - 1 and length < _WORTH_A_JUMP
            if is_changed or is_gap:
                self._go(row, column + at)
                text = "".join(cells[at : at + length])
                self._set_style(style, is_blank=text.isspace())
                end = column + at + length
                if self._can_erase and is_bare(style):
                    shorter = _BLANKS.sub(_erase, text)
                    if shorter.endswith("X"):
                        end -= len(text) - len(text.rstrip(" "))
                    text = shorter
                self._write(text)
                # At the right edge terminals differ in where the cursor stands.
                self._at = (row, end) if end < self._width else None
            at += length

    def _set_style(self, style: Style, *, is_blank: bool) -> None:
        """What is written next has this style; of blanks only what is seen of it."""
        shown = self._shown_style
        if shown is None:
            self._write("\x1b[m")
            shown = _PLAIN
        if is_blank and is_bare(style) and is_bare(shown):
            style = shown._replace(background=style.background)
        self._write(change_style(shown, style))
        self._shown_style = style


def _is_as_blank(known: Style | None, style: Style) -> bool:
    """A blank looks the same in both."""
    return known is not None and known.background == style.background and is_bare(known) and is_bare(style)


def _erase(blanks: re.Match[str]) -> str:
    """Erase so many cells; the cursor goes on where something follows."""
    count = blanks.end() - blanks.start()
    return f"\x1b[{count}X" + (f"\x1b[{count}C" if blanks.end() < len(blanks.string) else "")


def _split_cells(text: str) -> list[str]:
    """One entry a cell: marks that combine belong to the character before; a wide character is followed by nothing."""
    cells: list[str] = []
    for character in text:
        width = get_character_cell_size(character)
        if width == 0:
            if cells:
                at = len(cells) - (2 if cells[-1] == "" and len(cells) > 1 else 1)
                cells[at] += character
        else:
            cells.append(character)
            if width == 2:
                cells.append("")
    return cells
