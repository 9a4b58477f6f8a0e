"""What a terminal would obey or a reader would not see is shown as what it is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logscope.text.safe_text import safe_text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text, ümlauts, 漢字 and ✓", "plain text, ümlauts, 漢字 and ✓"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\x9b31mb", "a\\x9b31mb"),
        ("a\rb", "a\\rb"),
        ("a\nb", "a\\nb"),
        ("a\x00b\x7f", "a\\x00b\\x7f"),
        ("a\u202eb", "a<U+202E>b"),
        ("a\u2028b\u0085c", "a<U+2028>b\\x85c"),
        ("a\u200bb\ufeff", "a<U+200B>b<U+FEFF>"),
        ("a\U000e0041b", "a<U+E0041>b"),
        ("a\ud800b", "a<U+D800>b"),
        ("a\tb", "a       b"),
    ],
)
def test_dangerous_characters_are_shown(raw, shown):
    """Controls, escapes, bidirectional, invisible and tag characters and surrogates become visible marks."""
    assert shown == safe_text(raw)


def test_nothing_that_is_not_seen_gets_through():
    """Every control, surrogate, separator of lines, and every character that a terminal may leave out, is shown.

    The latter are those of `Default_Ignorable_Code_Point` in Unicode's DerivedCoreProperties.txt, version 16.
    """
    ignorable = (
        0xAD, 0x34F, 0x61C, (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E),
        (0x2060, 0x206F), 0x3164, (0xFE00, 0xFE0F), 0xFEFF, 0xFFA0, (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3),
        (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    )  # fmt: skip
    codes = {code for one in ignorable for code in (range(one[0], one[1] + 1) if isinstance(one, tuple) else (one,))}
    codes |= {code for code in range(0x110000) if unicodedata.category(chr(code)) in ("Cc", "Cs", "Zl", "Zp")}
    assert [hex(code) for code in sorted(codes) if chr(code) in safe_text(chr(code))] == []


def test_newlines_stay_where_wanted():
    """A report keeps its lines; all else is as safe."""
    assert safe_text("a\n\x1bb", keep_newlines=True) == "a\n\\x1bb"


@given(st.text())
def test_safe_text_is_printable_and_stays_as_it_is(text):
    """No text at all leaves a control character behind, and a second pass changes nothing."""
    shown = safe_text(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert safe_text(shown) == shown
