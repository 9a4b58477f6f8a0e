"""Texts from a file made safe for Markdown, tables, fences and diagrams. Pure.

Whatever a log holds, it stays text: no heading, link, image, HTML, table column, diagram command or control character
comes of it.
"""

import re
from collections.abc import Sequence
from typing import Final

from logscope.text.safe_text import safe_text

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>|~&#$]|!(?=\[))")
_PLAIN_WORD: Final = re.compile(r"(?<=[A-Za-z0-9])\\_(?=[A-Za-z0-9])")
"""An underscore inside a word is no emphasis in GitHub's Markdown; without the backslash the source reads better."""
_ADDRESS: Final = re.compile(r"(?<=[a-z]):(?=//)|(?<=\bwww)\.", re.IGNORECASE)
"""Where GitHub would make a link of a bare address."""
_MENTION: Final = re.compile(r"@(?=[A-Za-z0-9])")
"""Where GitHub or GitLab would call a person, or make a mail address of `postgres@10.0.0.7`."""
_BLOCK: Final = re.compile(r"^(\s{0,3})([-+=]|\d{1,9}[.)])(?=\s|$|-|=)")
"""What would begin a list, a rule or a heading at the front of a line."""


def escape(text: str) -> str:
    """Text that Markdown, its HTML and its tables take literally; no link is made, not even of a bare address."""
    text = _PLAIN_WORD.sub("_", _SPECIAL.sub(r"\\\1", text.replace("\n", " ")))
    text = _MENTION.sub("@\u2060", text)
    return _BLOCK.sub(r"\1\\\2", _ADDRESS.sub(r"\\\g<0>", text))


def inline_code(text: str) -> str:
    """Text as inline code; a pipe would end a table's cell even there."""
    text = text.replace("\n", " ").replace("|", "¦")
    if not text.strip():
        return ""
    ticks = "`" * (1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def fence(lines: Sequence[str], language: str = "text") -> list[str]:
    """Lines as a code block that none of them can end."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    ticks = "`" * max(3, longest + 1)
    return [f"{ticks}{language}", *lines, ticks]


_MERMAID: Final = re.compile(r"[^\w .,:/()=+'…-]", re.UNICODE)
_MERMAID_ALIKE: Final = str.maketrans({"[": "(", "]": ")", "{": "(", "}": ")", '"': "'", "`": "'", ";": ","})


def mermaid_label(text: str) -> str:
    """A node's label: only letters, digits and harmless punctuation; brackets and quotes become their harmless like."""
    return _MERMAID.sub("·", safe_text(text).translate(_MERMAID_ALIKE))
