"""What a service did or was given itself, in lines that name somebody else on the way."""

import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request
from tests.analysis.small_incidents import Writer, at, comma, iso

BREAKS, FIXED, END = 300, 400, 600


@pytest.fixture
def writer(tmp_path):
    return Writer(tmp_path, 3)


def judge(w):
    w.write()
    asked = Request([str(w.folder)])
    return run_batch(asked, open_request(asked))


def test_a_configuration_alters_who_reads_it(writer):
    """`config reloaded source=consul`: the service that refuses requests since broke, not the registry."""
    for s in writer.often(0, END, 3):
        bad = BREAKS < s < FIXED
        said = 'level=error msg="limit is not set, request rejected"' if bad else 'level=info msg="request done"'
        writer.add("api.log", s, f"ts={iso(s)} {said} id=r{writer.number(1, 99999)}")
        writer.add(
            "web.log", s + 0.01, f"{iso(s + 0.01)} {'ERROR page failed: api answered 500' if bad else 'INFO page'}"
        )
    writer.add(
        "api.log", BREAKS - 1, f'ts={iso(BREAKS - 1)} level=info msg="config reloaded" source=consul version=882'
    )
    top = judge(writer).candidates[0]
    assert top.service == "api"
    assert "limit is not set" in top.headline
    assert top.trigger is not None
    assert "config reloaded" in top.trigger.text


def test_a_consumer_that_became_slow_blames_no_broker(writer):
    """It is thrown out for its own slowness, in the words of the broker's library, five minutes behind its release."""
    late = (
        "consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the "
        "configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time"
    )
    writer.add("deploys.log", 100, f"{iso(100)} deployed indexer 3.8.0 (was 3.7.2) by jenkins")
    writer.add("indexer.log", 104, f"{comma(104)} INFO [main] Main - starting indexer version 3.8.0")
    for s in writer.often(0, END, 2):
        if s < 100 or s > 450 or writer.chance.random() < 0.05:
            writer.add("indexer.log", s, f"{comma(s)} INFO [main] Handler - indexed product {writer.number(1, 99999)}")
        told = "warn stale result" if BREAKS < s < 450 and s % 3 < 1 else "info search served"
        writer.add("search.log", s, f"{iso(s)} {told} q={writer.number(1, 500)}")
    for s in range(BREAKS, 450, 30):
        writer.add("indexer.log", s, f"{comma(s)} WARN [main] o.a.k.c.c.i.ConsumerCoordinator - {late}")
        lost = "CommitFailedException: the consumer is not part of an active group"
        writer.add(
            "indexer.log", s + 0.2, f"{comma(s + 0.2)} ERROR [main] Main - org.apache.kafka.clients.consumer.{lost}"
        )
    top = judge(writer).candidates[0]
    assert top.service == "indexer"
    assert top.trigger is not None
    assert "3.8.0" in top.trigger.text


def test_a_client_knows_why_a_certificate_is_bad(writer):
    """The server is told that it is bad, its client that it has expired: the advice is what to do about that."""
    for s in writer.often(0, END, 4):
        bad = BREAKS < s < FIXED
        if bad:
            error = "tls: failed to verify certificate: x509: certificate has expired or is not yet valid"
            said = f'level=error msg="request failed" err="Get \\"https://people:8443/me\\": {error}"'
            peer = f"10.2.0.4:{writer.number(30000, 60000)}"
            told = f"http: TLS handshake error from {peer}: remote error: tls: bad certificate"
        else:
            said, told = 'level=info msg="served" path=/me', "GET /me 200"
        writer.add("portal.log", s, f"ts={iso(s)} {said}")
        writer.add("people.log", s + 0.01, f"{at(s + 0.01):%Y/%m/%d %H:%M:%S} {told}")
    snapshot = judge(writer)
    assert snapshot.candidates[0].service == "people"
    assert any("Renew the certificate" in one.text for one in snapshot.actions.do)


def test_a_job_that_exits_broke_by_its_fault(writer):
    """The exception stands a second before `exited with return code 1`: that is the reason, the exit its end."""
    for s in range(0, END, 30):
        writer.add("loader.log", s, f"{comma(s)} INFO loader - extract started, run {s}")
        if s < BREAKS:
            writer.add("loader.log", s + 8, f"{comma(s + 8)} INFO loader - Task exited with return code 0")
            continue
        trace = 'Traceback (most recent call last):\n  File "/opt/load.py", line 88, in run\n    row["currency"]\n'
        writer.add("loader.log", s + 7, f"{comma(s + 7)} ERROR loader - Task failed\n{trace}KeyError: 'currency'")
        writer.add("loader.log", s + 8, f"{comma(s + 8)} INFO loader - Task exited with return code 1")
    top = judge(writer).candidates[0]
    assert (top.service, "KeyError" in top.headline) == ("loader", True)
