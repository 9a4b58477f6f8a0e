"""The laws of masks: idempotent, blind to ids and numbers, never to names and codes; the cache only makes it faster."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from logscope.ingest.signatures.masks import MaskCache, mask

TEXT = """connect to redis-main:6379 failed 10.0.0.7:41022 after 5000 ms id=7 0xdeadbeef 1x2 (1205, user:1290 status 503
https://api.example.com:8443/v1/a?b=1 a@b.example 2026-03-02T14:02:03.1Z ORA-00060 [Errno 111] h2 sha 9f86d081884c
550e8400-e29b-41d4-a716-446655440000 <num> <id> 3.5kB 17% cart-7 v2 Log4j ::1 fe80::1:2:3:4:5 code=17 14:02:03"""
WORDS = st.sampled_from([*TEXT.split(), "\\", '"', "\xe912"])
MESSAGES = st.lists(st.one_of(WORDS, st.text(max_size=6)), max_size=8).map(lambda words: " ".join(words).encode())


@given(message=MESSAGES)
def test_cache_gives_what_mask_gives(message):
    """Messages that differ in digits only are masked as if there were no cache."""
    cache = MaskCache()
    for digits in (b"0123456789", b"9876543210", b"0000000000", b"1111111111", b"4000000000"):
        other = message.translate(bytes.maketrans(b"0123456789", digits))
        assert mask(other) == cache.mask(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"connect to redis:6379 failed", b"connect to kafka:9092 failed"),
        (b"upstream responded 503", b"upstream responded 404"),
        (b"[Errno 111] Connection refused", b"[Errno 113] No route to host"),
        (b"Code: 241. Not for this query", b"Code: 60. Not for this query"),
        (b"(1205, 'Lock wait timeout exceeded')", b"(1213, 'Deadlock found')"),
        (b"ORA-00060: x", b"ORA-01017: x"),
        (b"open api.example.com", b"open pay.example.com"),
        (b"cipher AES-256 in UTF-16LE", b"cipher DES-256 in UTF-16BE"),
        (b"be::add failed", b"be::fed failed"),
    ],
)
def test_names_and_codes_make_the_event(one, other):
    """Messages about another dependency or another code are other events."""
    assert mask(one) != mask(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"timed out after 5000 ms", b"timed out after 31 ms"),
        (b"user 7 gone", b"user 8123 gone"),
        (b"peer 10.0.0.1:40001 closed", b"peer 10.20.3.1:51234 closed"),
        (b"order 550e8400-e29b-41d4-a716-446655440000", b"order 650e8400-e29b-41d4-a716-446655440000"),
        (b"GET https://api.example.com/v1/7 failed", b"GET https://api.example.com/v1/8/x failed"),
        (b"at 2026-03-02T14:02:03Z", b"at 2025-11-12T01:00:59.123+01:00"),
        (b"egg_9f9f1a72 is cold", b"egg_07bd20ce is cold"),
        (b"could not confirm order #OLJCESPC7Z", b"could not confirm order #K2M9QWPX4T"),
        (b"refund of ORD-7F3K2 was refused", b"refund of ORD-9QX41 was refused"),
    ],
)
def test_ids_and_numbers_do_not(one, other):
    """Messages that differ in ids, numbers, addresses and times are one event."""
    assert mask(one) == mask(other)


@given(message=MESSAGES)
@example(message=b"<num>ms")
@example(message=b"http://cart:p@ss@word@db.example:80/x")
def test_masking_twice_changes_nothing(message):
    """What is masked stays as it is."""
    once = mask(message)
    assert once == mask(once)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"GC(145) Pause Full 4095M->4063M(4096M) 3120.5ms", b"GC(777) Pause Full 4095M->4081M(4096M) 2204.1ms"),
        (b"user(2017) logged out", b"user(3555) logged out"),
        (b"no route rid=dcfcbdeacbec", b"no route rid=47d7567730f4"),
        (b"child (4211) exited", b"child (9127) exited"),
        (b"free 9.1 KB of 2 GB", b"free 17 MB of 1.5 GB"),
        (b"since Wed Jun 22 03:12:11 2005", b"since Sun Oct  2 23:59:01 2011"),
        (b"lease for 00:1b:22:6f:0a:31", b"lease for f4:aa:de:ad:be:ef"),
        (b"held for 03:17", b"held for 12:44"),
        (b"parity check........0", b"parity check........7"),
        (b"message k3Q9x2Zb1: queued", b"message p4m0C77e8: queued"),
        (b"at web.Basket.addItem:2041", b"at web.Basket.addItem:188"),
        (b"evicted cart-7d4b9c6f5-x2x9z", b"evicted cart-6c8f7xk9w-bq7fd"),
        (b"peer fe80::f816:3eff:fe12:3456 left", b"peer 2001:db8:85a3:0:0:8a2e:370:7334 left"),
        (b"peer ::ffff:10.0.0.7 left", b"peer ::1 left"),
        (b"routes v6(eth0:2001:db8:7:1:0:8a2e:370:9)", b"routes v6(eth0:fd00:ab:3:9:c6b3:1ff:7:a1)"),
        (b"held for 0:00:12.5", b"held for 13:44:02"),
        (b"due 2:05:09 PM", b"due 11:30:00 AM"),
        (b"slept 1m2.5s", b"slept 12h0m3.25s"),
        (b"load of 1.2e+06 seen", b"load of 35 seen"),
        (b"chunk 30546173_4261722401 lost", b"chunk 174_18 lost"),
        (b"disk 6005-08b4-0001-00c6 gone", b"disk 1005-0cf4-abcd-99c6 gone"),
        (b"runs v1.2.3 now", b"runs v1.10.0 now"),
    ],
)
def test_what_counts_or_names_an_instance_does_not(one, other):
    """Numbers in brackets behind a word are no codes."""
    assert mask(one) == mask(other)
