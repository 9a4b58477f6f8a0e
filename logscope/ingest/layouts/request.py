"""Learns where lines of unknown text tell a request and the status that it was answered with.

Receives what stands behind the stamps, and gives a regex that looks ahead from there: the status counts as that of an
access log, whatever the line has before the request and behind it.
"""

import re
from collections.abc import Sequence
from typing import Final

_METHODS: Final = rb"(?<![\w./-])(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE|PROPFIND)"
_PATH: Final = rb"(?:https?://|/)[^\s\"|]{0,4000}"
_CODE: Final = rb"(?P<status>[1-5]\d\d)(?=[ \t,;|)\r\"]|$)"
_ORDERS: Final = (
    # `"GET /cart HTTP/1.1" 502`, `GET /cart -> 502`, `GET|/cart|502`, `GET /cart status=502`.
    rb"(?=[^\n]{0,400}?"
    + _METHODS
    + rb"[ |]{1,8}\"?"
    + _PATH
    + rb"(?: HTTP/[\d.]{1,3})?\"?(?: |\||[,:]? ?(?:=>|->|status[=:]) ?)"
    + _CODE
    + rb")",
    # `502 GET /cart (10.1.2.3) 3.10ms`, `| 502 | 3.1ms | 10.1.2.3 | GET | /cart`.
    rb"(?=[^\n]{0,40}?(?<![\w./:-])" + _CODE + rb"[ |][^\n\"]{0,80}?" + _METHODS + rb"[ |]{1,8}\"?" + _PATH + rb")",
)
_REQUEST: Final = re.compile(rb"\"?" + _METHODS + rb"[ |]{1,8}\"?" + _PATH)
_LEAST: Final = 0.3
"""Share of lines that are requests: an application's own lines may stand between them."""


def learn_status(bodies: Sequence[bytes]) -> bytes:
    """Regex that looks ahead to the status of a request; empty where few lines tell one.

    Args:
        bodies: What stands behind the stamps of the sample's lines.
    """
    for order in _ORDERS:
        match = re.compile(order).match
        if sum(1 for body in bodies if match(body)) >= max(1, _LEAST * len(bodies)):
            return rb"(?:" + order + rb")?"
    return b""


def cut_requests(bodies: Sequence[bytes], status: bytes) -> list[bytes]:
    """What stands before the requests: they and what follows them are the message, however many columns there are.

    Args:
        bodies: What stands behind the stamps.
        status: What `learn_status` gave for them.
    """
    if _ORDERS[0] not in status:
        return list(bodies)
    return [body if (found := _REQUEST.search(body)) is None else body[: found.start()] for body in bodies]


def begins_with_request(text: bytes) -> bool:
    """Whether method and path are what a text begins with."""
    return _REQUEST.match(text) is not None
