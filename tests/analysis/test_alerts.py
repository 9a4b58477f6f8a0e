"""Messages of the usual monitors and pagers, one JSON document a line: when it began, when it reached somebody."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request

DAY = datetime(2026, 5, 4, 9, tzinfo=UTC)
ONSET, BEGAN, SENT, CLOSED = 1200, 1290, 1320, 1900
"""Seconds from the first line: the first error, the begin of the alert, its message, its end."""


def iso(second, form="%Y-%m-%dT%H:%M:%SZ"):
    return (DAY + timedelta(seconds=second)).strftime(form)


def epoch_ms(second):
    return int((DAY + timedelta(seconds=second)).timestamp() * 1000)


def alertmanager(status, sent):
    labels = {"alertname": "CheckoutErrors", "severity": "page", "job": "checkout"}
    alert = {
        "status": status,
        "labels": labels,
        "annotations": {"summary": "checkout answers 37 % with 5xx"},
        "startsAt": iso(BEGAN),
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else iso(sent),
        "generatorURL": "http://prometheus:9090/graph",
        "fingerprint": "c0ffee0123456789",
    }
    payload = {"receiver": "team", "status": status, "alerts": [alert], "version": "4", "groupKey": "{}"}
    return {"timestamp": iso(sent), **payload}


def grafana(status, sent):
    alert = {"status": status, "labels": {"alertname": "Errors"}, "startsAt": iso(BEGAN), "values": {"B": 37.2}}
    state = "alerting" if status == "firing" else "ok"
    title = f"[{status.upper()}:1] checkout errors"
    return {"time": iso(sent), "receiver": "x", "status": status, "alerts": [alert], "title": title, "state": state}


def pagerduty(status, sent):
    kind = "incident.triggered" if status == "firing" else "incident.resolved"
    data = {"id": "PGR0VU2", "type": "incident", "number": 2, "created_at": iso(BEGAN), "title": "checkout errors"}
    data["status"] = "triggered" if status == "firing" else "resolved"
    event = {"id": "01B", "event_type": kind, "resource_type": "incident", "occurred_at": iso(sent), "data": data}
    return {"time": iso(sent), "event": event}


def cloudwatch(status, sent):
    value, old = ("ALARM", "OK") if status == "firing" else ("OK", "ALARM")
    return {
        "AlarmName": "checkout-5xx",
        "AlarmDescription": "5xx of the edge",
        "NewStateValue": value,
        "NewStateReason": "Threshold Crossed: 1 datapoint [37.2] was greater than the threshold (5.0).",
        "StateChangeTime": iso(BEGAN if status == "firing" else sent, "%Y-%m-%dT%H:%M:%S.000+0000"),
        "OldStateValue": old,
        "Timestamp": iso(sent),
    }


def eventbridge(status, sent):
    value = "ALARM" if status == "firing" else "OK"
    state = {"value": value, "reason": "Threshold Crossed", "timestamp": iso(BEGAN if status == "firing" else sent)}
    detail = {"alarmName": "checkout-5xx", "state": state, "previousState": {"value": "OK"}}
    return {
        "source": "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change", "time": iso(sent), "detail": detail,
    }  # fmt: skip


def opsgenie(status, sent):
    alert = {"alertId": "052652ac", "message": "checkout errors", "createdAt": epoch_ms(BEGAN), "tinyId": "23"}
    return {"time": iso(sent), "action": "Create" if status == "firing" else "Close", "alert": alert}


MONITORS = (alertmanager, grafana, pagerduty, cloudwatch, eventbridge, opsgenie)


def judge(folder, alerts):
    """An incident of ten minutes beside a file of alerts."""
    lines = []
    for second in range(2400):
        is_bad = ONSET <= second < 1800
        text = f"ERROR order {second} not stored: broken pipe" if is_bad else f"INFO order {second} stored"
        lines.append(f"{iso(second, '%Y-%m-%d %H:%M:%S')} {text}")
    (folder / "checkout.log").write_text("\n".join(lines) + "\n")
    (folder / "alerts.log").write_text("".join(f"{one}\n" for one in alerts))
    asked = Request([str(folder)])
    return run_batch(asked, open_request(asked))


@pytest.mark.parametrize("monitor", MONITORS)
def test_every_monitor_tells_when_it_began_and_when_somebody_knew(monitor, tmp_path):
    """The begin is the alert's own; it reached somebody when it was sent; the gap counts from the first error."""
    snapshot = judge(tmp_path, [json.dumps(monitor("firing", SENT)), json.dumps(monitor("resolved", CLOSED))])
    incident = snapshot.incident

    def seconds(time_us):
        return round(time_us / 1e6 - DAY.timestamp())

    assert seconds(incident.first_error) == ONSET
    assert (seconds(incident.alert_began), seconds(incident.detected_at)) == (BEGAN, SENT)
    assert incident.detection_gap_us == (SENT - ONSET) * 1_000_000
    told = [entry.event.split(":")[0] for entry in snapshot.timeline if entry.kind.value == "alert"]
    assert told == ["firing", "resolved"]
    assert "alert 09:22:00, 2 min after the first error" in snapshot.sentences[3].text


def test_a_message_without_a_time_of_its_own_has_the_alert_s(tmp_path):
    """A bare webhook document is placed where it says that it began."""
    document = alertmanager("firing", SENT)
    del document["timestamp"]
    incident = judge(tmp_path, [json.dumps(document)]).incident
    assert incident.alert_began == incident.detected_at
    assert round(incident.detected_at / 1e6 - DAY.timestamp()) == BEGAN


@pytest.mark.parametrize("indent", [None, 2])
def test_what_has_fired_needs_no_word_for_its_state(tmp_path, indent):
    """The page as somebody saved it: an object, over several lines or one, that says when it fired."""
    page = {"metric": "5xx_ratio", "severity": "critical", "fired_at": iso(SENT), "summary": "5xx ratio above 5 %"}
    snapshot = judge(tmp_path, [json.dumps(page, indent=indent)])
    incident = snapshot.incident
    assert incident.services == ("checkout",)
    assert round(incident.alert_began / 1e6 - DAY.timestamp()) == SENT


def test_a_plain_note_is_an_alert_too(tmp_path):
    """What a pager's plain log says."""
    incident = judge(tmp_path, [f"{iso(SENT)} ALERT firing: checkout error rate above 5 %"]).incident
    assert round(incident.detected_at / 1e6 - DAY.timestamp()) == SENT


def test_an_alert_is_never_the_cause(tmp_path):
    """A monitor sees; it breaks nothing."""
    snapshot = judge(tmp_path, [json.dumps(alertmanager("firing", SENT))])
    assert all(candidate.service != "alerts" for candidate in snapshot.candidates[:2])


def test_no_alert_is_said_to_be_none(tmp_path):
    """Nobody was told, as far as the logs show."""
    snapshot = judge(tmp_path, [f"{iso(5)} INFO nothing to report"])
    assert snapshot.incident.detected_at is None
    assert "no alert in these logs" in snapshot.sentences[3].text


def test_a_monitor_of_ones_own_tells_both_ends(tmp_path):
    """Its fields are like no product's, but only alerts are `firing` and `resolved`; the end breaks nothing."""
    documents = [
        {"ts": iso(sent), "receiver": "pager", "status": status, "alert": "CheckoutErrors"}
        for status, sent in (("firing", SENT), ("resolved", CLOSED))
    ]
    snapshot = judge(tmp_path, [json.dumps(one) for one in documents])
    told = [entry.event for entry in snapshot.timeline if entry.kind.value == "alert"]
    assert told == ["firing: CheckoutErrors", "resolved: CheckoutErrors"]
    assert all(candidate.service != "alerts" for candidate in snapshot.candidates[:2])


def test_an_alert_that_names_the_service_that_it_is_about_is_one_by_its_file(tmp_path):
    """Fields like no product's, in a list over several lines: the file is called so, and only alerts are firing."""
    page = {"id": "a1", "name": "Slow", "service": "checkout", "state": "firing", "started_at": iso(SENT)}
    other = {**page, "id": "a0", "service": "blog", "started_at": iso(20)}
    incident = judge(tmp_path, [json.dumps([page, other], indent=2)]).incident
    assert round(incident.alert_began / 1e6 - DAY.timestamp()) == SENT
