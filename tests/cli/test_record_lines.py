"""What `parse` writes: a batch's records are encoded together, and each says what it says alone."""

import json

import pytest

from logscope.cli.main import main

_PLAIN = "straße order stored".encode()
_ODD = [
    b"", b"quotes \" and \\ slashes", b"tab\tand bell \x07", b"ends in a slash \\", b"\xe4\xb8\xad \xf0\x9f\x98\x80",
    b"joined \x1e\x1f by hand", b"ends in half a joint \x1e", b"\x1f begins with the other half",
    b"\\u001e\\u001f written out", b"cut in a letter \xe2\x82", b"no UTF-8 \xff\xfe", b"returns\r", b"two returns\r\r",
]  # fmt: skip


@pytest.fixture
def parse(tmp_path, capsys):
    """The records of a log of these lines, as objects."""
    log = tmp_path / "cart.log"

    def run(lines):
        log.write_bytes(b"\n".join(lines) + b"\n")
        assert main(["parse", str(log)]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return run


def stamp(n):
    return f"2026-03-02 14:{n // 60:02d}:{n % 60:02d}.{n:03d}"


@pytest.mark.parametrize("odd", _ODD)
def test_a_message_is_the_same_among_others(parse, odd):
    """Whatever bytes one message holds, it and all others are written as they stand."""
    texts = [odd if n % 40 == 20 else _PLAIN for n in range(200)]
    rows = parse([f"{stamp(n)} INFO cart - ".encode() + text for n, text in enumerate(texts)])
    assert [row["message"] for row in rows] == [text.decode("utf-8", "replace").rstrip("\r") for text in texts]


def test_times_are_written_to_the_microsecond(parse):
    """Each record has its own time, to what its stamp tells, and none where it has no stamp."""
    lines = [f"{stamp(n)} INFO cart - {_PLAIN.decode()}".encode() for n in range(200)]
    rows = parse([b"started by hand", *lines])
    assert [row["timestamp"] for row in rows] == [None, *(stamp(n).replace(" ", "T") + "000Z" for n in range(200))]
    assert [row["line"] for row in rows] == list(range(1, 202))


def test_a_record_of_several_lines_is_written_whole(parse):
    """Messages that are known from columns and those of several lines keep their order."""
    lines = [
        line for n in range(200) for line in (f"{stamp(n)} ERROR cart - lost {n}".encode(), b"\tat a.B.c(B.java:1)")
    ]
    rows = parse(lines)
    assert [row["message"] for row in rows] == [f"lost {n}\n\tat a.B.c(B.java:1)" for n in range(200)]
