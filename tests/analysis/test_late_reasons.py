"""What a service says long after it began to fail is no reason for it: whom it named then is."""

import numpy as np

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

BEGIN = 1_772_460_000
LOST, BACK, CALM = 600, 780, 820


def test_the_limit_that_clients_meet_as_they_come_back_is_no_cause(tmp_path):
    """The broker stalls; as it goes on all shops come at once, and orders says that it is full."""
    chance = np.random.default_rng(5)
    broker, orders, edge = [], [], []
    for second in range(1200):
        stamp = f"{np.datetime64(BEGIN + second, 's')}Z"
        at = np.datetime64(BEGIN + second, "s").item().strftime("%d/%b/%Y:%H:%M:%S +0000")
        if second % 30 == 0:
            broker.append(f"{stamp} INFO heartbeat of 3 peers")
        if second in (LOST, LOST + 60, LOST + 120):
            broker.append(f"{stamp} ERROR peer timed out, stalled")
        is_herd = BACK <= second < CALM
        for _ in range(chance.poisson(60 if is_herd else 5)):
            is_lost = LOST < second < BACK
            failed = "ERROR publish failed: no answer from broker" if is_lost else ""
            if is_herd and chance.random() < 0.8:
                failed = "ERROR too many orders in flight, limit reached"
            orders.append(f"{stamp} {failed or 'INFO order accepted'}")
            edge.append(f'10.1.1.9 - - [{at}] "POST /orders HTTP/1.1" {503 if failed else 202} 160 "-" "-"')
    for name, lines in (("broker", broker), ("orders", orders), ("edge", edge)):
        (tmp_path / f"{name}.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    snapshot = run_batch(asked, open_request(asked))
    assert snapshot.candidates[0].service == "broker"
    assert snapshot.recovery.verdict.value == "herd"
    assert not [one for one in snapshot.candidates if one.service == "orders" and one.points > 0]


def test_a_database_that_ends_a_session_blames_none_of_its_users(tmp_path):
    """The session that held the lock is ended by hand: that its line holds `user@shop` names nobody as the cause."""
    database, shop = [], []
    for second in range(1200):
        stamp = str(np.datetime64(BEGIN + second, "s")).replace("T", " ")
        said = [("app@shop LOG", "duration: 630.175 ms")] if second % 4 == 0 else []
        if second == LOST:
            said.append(("job@shop LOG", "process 71 still waiting for ShareLock on transaction 7 after 1000 ms"))
        if second == BACK:
            said.append(("job@shop FATAL", "terminating connection due to administrator command"))
        database += [f"{stamp}.100 UTC [{40 + second % 9}] {who}:  {text}" for who, text in said]
        is_lost = LOST + 30 <= second <= BACK
        shop.append(f"{stamp},300 {'ERROR order failed: no session' if is_lost else 'INFO order placed'}")
    for name, lines in (("postgresql", database), ("shop", shop)):
        (tmp_path / f"{name}.log").write_text("\n".join(lines) + "\n")
    asked = Request([str(tmp_path)])
    top = run_batch(asked, open_request(asked)).candidates[0]
    assert top.headline.startswith("process 71 still waiting")
    assert "blame" not in {one.kind for one in top.counter_evidence}
