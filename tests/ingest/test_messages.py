"""Messages that are read together are those that are read one by one."""

import pytest
from format_samples import learn

from logscope.ingest.layouts.layout import Layout
from logscope.ingest.messages import MessageReader

OBJECTS = [
    b'{"time":"2026-03-05T14:%02d:08Z","level":"info","msg":"order %d stored","n":%d}' % (n % 60, n, n)
    for n in range(300)
]
PAIRS = [b'time=2026-03-05T14:%02d:08Z level=info msg="order %d stored" n=%d' % (n % 60, n, n) for n in range(300)]
ODD = [
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":""}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":"  blanks  "}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg": "a gap"}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":"quoted \\"text\\" and \\u00e9"}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":"stra\xc3\x9fe"}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":"first","msg":"second"}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","in":{"msg":"inner"},"msg":"outer"}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","in":{"msg":"inner"}}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","in":"msg","k":"v"}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":"cut',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":"damaged"x}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":["a","b"]}',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":17}',
    b'{"time":"2026-03-05T14:02:08Z", \'k\': \'"msg":"v"\', "n":1}',
    b'x {"time":"2026-03-05T14:02:08Z","level":"info","msg":"behind a word"}',
    b'{"time":"2026-03-05T14:02:08Z","level":"error","msg":"failed"}\n\tat a.B.c(B.java:1)',
    b'{"time":"2026-03-05T14:02:08Z","level":"info","msg":"\x1b[31mred\x1b[0m"}',
    b'\xef\xbb\xbf{"time":"2026-03-05T14:02:08Z","level":"info","msg":"first of a file"}',
    b'time=2026-03-05T14:02:08Z level=info msg="quoted \\"text\\""',
    b'time=2026-03-05T14:02:08Z level=info msg=bare',
    b'time=2026-03-05T14:02:08Z level=info msg=""',
    b'time=2026-03-05T14:02:08Z level=info k="x msg=\\"inner\\"" msg="outer"',
    b'time=2026-03-05T14:02:08Z level=info k=\'msg="inner" \' msg="outer"',
    b'time=2026-03-05T14:02:08Z level=info msg="first" msg="second"',
    b'time=2026-03-05T14:02:08Z level=info msg="stra\xc3\x9fe \xff"',
    b'time=2026-03-05T14:02:08Z level=info msg="\x1b[31mred\x1b[0m"',
    b'time=2026-03-05T14:02:08Z level=error msg="failed"\n\tat a.B.c(B.java:1)',
    b"no pairs at all", b"",
]  # fmt: skip


@pytest.mark.parametrize("plain", [OBJECTS, PAIRS], ids=["objects", "pairs"])
def test_what_is_read_together_is_what_is_read_alone(plain, monkeypatch):
    """Whatever stands among usual lines, each says what it says alone; of the usual ones nobody is asked."""
    layout, reader = learn(plain), MessageReader(learn(plain))
    records = [line for n, text in enumerate(plain) for line in (text, *ODD[n % len(ODD) : n % len(ODD) + 1])]
    alone = [layout.read_message(record) for record in records]
    asked, read = [], Layout.read_message
    monkeypatch.setattr(Layout, "read_message", lambda self, record: asked.append(record) or read(self, record))
    assert reader.read(records) == alone
    assert not set(asked) & set(plain)
