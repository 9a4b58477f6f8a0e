"""Words as one regex."""

import random
import re

from logscope.text.alternatives import write_alternatives


def test_same_as_a_list_of_words():
    """What the longest of all words would match at a place is matched, and nothing else."""
    chance = random.Random(5)
    for _ in range(60):
        words = {bytes(chance.choices(b"ab.", k=chance.randint(1, 5))) for _ in range(chance.randint(1, 12))}
        plain = re.compile(b"|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))))
        shared = re.compile(write_alternatives(words))
        for _ in range(40):
            text = bytes(chance.choices(b"ab.", k=chance.randint(0, 7)))
            expected, actual = plain.match(text), shared.match(text)
            assert (expected and expected[0]) == (actual and actual[0]), (words, text)


def test_end_behind_other_letters():
    """What must follow words of other letters than Latin's is asked of them alone, the shorter word among them."""
    shared = re.compile(write_alternatives([b"err", "エラ".encode(), "エラー".encode()], end=b"(?![\x80-\xff])"))
    assert [bool(shared.fullmatch(text.encode())) for text in ("err", "エラ", "エラー")] == [True, True, True]
    assert shared.match("errのエ".encode()) is not None
    assert shared.match("エラのエ".encode()) is None
