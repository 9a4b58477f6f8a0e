"""What every stamp leaves in a text: where it is missing, forty patterns need not be tried, nor even compiled."""

import re
from typing import Final

CENTURIES: Final = (b"19", b"20")
"""What years begin with."""
_TRACE: Final = (
    rb"(?:\d:[0-5]\d|\d[.h-][0-5]\d[.m-]\d\d|\dh[0-5]\d|(?:19|20)\d{6}|\d{6} \d{4}|1\d{9}|\d{4}/\d{6}"
    rb"|[67][0-9a-f]{7}\.|@4[0-9a-f]{9}|\d\d(?:\xe5\xb9\xb4|\xeb\x85\x84))"
)
"""Found in every stamp of every kind."""
_STAMP_BYTES: Final = rb"[\w ,./:+@\x80-\xff-]{0,48}"
"""What else a stamp is made of."""
TRACE: Final = re.compile(_TRACE)
"""Somewhere in a text with a stamp."""
TRACE_AHEAD: Final = re.compile(_STAMP_BYTES + rb"?" + _TRACE)
"""Matches where a stamp begins."""
TRACE_AT_END: Final = re.compile(_TRACE + _STAMP_BYTES + rb"[^\w]{0,4}$")
"""Somewhere in a text that ends with a stamp, and at most three marks and a line end behind it."""
