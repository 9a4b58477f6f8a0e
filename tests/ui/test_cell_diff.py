"""What the reduced stream shows is what the whole stream shows, on a real emulator; and it is shorter."""

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from logscope.ui.cell_diff import CellDiff

WIDTH, HEIGHT = 40, 5
TEXTS = st.one_of(
    st.text(st.sampled_from("ab 界é│#"), min_size=1, max_size=8),
    st.tuples(st.sampled_from(["", "a", "界"]), st.integers(7, 14), st.sampled_from(["", "b"])).map(
        lambda parts: parts[0] + " " * parts[1] + parts[2]
    ),
)
STYLES = st.sampled_from(
    ["", "0", "1;31", "38;2;1;2;3;48;2;9;9;9", "48;5;7", "7", "22", "39;49", "3;92;104", "0;4", "24"]
)
MOVES = st.tuples(st.integers(1, HEIGHT), st.integers(1, WIDTH)).map(lambda at: f"\x1b[{at[0]};{at[1]}H")
PIECES = st.one_of(
    MOVES,
    st.tuples(MOVES, STYLES, TEXTS).map(lambda piece: f"{piece[0]}\x1b[{piece[1]}m{piece[2]}\x1b[0m"),
    st.sampled_from(["\x1b[?2026h", "\x1b[?2026l", "\x1b[?25l", "\x1b[2J"]),
)


def show(stream):
    """Text and style of every cell after a stream, on an emulator whose lines do not wrap."""
    screen = pyte.Screen(WIDTH, HEIGHT)
    pyte.Stream(screen).feed("\x1b[?7l" + stream)
    rows = [[look_at(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]
    return rows, (screen.cursor.y, screen.cursor.x)


def look_at(cell):
    """What is seen of a cell: of a blank without lines only its background."""
    is_bare = cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough)
    return cell._replace(fg="default", bold=False, italics=False, blink=False) if is_bare else cell


def in_bounds(piece):
    """Textual never paints over the edge."""
    column = int(piece.split(";")[1].split("H")[0]) if piece.startswith("\x1b[") and "H" in piece else 1
    return column + 2 * len(piece.split("m")[1].split("\x1b")[0] if "m" in piece else "") <= WIDTH


@settings(max_examples=150)
@given(writes=st.lists(st.lists(PIECES.filter(in_bounds), max_size=5).map("".join), max_size=6))
@example(writes=["\x1b[1;1H\x1b[1;31mab界\x1b[0m", "\x1b[1;2H\x1b[mb\x1b[0m", "\x1b[1;3Hxy"])
@example(writes=["\x1b[1;1H\x1b[4m" + " " * 14 + "\x1b[0m", "\x1b[1;1H\x1b[48;5;7m" + " " * 14 + "x\x1b[0m"])
def test_screen_is_the_same(writes):
    """After each write every cell has the same character, colours and attributes, as far as they are seen."""
    diff = CellDiff(can_erase=True)
    diff.resize(WIDTH, HEIGHT)
    whole = reduced = ""
    for write in writes:
        whole += write
        reduced += diff.reduce(write)
        assert show(whole)[0] == show(reduced)[0]


def test_painting_the_same_again_writes_nothing():
    """A region painted as it stands costs no byte, synchronised or not."""
    diff = CellDiff()
    diff.resize(WIDTH, HEIGHT)
    paint = "\x1b[?2026h\x1b[2;3H\x1b[1;38;2;1;2;3mhello\x1b[0m\n\x1b[3;1Hworld\x1b[1;1H\x1b[?2026l"
    assert diff.reduce(paint)
    assert diff.reduce(paint) == ""


def test_one_changed_cell_is_a_few_bytes():
    """One letter of a line costs a jump, its style and itself."""
    diff = CellDiff()
    diff.resize(WIDTH, HEIGHT)
    diff.reduce("\x1b[2;1H\x1b[31mhello world\x1b[0m")
    assert diff.reduce("\x1b[2;1H\x1b[31mhello_world\x1b[0m") == "\x1b[2;6H_"


def test_an_attribute_is_switched_off_alone():
    """Behind bold words the colours that stay are not told again; where all goes one short code says it."""
    diff = CellDiff()
    diff.resize(WIDTH, HEIGHT)
    diff.reduce("\x1b[1;1H\x1b[1;38;5;218;48;5;233mx")
    assert diff.reduce("\x1b[1;2H\x1b[0;38;5;218;48;5;233my") == "\x1b[22my"
    assert diff.reduce("\x1b[1;3H\x1b[0;1;4;38;5;218;48;5;233mz\x1b[0;31mz") == "\x1b[1;4mz\x1b[0;31mz"


@pytest.mark.parametrize("sequence", ["\x1b[?1049h", "\x1b[2J", "\x1b[K", "\x1bc", "\x08"])
def test_unknown_changes_of_the_screen_are_passed_on_and_forgotten(sequence):
    """After a sequence that may change the screen in another way, every cell is written again."""
    diff = CellDiff()
    diff.resize(WIDTH, HEIGHT)
    diff.reduce("\x1b[1;1Hhello")
    assert sequence in diff.reduce(sequence)
    assert "hello" in diff.reduce("\x1b[1;1Hhello")


@pytest.mark.parametrize("sequence", ["\x1b[?1000h", "\x1b]52;c;aGk=\x07", "\x1b]0;title\x1b\\", "\x07", "\x1b[>1u"])
def test_harmless_sequences_pass_as_they_are(sequence):
    """Modes, title, clipboard and bell reach the terminal and change no cell."""
    diff = CellDiff()
    diff.resize(WIDTH, HEIGHT)
    diff.reduce("\x1b[1;1Hhello")
    assert diff.reduce(sequence) == sequence
    assert diff.reduce("\x1b[1;1Hhello") in ("", "\x1b[1;6H")


def test_blanks_are_erased_where_the_terminal_can():
    """A blank line costs a few bytes; where something follows it is jumped to; a line under blanks is written."""
    diff = CellDiff(can_erase=True)
    diff.resize(WIDTH, HEIGHT)
    assert diff.reduce("\x1b[2;1H\x1b[48;5;7m" + " " * WIDTH) == "\x1b[2;1H\x1b[m\x1b[48;5;7m\x1b[40X"
    assert diff.reduce("\x1b[3;1H" + " " * 15 + "end") == "\x1b[3;1H\x1b[15X\x1b[15Cend"
    assert " " * 20 in diff.reduce("\x1b[4;1H\x1b[4m" + " " * 20)
    assert diff.reduce("\x1b[2;5H\x1b[0;31;48;5;7m" + " " * 9) == "", "of a blank only the background is seen"
