r"""Every string from a file passes here before a terminal, a title, a toast, a clipboard, an error line or a report.

Terminals obey escape sequences, and readers trust what they see: what would move, hide or reorder text is shown as
what it is (`\x1b`, `<U+202E>`).
"""

import re
from typing import Final

_TAB: Final = 8

_SUSPECT: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
"""C0, DEL, C1, line and paragraph separators, bidirectional controls, zero-width and invisible characters, variation
selectors, lone surrogates, tags."""


def safe_text(text: str, *, keep_newlines: bool = False) -> str:
    r"""Show what a terminal would obey or a reader would not see.

    Args:
        text: Anything.
        keep_newlines: Line feeds stay; without it they are shown as `\n`.

    Returns:
        Printable text. Passing it through again changes nothing.
    """
    if not _SUSPECT.search(text):
        return text
    if keep_newlines:
        return "\n".join(_make_safe(line) for line in text.split("\n"))
    return _make_safe(text)


def _make_safe(line: str) -> str:
    if "\t" in line:
        line = line.expandtabs(_TAB)
    return _SUSPECT.sub(_show, line)


def _show(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character == "\n":
        return "\\n"
    if character == "\r":
        return "\\r"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"<U+{code:04X}>"
