"""The message of a line of pairs, found in one go or from pair to pair."""

from hypothesis import example, given
from hypothesis import strategies as st

from logscope.ingest.formats.logfmt import LogfmtForm, PairKeys
from logscope.ingest.signatures.fields import decode, read_value

FORM = LogfmtForm("logfmt", PairKeys(b"time", b"level", b"msg"))

PIECES = (
    b"msg=", b" ", b'"', b"'", b"a=", b'msg="said x" ', b'msg="other" ', b'msg="last"', b'k="v w" ', b"level=info ",
    b"x", b"b c", b"\\", b",", b"=", b"\x01", b"\xe4", b"\r", b"amsg=", b'"x" ', b'a="b\\"c" ',
)  # fmt: skip


@example(pieces=[b'msg="said x" ', b'msg="last"'])
@example(pieces=[b"level=info ", b"a='b c ", b'msg="said x" '])
@given(pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=12))
def test_the_message_is_the_value_of_its_first_pair(pieces):
    """Whatever stands around it, the message is what going from pair to pair finds."""
    line = b"".join(pieces)
    values = [pair[2] for pair in FORM.pair.finditer(line) if pair[1] == b"msg"]
    assert FORM.read_message(line) == (read_value(decode(values[0])) if values else None)
