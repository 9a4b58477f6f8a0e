"""The quick reader of rule files: it reads as tomllib does, or leaves the text to it."""

import random
import tomllib

import pytest

from logscope.knowledge.loader import read_package_texts
from logscope.knowledge.plain_toml import read_plain, read_toml
from tests.effort import often

TEXTS = read_package_texts()
PIECES = (
    *(
        '"',
        "'",
        "[",
        "]",
        "{",
        "}",
        ",",
        "=",
        ".",
        "\n",
        "#",
        " ",
        "\\",
        "a",
        "1",
        "true",
        "2026-01-01",
        "10:00:00",
        "é",
    ),
    *('"""', "'''", "\r\n", "\x00", "\\u00e9", "[[rule]]\n", "[rule.x]\n", "x.y = 1\n", "x = []\n", "x = {}\n"),
    "x = { y = 'z' }\n",
)


def read_both(text):
    """What each says: the document, or that it is none."""
    said = []
    for read in (tomllib.loads, read_toml):
        try:
            said.append(read(text))
        except tomllib.TOMLDecodeError as error:
            said.append(str(error))
    return said


@pytest.mark.parametrize("name", [name for name, _ in TEXTS])
def test_rule_files_are_read_quickly_and_as_they_are(name):
    """Each file that ships is plain, and is read as tomllib reads it."""
    text = dict(TEXTS)[name]
    assert read_plain(text) == tomllib.loads(text)


@pytest.mark.parametrize("seed", range(often(20)))
def test_whatever_is_written_is_read_as_tomllib_does(seed):
    """A file with anything put in, taken out or moved gives the same document, or the same mistake."""
    chance = random.Random(seed)
    for _ in range(12):
        text = chance.choice(TEXTS)[1][: chance.randrange(200, 3000)]
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text))
            if chance.random() < 0.3:
                text = text[:at] + text[at + chance.randrange(1, 30) :] or "\n"
            else:
                text = text[:at] + chance.choice(PIECES) * chance.choice([1, 1, 2]) + text[at:]
        tomllibs, ours = read_both(text)
        assert ours == tomllibs, text


@pytest.mark.parametrize(
    "text",
    [
        'a = { b = "1" }\na.c = "2"\n',
        'a.b = "1"\n[a]\n',
        'rule = []\n[[rule]]\nid = "x"\n',
        '[[rule]]\nx = "1"\n[[rule.y]]\n[[rule]]\n[[rule.y]]\n',
        'a = "x" b = "y"\n',
        'a = ["x" "y"]\n',
        'a = ["x",, "y"]\n',
        "a = [1, 2]\nb = 1979-05-27T07:32:00Z\n",
        "a = 2026-02-30\n",
        "a = { b = 'c',\n d = 'e' }\n",
        'a = "\\u00e9 \\" \\\\ \\n"\n',
        'a = "open\n',
        "[a]\n[a]\n",
        "[a.b]\n[a]\n",
        'a = ""\n\'b\' = "x"\n',
        "é = 'x'\n",
        "a",
        "[[",
        "",
    ],
)
def test_odd_texts(text):
    """What is rarely written, and what is wrong, is read as tomllib does."""
    tomllibs, ours = read_both(text)
    assert ours == tomllibs
