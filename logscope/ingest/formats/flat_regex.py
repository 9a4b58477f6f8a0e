"""A regex that proves a line an object of plain values, and gives the text of one key without loading the object.

Most objects of logs are such; of a line that does not match nothing is known, and it has to be loaded. Loading costs
about five times as much. No group is repeated possessively: in Python 3.11.2 that finds nothing. What follows one item
is none of the next, so that giving items back fails at once.
"""

import re
from typing import Final

_TEXT: Final = rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*"'
_PLAIN: Final = rb"-?(?:0|[1-9]\d{0,30}+)(?:\.\d{1,30}+)?(?:[eE][+-]?\d{1,3}+)?|true|false|null"
_KEY: Final = rb'"[^"\\\x00-\x1f]*+" ?: ?'
_VALUE: Final = rb"(?:" + _TEXT + rb"|" + _PLAIN + rb")"
_LIST: Final = rb"\[(?:" + _VALUE + rb"(?:, ?" + _VALUE + rb")*)?\]"
_INNER: Final = rb"\{(?:" + _KEY + _VALUE + rb"(?:, ?" + _KEY + _VALUE + rb")*)?\}"
_ANY: Final = rb"(?:" + _TEXT + rb"|" + _PLAIN + rb"|" + _LIST + rb"|" + _INNER + rb")"


def compile_flat_message(key: str) -> re.Pattern[bytes]:
    """Matches a whole line that surely is an object with one such key and a text without escapes in it.

    Its first group is that text, which is not empty. Values of other keys may be lists and objects of plain values;
    keys have no escapes, for the same key may be written with some.
    """
    name = b'"' + re.escape(key.encode("utf-8", "replace")) + b'"'
    other = rb"(?!" + name + rb")" + _KEY + _ANY
    return re.compile(rb"\{(?:" + other + rb", ?)*" + name + rb' ?: ?"([^"\\\x00-\x1f]++)"(?:, ?' + other + rb")*\}\Z")
