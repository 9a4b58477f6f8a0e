"""Looking up the word in a level's place finds what a regex with all words in it finds."""

import re

import pytest

from logscope.ingest.formats.head_regex import HeadRegex, compile_head
from logscope.ingest.formats.levels import NO_LEVEL, PROVEN_LEVEL, STRICT_LEVEL, WORDED_LEVEL
from logscope.ingest.severity import PROSE_SAFE_WORDS

_HEAD = rb"[ ]*+(?:%s)?[ ]*+(?:(?P<logger>[a-z]{1,40}):)?(?P<message>)"
_BEFORE = ("", "[", "(", "[ ", '"', "##[", "  ")
_BEHIND = (" ", "]", ")", '"', ":", ": x", "：x", "】", "  ]", ".", "=", "_x", "9", "::", " x", "\t", "")
_OTHERS = ("GET", "Started", "ERRORS", "数据库", "エラーです", "--", "123", "CRITICALLY")


@pytest.mark.parametrize("before", _BEFORE)
def test_words_are_looked_up_as_a_regex_of_all_finds_them(before):
    """Words of all languages, in any case, and what is none, between marks of all kinds."""
    with_words = re.compile(_HEAD % WORDED_LEVEL)
    looked_up = compile_head(_HEAD % STRICT_LEVEL)
    words = [case(word) for word in sorted(PROSE_SAFE_WORDS)[::3] for case in (str.upper, str.lower, str.capitalize)]
    for text in [(before + word + behind).encode() for word in (*words, *_OTHERS) for behind in _BEHIND]:
        expected, found = with_words.match(text), looked_up.match(text)
        assert expected is not None
        assert found is not None
        assert (expected.span(), expected.groupdict()) == (found.span(), found.groupdict()), text


def test_words_that_need_a_proven_place_count_in_brackets():
    """`[log]` in a proven place is a level, a bare `log` is none, and the message begins with it."""
    head = HeadRegex(_HEAD % PROVEN_LEVEL)
    found = [head.match(text) for text in (b"[log] x", b"log x", b"info x")]
    assert [one and (one["level"], one.end()) for one in found] == [(b"log", 6), (None, 0), (b"info", 5)]


def test_no_name_begins_with_a_level():
    """A host is none whose first word is a level, in any case."""
    head = HeadRegex(NO_LEVEL + rb"(?P<host>[^\s]{1,40}) x")
    texts = (b"web-1 x", b"Error-1 x", b"errors x")
    assert [head.match(text) is not None for text in texts] == [True, False, True]
