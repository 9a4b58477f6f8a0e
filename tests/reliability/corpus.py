"""Bad input: over a hundred kinds, each a small generator with what must be told about it.

A kind is valid lines around something that has broken a log reader somewhere. `GOOD` lines stand before and behind it,
so that a test sees whether the rest of the file is still read.
"""

import bz2
import gzip
import io
import lzma
import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

GOOD = b"".join(b"2026-03-02T14:02:%02dZ ERROR [cart] order %d failed\n" % (n, n) for n in range(30))
GOOD_LINES = 30


@dataclass(frozen=True)
class Bad:
    """What lies on the disk, and what must be said about it."""

    data: bytes
    lines: int
    """Line feeds of the content, plus one for a rest."""
    problem: str | None = None
    """Kind of an entry of `problems` that must be there; None where none need be."""
    refused: bool = False
    """It is no log that can be read: a sentence and exit 1."""


KINDS: dict[str, Callable[[], Bad]] = {}


def kind(name: str) -> Callable[[Callable[[], Bad]], Callable[[], Bad]]:
    def keep(make: Callable[[], Bad]) -> Callable[[], Bad]:
        assert name not in KINDS, name
        KINDS[name] = make
        return make

    return keep


def count_lines(data: bytes) -> int:
    return data.count(b"\n") + bool(data.rpartition(b"\n")[2])


def whole(data: bytes) -> Bad:
    return Bad(data, count_lines(data))


def between(middle: bytes) -> Bad:
    """Good lines, something, good lines."""
    return whole(GOOD + middle + (b"" if middle.endswith(b"\n") or not middle else b"\n") + GOOD)


def add(name: str, middle: bytes) -> None:
    KINDS[name] = lambda: between(middle)


# Bytes

for number, name in {
    0: "NUL", 7: "BEL", 8: "BS", 0x0B: "VT", 0x0C: "FF", 0x0D: "CR", 0x1A: "SUB", 0x1B: "ESC", 0x1C: "FS", 0x1E: "RS",
    0x7F: "DEL", 0x85: "raw NEL", 0x9B: "raw CSI", 0xA0: "raw NBSP", 0xC0: "overlong lead", 0xFE: "no UTF-8",
}.items():  # fmt: skip
    add(f"byte {number:#04x} ({name}) in a line", b"2026-03-02T14:02:31Z ERROR [cart] a%cb\n" % number)
    add(f"byte {number:#04x} ({name}) as a line", b"%c\n" % number)
add("CR only", GOOD.replace(b"\n", b"\r"))
add("CR CR LF", GOOD.replace(b"\n", b"\r\r\n"))
add("LF CR", GOOD.replace(b"\n", b"\n\r"))
add("U+2028 and U+2029", "2026-03-02T14:02:31Z ERROR [cart] a\u2028b\u2029c\n".encode())
add("bidi overrides", "2026-03-02T14:02:31Z ERROR [cart] \u202eevil\u202c \u2066x\u2069\n".encode())
add("tag characters", "2026-03-02T14:02:31Z ERROR [cart] a\U000e0041\U000e007fb\n".encode())
add("combining storm", ("2026-03-02T14:02:31Z ERROR [cart] e" + "\u0301" * 5000 + "\n").encode())
add("overlong UTF-8", b"2026-03-02T14:02:31Z ERROR [cart] \xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf\n")
add("surrogates in UTF-8", b"2026-03-02T14:02:31Z ERROR [cart] \xed\xa0\x80\xed\xb0\x80\n")
add("UTF-8 beyond U+10FFFF", b"2026-03-02T14:02:31Z ERROR [cart] \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80\n")
add("truncated UTF-8 at a line's end", b"2026-03-02T14:02:31Z ERROR [cart] \xe2\x82\n\xf0\x9f\x98\n")
add("byte order mark inside", b"\xef\xbb\xbf2026-03-02T14:02:31Z ERROR [cart] again\n")
add("UTF-16 in the middle", "2026-03-02T14:02:31Z ERROR [cart] wide\n".encode("utf-16"))
add("NUL run of 1 MiB", b"\0" * 2**20)
add("a line of 1 MiB", b"2026-03-02T14:02:31Z ERROR [cart] " + b"x" * 2**20 + b"\n")
add("a line of 65536 bytes", b"2026-03-02T14:02:31Z ERROR [cart] ".ljust(65536, b"y") + b"\n")
add("a line of 65537 bytes ending in CR", b"2026-03-02T14:02:31Z ERROR [cart] ".ljust(65536, b"y") + b"\r\n")
add("ten thousand empty lines", b"\n" * 10_000)
add("blanks only", (b" " * 5000 + b"\n") * 20)
add("tabs only", (b"\t" * 5000 + b"\n") * 20)
add("random bytes", random.Random(7).randbytes(50_000))
add("random bytes without newlines", random.Random(8).randbytes(50_000).replace(b"\n", b"x"))
add("every byte", bytes(range(256)) * 50)
add("binary of an ELF", b"\x7fELF\x02\x01\x01" + random.Random(9).randbytes(4000))
add("progress bars", b"".join(b"\r%d %%" % n for n in range(500)) + b"\n")
add("escape sequences", b'\x1b]0;owned\x07\x1b]52;c;cm0gLXJmIC8=\x07\x1b[2J\x1b[H\x1bP$q"p\x1b\\\x1b[5n\x1b[6n\n' * 20)
add("rich and textual markup", b"2026-03-02T14:02:31Z ERROR [/] [@click=app.quit]x[/] [red]y [link=file:///]z\n" * 20)
add("format strings", b"2026-03-02T14:02:31Z ERROR %s%n%n {0.__class__} ${jndi:ldap://x/y} $(reboot) `id`\n" * 20)
add("CSV formulas", b"2026-03-02T14:02:31Z ERROR =cmd|' /C calc'!A0 @SUM(1) +1 -1\n" * 20)
add(
    "Markdown, HTML, Mermaid",
    b"2026-03-02T14:02:31Z ERROR ``` </pre><script>alert(1)</script> | --> click a href\n" * 20,
)


@kind("empty")
def _empty() -> Bad:
    return whole(b"")


@kind("one newline")
def _one_newline() -> Bad:
    return whole(b"\n")


@kind("one byte")
def _one_byte() -> Bad:
    return whole(b"x")


@kind("half a stamp")
def _half_stamp() -> Bad:
    return whole(GOOD + b"2026-03-02T14:0")


@kind("no newline at the end")
def _no_newline() -> Bad:
    return whole(GOOD.rstrip(b"\n"))


@kind("only NUL")
def _only_nul() -> Bad:
    return whole(b"\0" * 100_000)


@kind("NUL at the begin, as after copytruncate")
def _nul_begin() -> Bad:
    return whole(b"\0" * 100_000 + GOOD)


@kind("NUL at the end, as after a power cut")
def _nul_end() -> Bad:
    return whole(GOOD + b"\0" * 4096)


@kind("random bytes alone")
def _random_alone() -> Bad:
    return whole(random.Random(10).randbytes(50_000))


@kind("latin-1")
def _latin() -> Bad:
    return whole(
        "".join(f"2026-03-02T14:02:{n:02d}Z ERROR [cart] Größe überschritten\n" for n in range(40)).encode("latin-1")
    )


@kind("mixed encodings")
def _mixed() -> Bad:
    line = "2026-03-02T14:02:31Z ERROR [cart] Größe\n"
    return whole(
        GOOD + b"".join(line.encode(name) for name in ("utf-8", "latin-1", "cp1252", "cp437", "utf-16-le")) * 9
    )


@kind("Shift-JIS")
def _sjis() -> Bad:
    return whole(
        "".join(f"2026-03-02T14:02:{n:02d}Z ERROR [cart] 接続できません\n" for n in range(40)).encode("shift_jis")
    )


@kind("EBCDIC")
def _ebcdic() -> Bad:
    return whole(GOOD.decode().encode("cp500"))


for name in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32"):
    KINDS[f"{name}, cut inside a character"] = lambda name=name: Bad(
        GOOD.decode().encode(name) + b"\x41", GOOD_LINES + 1
    )
    KINDS[f"{name}, lone surrogates"] = lambda name=name: Bad(
        (GOOD.decode() + "x\ud800y\udc00\ud800\n" + GOOD.decode()).encode(name, "surrogatepass"), 2 * GOOD_LINES + 1
    )
KINDS["utf-8 mark alone"] = lambda: Bad(b"\xef\xbb\xbf", 1)
KINDS["utf-16 mark alone"] = lambda: Bad(b"\xff\xfe", 0)


# Lines and records

add(
    "a stack trace of 20,000 frames",
    b"2026-03-02T14:02:31Z ERROR x\njava.lang.StackOverflowError\n" + b"\tat a.B.c(D.java:1)\n" * 20_000,
)
add("nested causes", b"2026-03-02T14:02:31Z ERROR x\n" + b"Caused by: a.B: c\n\tat a.B.c(D.java:1)\n" * 3000)
add("twenty thousand times one letter", b"a\n" * 20_000)
add(
    "each line another level word",
    b"".join(
        b"2026-03-02T14:02:31Z %s x\n" % w
        for w in (b"error", b"ERR", b"E", b"\xe2\x84\xb9", b"9", b"CRITICALLY", b"!!", b"<3>", b"[0m")
    ),
)
add("levels beyond the scale", b"".join(b"2026-03-02T14:02:31Z level=%d x\n" % 10**n for n in range(40)))
add("only brackets", (b"[" * 3000 + b"\n") * 5)
add("only quotes", (b'"' * 3000 + b"\n") * 5)
add("only equals", (b"=" * 3000 + b"\n") * 5)
add("only digits", (b"9" * 3000 + b"\n") * 5)
add("only colons", (b":" * 3000 + b"\n") * 5)
add("only dots", (b"." * 3000 + b"\n") * 5)
add("only slashes", (b"/" * 3000 + b"\n") * 5)
add("only backslashes", (b"\\" * 3000 + b"\n") * 5)
add("hexadecimal run", (b"deadbeef" * 2000 + b"\n") * 5)
add("key=value run", (b"a=b " * 4000 + b"\n") * 5)
add("open quote in logfmt", b'ts=2026-03-02T14:02:31Z level=error msg="never closed ' + b"\\" * 999 + b"\n")
add("UUID run", (b"123e4567-e89b-12d3-a456-426614174000" * 400 + b"\n") * 5)
add("address run", (b"10.0.0.1:80," * 1000 + b"\n") * 5)
add("colon run of IPv6", (b"::1:" * 2000 + b"\n") * 5)
add("PRI beyond its range", b"<999999999999999999>Mar  2 14:02:31 h cart[99999999999999999999]: x\n" * 20)
add("octet-counted syslog", b"99999999999 <11>1 2026-03-02T14:02:31Z h a 1 - - x\n" * 20)
add("CRI partial never ended", b"2026-03-02T14:02:31.000000000Z stderr P half\n" * 50)
add("docker JSON with odd stream", b'{"log":"x\\n","stream":"\\u0000","time":"nonsense"}\n' * 30)
add(
    "access log with absurd status and size",
    b'1.2.3.4 - - [02/Mar/2026:14:02:31 +0000] "GET / HTTP/1.1" 99999 -99999999999999999999 "-" "-" 1e999\n' * 30,
)
add(
    "access log with binary request",
    b'1.2.3.4 - - [02/Mar/2026:14:02:31 +0000] "\\x16\\x03\x01\x00" 400 157 "-" "-"\n' * 30,
)


# JSON


def json_lines(middle: bytes) -> Bad:
    good = b'{"time":"2026-03-02T14:02:31Z","level":"error","msg":"order failed"}\n' * 20
    return whole(good + middle + (b"" if middle.endswith(b"\n") else b"\n") + good)


for name, middle in {
    "JSON of 200,000 brackets": b"[" * 200_000,
    "JSON of 50,000 nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "JSON cut in the middle": b'{"time":"2026-03-02T14:02:31Z","level":"err',
    "JSON with NaN and infinities": b'{"time":NaN,"level":Infinity,"msg":-Infinity,"status":1e999}',
    "JSON with a number of 5,000 digits": b'{"time":' + b"9" * 5000 + b',"level":"error","msg":' + b"9" * 5000 + b"}",
    "JSON with lone surrogates": b'{"time":"2026-03-02T14:02:31Z","level":"error","msg":"\\ud800 \\udfff x"}',
    "JSON with NUL": b'{"time":"2026-03-02T14:02:31Z","level":"error","msg":"a\\u0000b\\u001b[2J"}',
    "JSON with duplicate keys": b'{"level":"info","level":"error","msg":1,"msg":{"a":[1]},"time":1,"time":"2026"}',
    "JSON of other types": b'{"time":{"a":1},"level":["error"],"msg":{"x":null},"service":3.5,"status":"abc"}',
    "JSON with booleans": b'{"time":true,"level":false,"msg":null,"service":null,"status":true,"duration":false}',
    "JSON with an array on top": b'[{"time":"2026-03-02T14:02:31Z","level":"error"}]',
    "JSON with a string on top": b'"2026-03-02T14:02:31Z error"',
    "JSON with 50,000 keys": b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(50_000)) + b"}",
    "JSON with empty keys": b'{"":"","":{"":""}}',
    "JSON with a huge exponent": b'{"time":1e400,"level":50,"duration_ms":1e308,"status":1e18}',
    "JSON with negative times": b'{"time":-99999999999999,"level":"error","msg":"x","duration_ms":-5}',
    "JSON levels beyond the scale": b'{"time":"2026-03-02T14:02:31Z","level":99999999999999999999,"msg":"x"}',
    "JSON in JSON in JSON": b'{"time":"2026-03-02T14:02:31Z","msg":"{\\"msg\\":\\"{\\\\\\"msg\\\\\\":1}\\"}"}',
    "JSON with a BOM on each line": b"\xef\xbb\xbf" + b'{"level":"error"}',
    "JSON of several lines": b'{\n  "time": "2026-03-02T14:02:31Z",\n  "level": "error"\n}\n',
    "JSON with odd Unicode in keys": '{"time\u202e":"x","le\u0000vel":"error","\U000e0041":1}'.encode(),
}.items():  # fmt: skip
    KINDS[name] = lambda middle=middle: json_lines(middle * 1)


# Times


def stamps(*texts: str) -> Bad:
    lines = "".join(f"{text} ERROR [cart] order failed\n" for text in texts)
    return whole(GOOD + lines.encode() * 3 + GOOD)


for name, texts in {
    "years beyond the calendar": ("0000-00-00T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
    "years far off": ("1970-01-01T00:00:00Z", "2262-04-11T23:47:16Z", "2999-01-01T00:00:00Z", "1601-01-01T00:00:00Z"),
    "no such days": ("2026-02-30T14:02:31Z", "2026-13-01T14:02:31Z", "2026-00-10T14:02:31Z", "2025-02-29T14:02:31Z"),
    "no such clock times": ("2026-03-02T25:61:61Z", "2026-03-02T24:00:00Z", "2026-03-02T23:59:60Z"),
    "absurd offsets": ("2026-03-02T14:02:31+99:99", "2026-03-02T14:02:31-24:00", "2026-03-02T14:02:31+2360"),
    "many digits": ("2026-03-02T14:02:31.123456789012345678901234567890Z", "2026-03-02T14:02:31.Z"),
    "other digits": ("２０２６-03-02T14:02:31Z", "٢٠٢٦-03-02T14:02:31Z"),
    "epoch numbers": ("0", "-1", "1772460151", "1772460151123", "1772460151123456789", "99999999999999999999", "1e400"),
    "clock alone": ("14:02:31", "23:59:59", "00:00:00", "99:99:99"),
    "months in words": ("Feb 29 14:02:31", "Feb 30 14:02:31", "Foo 12 14:02:31", "mars 02 14:02:31"),
    "disorder": ("2026-03-02T14:02:31Z", "2020-03-02T14:02:31Z", "2026-03-02T13:02:31Z", "2027-03-02T14:02:31Z"),
}.items():  # fmt: skip
    KINDS[f"times: {name}"] = lambda texts=texts: stamps(*texts)
for name, text in {
    "epoch of 30 digits": "9" * 30, "epoch minus": "-1772460151", "epoch zero": "0",
    "epoch float": "1772460151.9999999999",
    "years of five digits": "12026-03-02T14:02:31Z", "offset +99:99": "2026-03-02T14:02:31+99:99",
    "year 0": "0000-03-02T14:02:31Z", "second 61": "2026-03-02T14:02:61Z", "day 31 of a clock": "Feb 31 14:02:31",
    "year 9999": "9999-12-31T23:59:59.999999+00:00", "year 9999 west": "9999-12-31T23:59:59.999999-12:00",
    "year 1 east": "0001-01-01T00:00:00.000000+14:00",
}.items():  # fmt: skip
    KINDS[f"each time is {name}"] = lambda text=text: whole(f"{text} ERROR [cart] order failed\n".encode() * 60)


# Compressed


def pack_zst(data: bytes) -> bytes:
    import zstandard

    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": pack_zst,
}  # fmt: skip
_MANY = GOOD * 400


def _noise(size: int) -> bytes:
    """Content that a packer cannot shorten much, so that a cut leaves something."""
    return b"".join(
        b"2026-03-02T14:%02d:%02dZ ERROR [cart] %s\n"
        % (n // 60 % 60, n % 60, random.Random(n).randbytes(40).hex().encode())
        for n in range(size)
    )


for packer, pack in PACKERS.items():
    KINDS[f"{packer}"] = lambda pack=pack: Bad(pack(GOOD), GOOD_LINES)
    KINDS[f"{packer}, concatenated"] = lambda pack=pack: Bad(pack(GOOD) + pack(GOOD) + pack(b"") + pack(GOOD), 90)
    KINDS[f"{packer}, of nothing"] = lambda pack=pack: Bad(pack(b""), 0)
    # A block of bz2 is 900 KB of content: cut inside the first one, nothing can be read.
    KINDS[f"{packer}, cut"] = lambda packer=packer, pack=pack: Bad(
        (data := pack(_noise(3000)))[: len(data) * 2 // 3], 0 if packer == "bz2" else -1, "truncated"
    )
    KINDS[f"{packer}, cut in its head"] = lambda pack=pack: Bad(pack(GOOD)[:9], 0, "truncated")
    KINDS[f"{packer}, a byte turned"] = lambda pack=pack: Bad(_turn(pack(_noise(3000))), -1, "damaged")
    KINDS[f"{packer}, rubbish behind"] = lambda pack=pack: Bad(
        pack(GOOD) + b"not compressed\n" * 9, GOOD_LINES, "damaged"
    )
    KINDS[f"{packer}, zeros behind"] = lambda pack=pack: Bad(pack(GOOD) + b"\0" * 4096, GOOD_LINES)
    KINDS[f"{packer}, in itself"] = lambda pack=pack: Bad(pack(pack(GOOD)), -1)
    KINDS[f"{packer}, of a bomb"] = lambda pack=pack: Bad(pack(GOOD + b"\0" * 4_000_000 + b"\n" + GOOD), 61)
    KINDS[f"{packer}, of UTF-16"] = lambda pack=pack: Bad(pack(GOOD.decode().encode("utf-16")), GOOD_LINES)
    KINDS[f"{packer}, magic alone"] = lambda pack=pack: Bad(pack(b"")[:6], 0, "truncated")


def _turn(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes(b ^ 0xFF for b in data[middle : middle + 20]) + data[middle + 20 :]


@kind("gz with a wrong checksum")
def _gz_checksum() -> Bad:
    data = gzip.compress(GOOD)
    return Bad(data[:-8] + b"\1\2\3\4" + data[-4:], GOOD_LINES, "damaged")


@kind("gz with all header fields")
def _gz_fields() -> Bad:
    head = b"\x1f\x8b\x08\x1e\0\0\0\0\0\xff" + struct.pack("<H", 4) + b"AB\0\0" + b"na\x1b[2Jme\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    raw = zlib.compressobj(wbits=-15)
    body = raw.compress(GOOD) + raw.flush()
    return Bad(head + body + struct.pack("<II", zlib.crc32(GOOD), len(GOOD)), GOOD_LINES)


@kind("xz with a dictionary of 1.5 GiB")
def _xz_dictionary() -> Bad:
    # The size stands in the block header of a raw LZMA2 filter: 40 means 4 GiB - 1.
    data = lzma.compress(GOOD, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 4096}])
    at = data.index(b"\x21\x01", 12) + 2
    block = bytearray(data)
    block[at] = 37
    size = (block[12] + 1) * 4
    block[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(bytes(block[12 : 12 + size - 4])))
    return Bad(bytes(block), 0, "damaged")


@kind("zst with skippable frames")
def _zst_skippable() -> Bad:
    frame = b"\x50\x2a\x4d\x18" + struct.pack("<I", 4) + b"skip"
    return Bad(frame + pack_zst(GOOD) + frame, GOOD_LINES)


@kind("zst with a window of 2 GiB")
def _zst_window() -> Bad:
    return Bad(b"\x28\xb5\x2f\xfd\x00" + bytes([(31 - 10) << 3]) + b"\x01\0\0" + b"x" * 50, 0, "damaged")


def _tar() -> bytes:
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        info = tarfile.TarInfo("../../etc/x.log")
        info.size = len(GOOD)
        tar.addfile(info, io.BytesIO(GOOD))
    return target.getvalue()


@kind("tar")
def _tar_plain() -> Bad:
    return whole(_tar())


@kind("tar.gz")
def _tar_gz() -> Bad:
    return Bad(gzip.compress(_tar()), count_lines(_tar()))


for name, begin in {
    "zip": b"PK\x03\x04", "7z": b"7z\xbc\xaf\x27\x1c", "lz4": b"\x04\x22\x4d\x18", "lzip": b"LZIP",
    "compress": b"\x1f\x9d", "journal": b"LPKSHHRH",
}.items():  # fmt: skip
    KINDS[f"{name} is named, not read"] = lambda begin=begin: Bad(begin + b"\1" * 500, 0, refused=True)
