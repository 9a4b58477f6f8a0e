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


def test_newlines_stay_where_wanted():
    """A report keeps its lines; all else is as safe."""
    assert safe_text("a\n\x1bb", keep_newlines=True) == "a\n\\x1bb"


@given(st.text())
def test_safe_text_is_printable_and_stays_as_it_is(text):
    """No text at all leaves a control character behind, and a second pass changes nothing."""
    shown = safe_text(text)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert safe_text(shown) == shown
