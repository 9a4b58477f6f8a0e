"""Several services that write to one log are told apart by the names in the heads of its lines."""

import pytest
from format_samples import learn

from logscope.ingest.scanner import Scanner


def services(lines):
    """Names of services that the records of a log have, in their order."""
    scanner = Scanner(learn(lines), "own")
    batches = [scanner.feed(b"".join(line + b"\n" for line in lines)), scanner.flush()]
    return [
        scanner.services[int(number)] for batch in batches if batch.service is not None for number in batch.service
    ] or ["own"]


def write(form, *told, times=6):
    """Lines of those who tell something, by turns."""
    return [
        form % (b"2026-03-05T14:%02d:%02d.123Z" % (n // 60, n % 60), who, b"%s %d" % (what, n))
        for n in range(times * len(told))
        for who, what in [told[n % len(told)]]
    ]


@pytest.mark.parametrize(
    "form",
    [
        b"%s INFO [%s] %s",
        b"[%s] ERROR [%s] %s",
        b"%s [%s] WARN %s",
        b"%s INFO %s: %s",
        b"%s INFO %s - %s",
    ],
)
def test_who_writes_is_a_service(form):
    """Wherever the head has the name, with words that others use of it."""
    lines = write(form, (b"ledger", b"booked"), (b"kiosk", b"ledger gave no answer"), (b"mailer", b"sent"))
    assert services(lines)[:3] == ["ledger", "kiosk", "mailer"]


@pytest.mark.parametrize(
    "names",
    [
        (b"billing-api", b"stock-svc", b"tax"),
        (b"BillingService", b"StockService", b"Gateway"),
        (b"nginx", b"tax", b"stock"),
        (b"order-intake", b"stock-keeper", b"tax-service"),
        # What runs and watches programs is beside them, also where a name would be a level elsewhere.
        (b"db", b"deployment", b"autoscaler"),
        (b"stock-api", b"system", b"ingress"),
        (b"cache", b"config", b"ops"),
    ],
)
def test_names_alone_tell_services(names):
    """Of which nobody speaks: what they end with, or that a server is among them, is enough."""
    lines = write(b"%s INFO [%s] %s", *((name, b"ready") for name in names))
    assert set(services(lines)) == {name.decode() for name in names}


@pytest.mark.parametrize(
    "told",
    [
        # Threads, numbered or not.
        [(b"main", b"ready"), (b"stock-1", b"main went on"), (b"stock-2", b"ready")],
        [(b"http-nio-8080-exec-1", b"ready"), (b"http-nio-8080-exec-2", b"ready")],
        # Classes of one program, though some are called services.
        [(b"StockService", b"ready"), (b"TaxService", b"ready"), (b"StockController", b"ready")],
        [(b"c.s.StockService", b"ready"), (b"c.s.TaxService", b"ready")],
        # Modules that any program has.
        [(b"http", b"db is slow"), (b"db", b"auth is slow"), (b"auth", b"http is slow")],
        [(b"http", b"db is slow"), (b"ingress", b"auth is slow"), (b"auth", b"http is slow")],
        # A place for levels.
        [(b"info", b"tax is set"), (b"error", b"stock is low"), (b"ops", b"tax is high")],
        # One that speaks of itself.
        [(b"stock", b"stock is low"), (b"tax", b"tax is high")],
    ],
)
def test_parts_of_a_program_are_none(told):
    """The log is one service's."""
    assert set(services(write(b"%s INFO [%s] %s", *told, times=20))) == {"own"}


def test_inside_of_an_envelope_it_is_the_envelope_that_tells():
    """Compose has the service in front of each line, whatever the line says."""
    inner = write(b"%s INFO [%s] %s", (b"billing-api", b"ready"), (b"stock-svc", b"ready"))
    lines = [(b"shop-1  | ", b"mail-1  | ")[n % 2] + line for n, line in enumerate(inner)]
    assert set(services(lines)) == {"shop", "mail"}
