"""Attacks in lines, names and notes, in a real terminal: nothing of them is obeyed, in any pane, title or copy."""

import base64
import re

import pytest

from logscope.text.safe_text import _SUSPECT
from tests.ui.terminal import Terminal, assert_given_back

ATTACKS = (
    "\x1b[66;66H", "\x1b[6;66m", "\x1b[2J\x1b[66;66r", "\x9b66;66H",
    "\x1b]0;PWN\x07", "\x1b]2;PWN\x1b\\", "\x9d0;PWN\x9c",
    "\x1b]52;c;UFdO\x07", "\x1b]8;;http://pwn\x07x\x1b]8;;\x07", "\x1bP$qPWN\x1b\\", "\x1b_PWN\x1b\\",
    "\x1b^PWN\x1b\\",
    "\x1bXPWN\x1b\\", "\x1b[?66h", "\x1b[66n", "\x1bc", "\x1b(0", "\x0e", "\x07", "\x08\x08", "\r", "\x0b\x0c",
    "\x7f",
    "\u202eevil", "\u2066x\u2069", "\u200b", "\u2028", "\ufeff", "\U000e0041", "\u00ad", "\ufe0f", "\x85",
    "[/]", "[red]x[/red]", "[@click=app.quit]x[/]", "[link=http://pwn]x[/link]", "[bold", "\\[", "{0}", "%s",
)  # fmt: skip
KEYS = (
    "1", "\x1b[B", "\r", "2", "\x1b[B", "r", "s", "s", "K", "3", "\x1b[B", "\r", "e", "w", "A", "\x1b[B", "o", "A", "F",
    "y", "m", "4", "5", "6", "\x1b[B", "0", "v", "\x1b", "Y", "\x1b", "z", "z", "?", "\x1b", "]", ".", "+",
)  # fmt: skip
OUR_SEQUENCES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\r|\n|\x07|\x1b[=>]")


@pytest.fixture
def hostile(tmp_path):
    """Logs whose lines, services, fields and names are attacks."""
    folder = tmp_path / "logs"
    folder.mkdir()
    lines = [f"2026-03-02T15:02:{n:02d}.000Z ERROR [cart] order {n} failed: {a}" for n, a in enumerate(ATTACKS)]
    (folder / "\x1b]0;PWN\x07\u202e[red].log").write_text("\n".join(lines) + "\n")
    fields = [
        f'{{"time":"2026-03-02T15:03:{n:02d}Z","level":"error","service":"svc{a}","msg":"{a} failed","error":"{a}"}}'
        for n, a in enumerate(text for text in ATTACKS if all(c >= " " and c not in '"\\' for c in text))
    ]
    (folder / "fields.jsonl").write_text("\n".join(fields) + "\n")
    return folder


def check(raw):
    """Only sequences that the screen itself writes; titles and copies are safe text; no invisible characters."""
    text = raw.decode("utf-8", "surrogateescape")
    for osc in re.findall(r"\x1b\]([^\x07\x1b]*)(?:\x07|\x1b\\)", text):
        code, _, body = osc.partition(";")
        assert code in ("0", "2", "52", "22"), osc
        if code == "52":
            copied = base64.b64decode(body.partition(";")[2]).decode()
            assert not _SUSPECT.search(copied.replace("\n", "")), copied
        else:
            assert not body.startswith("PWN"), body
    for mark in (
        "66;66H",
        "6;66m",
        "66;66r",
        "?66h",
        "[66n",
        "\x1bP$qPWN",
        "\x1b_",
        "\x1b^",
        "\x1bX",
        "\x1bc",
        "\x1b(0",
    ):
        assert f"\x1b{mark}" not in text.replace("\x1b[", "\x1b") or mark not in text, mark
        assert f"\x1b[{mark}" not in text, mark
    shown = OUR_SEQUENCES.sub("", text)
    left = _SUSPECT.search(shown)
    assert left is None, (hex(ord(left[0])), shown[max(0, left.start() - 30) : left.end() + 30])


def test_no_pane_obeys_a_log(hostile, tmp_path):
    """Every pane, prompt, copy and help over hostile logs: the screen stands, not one attack reaches the terminal."""
    one = Terminal([str(hostile)], size=(120, 40), XDG_STATE_HOME=str(tmp_path / "state"))
    try:
        one.wait_for("ONGOING")
        one.read(0.5)
        for key in KEYS:
            one.press(key)
            one.read(0.04)
        # A click on a line with an action in its markup does nothing of it.
        for row in range(14, 34, 3):
            one.press(f"\x1b[<0;10;{row}M\x1b[<0;10;{row}m")
            one.read(0.04)
        one.settle()
        one.press("/PWN\r")
        one.settle()
        one.press("&[red]\r")
        one.settle()
        assert one.process.poll() is None
        one.press("\x1b")
        one.settle()
        one.press("q")
        assert one.finish() == 0, one.raw[-600:]
        assert_given_back(one)
    finally:
        one.close()
    check(one.raw)
