"""The rich view of a record: what its text, its pairs and its object say."""

import pytest
from format_samples import learn

from logscope.ingest.signatures.fields import find_error


def read(*lines: str):
    rows = [line.encode() for line in lines]
    return learn(rows * 2).fields(b"\n".join(rows))


def test_pairs_and_ids_of_a_message():
    """Pairs become values, numbers as numbers; keys that name ids give ids."""
    found = read("2026-03-05 14:02:08,123 ERROR [w-1] shop.cart: failed rid=d00ea9891adf user=c00: n=3")
    assert (found.logger, found.thread) == ("shop.cart", "w-1")
    assert found.values == {"rid": "d00ea9891adf", "user": "c00", "n": 3.0}
    assert found.ids == ("d00ea9891adf",)


def test_stack_is_what_follows_the_head():
    """Continuations are the stack; the message is the head's text alone."""
    found = read("2026-03-05 14:02:08,123 ERROR [w-1] shop.cart: failed", "Traceback", "  File x")
    assert (found.message, found.stack) == ("failed", "Traceback\n  File x")


def test_stack_of_an_object():
    """An object's stack trace is found in its field, nested or dotted."""
    line = '{"@timestamp":"2026-03-05T14:02:08.123Z","message":"bad","error":{"stack_trace":"X\\n\\tat a"}}'
    assert read(line).stack == "X\n\tat a"


def test_a_detail_of_an_error_says_what_went_wrong():
    """`err.detail` is read as a field of that name, in pairs and in objects."""
    pairs = 'time="2026-03-05T14:02:08Z" level=error msg="not written" err.code=unknown err.detail="no space left"'
    assert read(pairs).error == "no space left"
    line = '{"@timestamp":"2026-03-05T14:02:08.123Z","message":"not written","err":{"detail":"no space left"}}'
    assert read(line).error == "no space left"


def test_of_whom_a_template_tells_is_not_who_writes():
    """A field that the message's template names is part of what it says; else it is the record's service."""
    told = [
        f'{{"@t":"2026-03-05T14:02:{n:02}.123Z","@mt":"Release of {{App}} is out","App":"a{n % 5}"}}'.encode()
        for n in range(30)
    ]
    assert learn(told).fields(told[0]).service is None
    own = [row.replace(b"Release of {App} is out", b"ready") for row in told]
    assert learn(own).fields(own[0]).service == "a0"


def test_request_of_an_access_line():
    """Method, route without its query, status and the upstream of an access line are told."""
    found = read('10.1.2.3 - - [05/Mar/2026:14:02:08 +0000] "POST /cart/7?x=1 HTTP/1.1" 502 173 "-" "curl" rt=0.5')
    assert (found.method, found.route, found.status) == ("POST", "/cart/7", 502)


def test_peer_of_an_nginx_error():
    """The upstream that a proxy could not reach is the peer."""
    found = read('2026/03/05 14:02:08 [error] 1#1: *9 connect() failed, upstream: "http://10.0.0.7:80/x", host: "x"')
    assert found.peer == "10.0.0.7:80"


def test_timestamps_are_no_ids():
    """Long numbers are not taken for ids, identifiers with letters are."""
    found = read('{"level":50,"time":1772719328123,"pid":1,"hostname":"w","reqId":"9d152b69daf7","msg":"bad"}')
    assert found.ids == ("9d152b69daf7",)


def test_cut_docker_lines_are_joined():
    """The pieces of a line that docker cut are one message."""
    found = read(
        '{"log":"ERROR a long ","stream":"stderr","time":"2026-03-05T14:02:08.1Z"}',
        '{"log":"line\\n","stream":"stderr","time":"2026-03-05T14:02:08.2Z"}',
    )
    assert found.message == "a long line"


def test_deep_and_huge_values_do_no_harm():
    """Objects too deep or numbers too long to load are damaged lines, still timed and levelled by their keys."""
    layout = learn([b'{"time":"2026-03-05T14:02:08Z","level":"error","msg":"a"}'] * 3)
    for value in (b"[" * 100_000, b"9" * 10_000):
        line = b'{"time":"2026-03-05T14:02:08Z","level":"error","msg":"a","x":' + value
        head = layout.parse(line, layout.new_state())
        assert head is not None
        assert (head.time, head.severity.word) == (1_772_719_328_000_000, "error")
        assert layout.fields(line).message


@pytest.mark.parametrize(
    ("record", "error"),
    [
        ({"attr": {"error": 28, "message": "write: No space left on device"}}, "write: No space left on device"),
        ({"attr": {"error": {"code": 6, "errmsg": "connection refused"}}}, "connection refused"),
        ({"context": {"exception": {"class": "TypeError", "message": "no egg"}}}, "no egg"),
        ({"error": "its own", "attr": {"error": "another"}}, "its own"),
        ({"attr": {"durationMillis": 4}, "context": {"order": 7}}, None),
    ],
)
def test_what_went_wrong_may_stand_in_an_object_of_all_fields(record, error):
    """MongoDB holds them in `attr`, Monolog in `context`: the message alone says `error message`."""
    assert find_error(record, "an error") == error
