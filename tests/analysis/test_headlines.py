"""Headlines stand for all records of their kind: no id of a single request is in them."""

import pytest

from logscope.analysis.kinds.headlines import (
    add_fields,
    fill_common,
    fill_template,
    hide_ids,
    leave_out_asker,
    one_line,
    write_headline,
)
from logscope.analysis.kinds.meaning import innermost_exception
from logscope.ingest.layouts.table import learn_table
from logscope.ingest.signatures.fields import RecordFields
from logscope.ingest.signatures.signature import template_of_request
from logscope.text.cutting import shorten

TOLD = {
    "user is disabled. rid=73ad00b77819": "user is disabled.",
    "[cd1f66356623] call failed: [Errno 111] refused": "call failed: [Errno 111] refused",
    "POST /profile id=355 rid=b66322dbfbb1 failed: (1205, x)": "POST /profile id=355 failed: (1205, x)",
    "Task build[5db5b483-7bb2-4d73-9a3c-7d8833dde29f] retry": "Task build[…] retry",
    "retrying at once [5d574ee06634]: it failed": "retrying at once: it failed",
    'answered 503 {"rid": "d21160b6f1af"}': "answered 503",
    'giving up {"id": 2079, "rid": "ee31b34819a9"} []': 'giving up {"id": 2079}',
    'lookup failed {"rid":"555187bfa19a","x":1}': 'lookup failed {"x":1}',
    "cart is null (rid=41601e60ed7a view failed)": "cart is null (view failed)",
    "no such feature exists (-5,357)": "no such feature exists (-5,357)",
    "deploy rev=b81f07d image=web:5.12.0": "deploy rev=b81f07d image=web:5.12.0",
}


@pytest.mark.parametrize(("headline", "told"), TOLD.items())
def test_a_headline_holds_no_id_of_one_request(headline, told):
    """A pair or bracket that holds nothing else goes with it; versions, numbers and codes stay."""
    assert hide_ids(headline) == told


def test_a_short_id_is_known_by_what_other_records_hold():
    """Eight digits in a bracket are a code where all records have them, an id where each has its own."""
    others = [b"[1f3a9c2b] upstream refused", b"[9c01d7ee] upstream refused"]
    assert hide_ids("[1f3a9c2b] upstream refused", others) == "upstream refused"
    assert hide_ids("giving up [1f3a9c2b]: refused", others) == "giving up: refused"
    assert hide_ids("[1f3a9c2b] upstream refused", others[:1]) == "[1f3a9c2b] upstream refused"
    fault = "[c0000005] fault"
    assert hide_ids(fault, [b"[c0000005] fault in a", b"[c0000005] fault in b"]) == fault


def test_columns_of_a_line_are_no_holes_in_a_sentence():
    """What stands in columns, by blanks or tabs, is told with one blank between."""
    assert one_line("  deployment/pricing      Scaled up\t\tto 1 \nmore") == "deployment/pricing Scaled up to 1"


def test_an_id_alone_is_a_headline():
    """Where nothing else is said, it is all there is to show."""
    assert hide_ids("rid=73ad00b77819") == "rid=73ad00b77819"


def test_a_request_without_a_method_begins_with_its_route():
    """No blank stands before it."""
    assert template_of_request(b"", b"/me/points/17", 504) == "/me/points/* 504"


def test_a_headline_of_few_words_tells_what_its_records_have_in_common():
    """Which upstream and what it said, not how long it took: that differs from record to record."""
    texts = [
        f'{{"msg": "upstream error", "body": "quota of {n} used", "to": "maps", "ms": {n}}}'.encode() for n in (7, 8)
    ]
    assert add_fields("upstream error", texts) == "upstream error: to=maps"
    assert add_fields("upstream error", texts[:1]) == "upstream error: body=quota of 7 used, to=maps"
    assert add_fields("the upstream answered with an error", texts) == "the upstream answered with an error"


def test_a_long_line_is_shortened_in_its_middle():
    """Why it failed stands at its end, and is not cut within a word."""
    line = f"token of https://identity failed: {'x' * 200} certificate verify failed: certificate has expired"
    told = shorten(line, 100)
    assert len(told) <= 100
    assert told.startswith("token of https://identity failed")
    assert told.endswith(" … verify failed: certificate has expired")


def test_a_shortened_line_keeps_no_half_words():
    """`[E … 111]` would be read as something else; one long word is cut all the same."""
    told = shorten("payment not taken: api.pay.lan: [Errno 111] Connection refused", 60)
    assert told == "payment not taken: api.pay.lan: … 111] Connection refused"
    assert shorten("x" * 90, 60).startswith("x" * 30)


def test_an_exception_of_the_message_s_own_words_is_shown_once():
    """`[id] too many open files`, and below it an exception that says the same."""
    said = RecordFields(
        "[9d3f5b7a1c20] too many open files", stack="java.io.IOException: Too many open files\n\tat A.b()"
    )
    assert write_headline(said, b"") == "IOException: Too many open files"
    other = RecordFields("[9d3f5b7a1c20] seat not kept", stack="java.io.IOException: Too many open files\n\tat A.b()")
    assert write_headline(other, b"") == "IOException: Too many open files (seat not kept)"


def test_a_message_template_is_shown_with_its_values():
    """`{Account}` is filled from the record's own fields; a hole without a value stays as it is written."""
    one = {"Account": "svc-bind", "Count": 3.0}
    assert fill_template("Rotated {Account}, {@Count:0.00} left of {All}", one) == "Rotated svc-bind, 3 left of {All}"
    assert fill_template("Closed {Id}", {"Properties.Id": "a7"}) == "Closed a7"


def test_a_kind_shows_only_values_that_all_of_its_records_have():
    """What differs from record to record is an ellipsis: the headline stands for all of them."""
    template = "{Contract} of {Tariff} is closed"
    records = [RecordFields(template, values={"Contract": n, "Tariff": "night"}) for n in (1.0, 2.0)]
    assert fill_common(records) == "… of night is closed"


@pytest.mark.parametrize(
    "below",
    [
        "\n  Detail: Key (id)=(4) is taken.\n  Hint: Take another one.\n\tat a.B.c(B.java:3)",
        "\n  Position: 15\n\tat a.B.c(B.java:3)",
        "\nLINE 1: SELECT 1\nHINT:  Ask again later.",
        "\n[SQL: SELECT 1]\n[parameters: {'a': 1}]\n(Background on this error at: https://sqlalche.me/e/20/e3q8)",
    ],
)
def test_what_a_database_adds_below_is_not_the_exception(below):
    """The exception is the line above its details, hints and statements."""
    assert innermost_exception(f"shop.db.OperationalError: row is locked{below}") == "OperationalError: row is locked"


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("Oracle.Client.OracleException (0x80004005): ORA-00257: Archiver error\n   at A.B()", "OracleException"),
        (
            "Shop.OrderException: not kept\n ---> System.Net.Sockets.SocketException (111): Connection refused\n"
            "   at A.B()\n   --- End of inner exception stack trace ---\n   at C.D()",
            "SocketException: Connection refused",
        ),
        (
            "Shop.OrderException: not kept\n ---> System.TimeoutException: no answer\n   at A.B()\n"
            "   --- End of inner exception stack trace ---\n   at C.D()",
            "TimeoutException: no answer",
        ),
    ],
)
def test_an_exception_of_dotnet_is_read_to_its_inner_one(stack, told):
    """Behind an arrow stands what it was caused by; the line that ends it and a number in brackets are none."""
    found = innermost_exception(stack)
    assert (found or "").startswith(told)


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        (
            "Server: shop:4000 (http)\nRequest: GET /cart\n** (exit) an exception was raised:\n"
            "    ** (Shop.Stock.LockError) shelf is locked\n        (shop 0.1.0) lib/stock.ex:12: Shop.Stock.take/2",
            "LockError: shelf is locked",
        ),
        (
            "** (stop) exited in: GenServer.call(Shop.Shelf, :read, 5000)\n    ** (EXIT) time out\n"
            "    (elixir 1.15.7) lib/gen_server.ex:1074: GenServer.call/3\nLast message: :tick\nState: %{n: 3}",
            "EXIT: time out",
        ),
    ],
)
def test_an_exception_of_elixir_is_read_to_its_inner_one(stack, told):
    """The last pair of stars names it; what stands below are frames and the state of who died."""
    assert innermost_exception(stack) == told


@pytest.mark.parametrize(
    ("message", "stack", "told"),
    [
        ("Errors in file x.trc:", "ORA-19815: no bytes left\nARC1: stopped", "file x.trc: ORA-19815: no bytes left"),
        ("refused for:", "    at Basket.keep(Basket.java:3)", "refused for:"),
        ("refused", "a further line of it", "refused"),
        ("Two lines:\nthe second", None, "Two lines: the second"),
    ],
)  # fmt: skip
def test_a_line_that_announces_the_next_is_told_with_it(message, stack, told):
    """What stands behind the colon is the message; frames of a stack and other lines are not."""
    assert write_headline(RecordFields(message, stack=stack), b"").endswith(told)


def test_a_tab_is_no_hole_in_a_headline():
    """Console lines of some loggers part message and fields by a tab; a sentence shows a blank."""
    assert write_headline(RecordFields(message='rendered\t{"to": "/etc/a"}'), b"x") == 'rendered {"to": "/etc/a"}'


def test_an_uncaught_error_of_node_is_told_by_its_words():
    """Node prints where it threw, the line, the error, its frames and its own version: the error says what it is."""
    where = "/srv/quote.js:5"
    rest = (
        "  return z.base * 1.2;\n           ^\n\nTypeError: Cannot read properties of undefined (reading 'base')\n"
        "    at rate (/srv/quote.js:5:123)\n\nNode.js v20.20.2"
    )
    fields = RecordFields(where, stack=rest)
    told = "TypeError: Cannot read properties of undefined (reading 'base') (/srv/quote.js:5)"
    assert write_headline(fields, f"{where}\n{rest}".encode()) == told


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "Client id=7 addr=10.0.0.4:40112 fd=9 name= age=2 flags=S db=0 cmd=psync scheduled to be closed now",
            "Client … scheduled to be closed now",
        ),
        (
            'open() "/srv/a" failed (2: No such file), client: 10.0.0.1, server: shop, request: "GET /a HTTP/1.1"',
            'open() "/srv/a" failed (2: No such file)',
        ),
        ("job done rows=4 ms=9", "job done rows=4 ms=9"),
    ],
)
def test_whose_request_it_was_is_not_what_happened(message, told):
    """Numbers of the one who asked give way to the words behind them; a few fields stay."""
    assert leave_out_asker(message) == told


def test_behind_a_long_announcement_the_reason_comes_first():
    """A line of ninety characters that ends in a colon says less than the one below it."""
    first = f"Channel error on connection <0.71.0> ({'10.0.0.1:1 -> ' * 6}), channel 1:"
    told = one_line(f"{first}\nthe queue has other arguments")
    assert told.startswith("the queue has other arguments (Channel error")


def test_a_nested_exception_is_told_by_its_innermost_words():
    """What a framework wraps in one line, below a head of its own in a collector's column, ends in the reason."""
    said = (
        "2026-03-05 09:05:36.272  ERROR 1 --- [http-nio-4] o.a.c.c.C.[.[.[/].[dispatcher] : Servlet.service() for "
        "servlet [dispatcher] in context with path [] threw exception [Request processing failed; nested exception is "
        'org.acme.client.AccessException: I/O error on GET request for "http://rates:165/v1": Connection refused] with '
        "root cause"
    )
    told = write_headline(RecordFields(said), said.encode())
    assert told == (
        'AccessException: I/O error on GET request for "http://rates:165/v1": Connection refused '
        "(Servlet.service() for servlet…)"
    )


def test_a_head_within_a_message_is_left_out():
    """A collector's column holds the whole line as it was written; a date that somebody speaks of stays."""
    for said in ("2026-03-05 09:05:36,272 INFO rates read", "2026-03-05T09:05:36Z WARN  rates read"):
        assert write_headline(RecordFields(said), said.encode()) == "rates read"
    kept = "2026-03-05 09:05:36 is no working day"
    assert write_headline(RecordFields(kept), kept.encode()) == kept


@pytest.mark.parametrize("fifth", [b"", b",trace"])
def test_a_row_with_a_column_for_its_message_is_told_by_that(fifth):
    """Its other columns stand in their own places of the screen; a row without one is told by all of them."""
    head = b"timestamp,service,severity,message" + fifth
    rows = [
        b'2026-05-04T10:00:%02dZ,%s,ERROR,"no lease for %d eggs, gave up"' % (s, (b"nest", b"roost")[s % 2], s)
        + (b",t%d" % s if fifth else b"")
        for s in range(40)
    ]
    form, _ = learn_table([head, *rows])
    read = form.read_fields([rows[7]])
    assert write_headline(read, rows[7]) == "no lease for 7 eggs, gave up"


@pytest.mark.parametrize(
    ("first", "rest", "told"),
    [
        ("  walker:", ["    pid: <0.84.0>", "    error: no tide", "  call"], "walker: error: no tide"),
        ("nest Fault: ----------", ["insert", "----------", "", "ERROR 12"], "nest Fault: ERROR 12"),
        ("saved ======", ["12 nests"], "saved 12 nests"),
        ("ends here:", ["12 nests"], "ends here:"),
    ],
)  # fmt: skip
def test_a_line_that_only_announces_is_told_with_the_line_that_says_why(first, rest, told):
    """Reports in blocks, and what a client prints between rulers."""
    text = "\n".join([first, *rest])
    fields = RecordFields(message=first.strip())
    assert write_headline(fields, text.encode()) == told
