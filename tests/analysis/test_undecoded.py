"""What cannot be decoded blames whom the message names, and not whose library handed it over."""

import pytest

from tests.analysis.small_incidents import comma, iso
from tests.judged import judge_small

TRACE = (
    "\norg.springframework.amqp.rabbit.support.ListenerExecutionFailedException: Listener threw exception"
    "\n\tat org.springframework.amqp.rabbit.listener.Adapter.wrap(Adapter.java:19)"
    "\nCaused by: com.fasterxml.jackson.databind.exc.InvalidFormatException: Cannot deserialize value of type `int`"
    "\n\tat com.fasterxml.jackson.databind.DeserializationContext.weird(DeserializationContext.java:7)"
)


def _by_library(w):
    """A consumer cannot read what a release of somebody else sends since; the broker only hands it over."""
    for s in w.often(0, 400, 4):
        said = f"ERROR letter not read{TRACE}" if s > 202 else "INFO letter read"
        w.add("reader.log", s, f"{comma(s)} {said}")
    w.add("rollout.log", 200, f"{iso(200)} INFO deployed writer 2.3.0")


def _by_name(w):
    """A client cannot parse what a service answers: a page of a proxy, say."""
    for s in w.often(0, 400, 4):
        bad = s > 200
        said = "ERROR failed to decode answer of prices: invalid character '<'" if bad else "INFO price shown"
        w.add("shop.log", s, f"{iso(s)} {said}")
        w.add("prices.log", s, f"{comma(s)} INFO price read")


@pytest.mark.parametrize(("build", "blamed"), [(_by_library, set()), (_by_name, {"prices"})])
def test_only_who_is_named_is_blamed(build, blamed):
    """The exception that ends the trace says that it is a fault in the code, whatever was retried around it."""
    told = judge_small(build)
    services = {one.service for one in told.candidates if not one.in_logs or one.service == "prices"}
    assert services - {"outside these logs"} == blamed
    own = next((one for one in told.candidates if one.service == "reader"), None)
    assert own is None or any("a fault in the code" in one.text for one in own.evidence)
