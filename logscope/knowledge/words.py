"""The normal form in which rules and messages are compared: lower-case words, punctuation is a blank. Pure."""

import re
from typing import Final

MAX_CHARS: Final = 4096
"""Of a message only this much is compared: what it is about stands at its front."""

_NATIVE_FRAME: Final = re.compile(r"\s{0,8}#?\d{1,4}:?\s{1,4}(?:pc )?0x[0-9a-fA-F]{4,16}\s")
_FRAME_HEAD: Final = 24
_PHP_FATAL: Final = re.compile(r"PHP Fatal error:(?: {1,2}Uncaught )?|Fatal error: {1,2}Uncaught ")
"""What PHP calls its level, and that nobody caught what follows."""


def _is_word(byte: int) -> bool:
    return byte >= 0x80 or chr(byte).isalnum()


_LOWER_WORDS: Final = bytes(
    ord(chr(b).lower()) if b < 0x80 and _is_word(b) else b if _is_word(b) else 32 for b in range(256)
)
_WORDS: Final = bytes(b if _is_word(b) or b == ord("=") else 32 for b in range(256))


def keep_statements(message: str) -> str:
    """What a message states: its first 4,096 characters without stack frames, source lines and other indented lines.

    Frames name pools, sockets and time-outs that have nothing to do with the fault; `Caused by:` lines and the last
    line of a Python traceback are not indented and stay. `PHP Fatal error` is how PHP calls a level: it ends a request,
    and what failed is told behind it. A native frame by itself (`12: 0x10badcf node::Start [node]`) states nothing.
    """
    cut = message[:MAX_CHARS]
    if "0x" in cut[:_FRAME_HEAD] and _NATIVE_FRAME.match(cut) is not None:
        return ""
    if "Fatal error:" in cut:
        cut = _PHP_FATAL.sub("", cut)
    if "\n" not in cut:
        return cut
    first, *rest = cut.split("\n")
    return "\n".join(
        [first, *(line for line in rest if line[:1] not in (" ", "\t", "") and not line.startswith("at "))]
    )


def split_words(message: str) -> list[bytes]:
    """Cut a message into lower-case words. Bytes beyond ASCII belong to words and keep their case.

    Costs about 1 us per 100 characters, so that it can be asked of every record of a window.
    """
    return message.encode("utf-8", "replace").translate(_LOWER_WORDS).split()


def split_cased_words(message: str) -> list[bytes]:
    """Cut a message into words that keep their case, so that `SocketTimeoutException` can be taken apart.

    An equals sign is a word character, because it tells what the word before it is.
    """
    return message.encode("utf-8", "replace").translate(_WORDS).split()


def normalise(text: str) -> bytes:
    """The words of a text between single blanks, with one in front and behind: containment is by whole words."""
    return b" " + b" ".join(split_words(text)) + b" "
