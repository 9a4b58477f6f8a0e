"""Ids are found by shape and by name; what only looks like one is not."""

import pytest

from logscope.ingest.ids import LONGEST_ID, find_ids

FOUND = {
    b'{"reqId":"c277aeff3814","amount":17991}': [b"c277aeff3814"],
    b"GET /a HTTP/1.1 200 rid=bce13882f8c4": [b"bce13882f8c4"],
    b"[cd1f66356623] recommender call failed": [b"cd1f66356623"],
    b"Task digest.build[5db5b483-7bb2-4d73-9a3c-7d8833dde29f] received": [b"5db5b4837bb24d739a3c7d8833dde29f"],
    b'"trace": "58dd5779-229", "k": 20': [b"58dd5779229"],
    b"x-request-id: 01J9ZQ4T7M3N8P2R5S6V": [b"01j9zq4t7m3n8p2r5s6v"],
    b"job_id=export-0017 started": [b"export0017"],
    b"correlationId='A9-b7' ok": [b"a9b7"],
    b"traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01": [
        b"4bf92f3577b34da6a3ce929d0e0e4736" + b"00f067aa0ba902b701"[: LONGEST_ID - 32]
    ],
    b"took 1795437104275 us at 0x7fff5fbff8c0, 2026-11-23 12:00:00": [],
    b"user_id=4711 valid=12345 deadbeefdead": [],
    b"commit 9c1e44a by host_id=web-17": [],
    b"": [],
}


@pytest.mark.parametrize(("text", "names"), FOUND.items(), ids=[text[:20].decode() for text in FOUND])
def test_ids_of_a_line(text, names):
    """What ties lines together is found, once; numbers, addresses, users and words are not."""
    assert [one.name for one in find_ids(text)] == names
