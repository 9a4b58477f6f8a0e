"""What stops while others fail and then goes on as before is no symptom; what is well again is none either."""

from tests.analysis.small_incidents import at, comma, iso
from tests.judged import judge_small


def _everyday_pause(w):
    """A directory warns of each closed session all day; while the portal cannot log in there are none."""
    for s in w.often(0, 300, 5):
        fails = 100 < s < 170
        said = "ERROR sign-in broken: invalid credentials" if fails else "INFO signed in"
        w.add("portal.log", s, f"{comma(s)} {said}")
        if not fails:
            w.add("directory.log", s + 0.01, f"{comma(s + 0.01)} WARN session {w.number(1, 9999)} closed by peer")
    for s in range(0, 300, 20):
        w.add("directory.log", s, f"{comma(s)} INFO {w.number(3, 9)} sessions open")


def _alarm(w):
    """A broker sets an alarm and clears it; both lines are warnings."""
    for s in w.often(0, 900, 5):
        fails = 300 < s < 420
        said = "ERROR order not queued: rabbitmq blocks the connection" if fails else "INFO order queued"
        w.add("orders.log", s, f"{comma(s)} {said}")
    for s in range(5, 900, 15):
        w.add("rabbitmq.log", s, f"{at(s):%Y-%m-%d %H:%M:%S}.000000+00:00 [info] <0.{s}.0> accepting AMQP connection")
    for second, said in ((299.9, "set on node rabbit@mq1."), (420.0, "cleared on node rabbit@mq1")):
        stamp = f"{at(second):%Y-%m-%d %H:%M:%S}.{int(second % 1 * 1e6):06}+00:00"
        w.add("rabbitmq.log", second, f"{stamp} [warning] <0.289.0> memory resource limit alarm {said}")


def _proxy_reread(w):
    """A proxy reads its rules anew and refuses a partner since; it says which version of it does so."""
    for s in w.often(0, 900, 5):
        result, status = ("TCP_DENIED", 403) if 300 < s < 420 else ("TCP_MISS", 200)
        line = f"{at(s).timestamp():.3f} 12 10.0.0.7 {result}/{status} 800 GET http://pay.example/{w.number(1, 99)}"
        w.add("squid-access.log", s, f"{line} - HIER_NONE/- -")
    for s in (0, 300):
        said = "Starting Squid Cache version 6.9 for x86_64" if s == 0 else "Reconfiguring Squid Cache (version 6.9)..."
        w.add("squid-cache.log", s, f"{at(s):%Y/%m/%d %H:%M:%S}| {said}")
    for s in range(10, 900, 40):
        w.add("partner.log", s, f"{iso(s)} INFO looked for mail")


def test_an_everyday_warning_that_goes_on_is_no_symptom():
    """Its pause came of the failures, and that it comes again as ever neither adds to them nor holds them open."""
    snapshot = judge_small(_everyday_pause)
    assert snapshot.candidates[0].service == "portal"
    assert snapshot.recovery.over
    assert [entry.service for entry in snapshot.timeline if "closed by peer" in entry.event] == []


def test_a_cleared_alarm_is_no_symptom():
    """That it is well again is told in the timeline, and not as something that the cause led to."""
    snapshot = judge_small(_alarm)
    cleared = {group.id for group in snapshot.groups if "cleared" in group.headline}
    assert cleared
    assert cleared.isdisjoint(step.to_group for step in snapshot.cascade)


def test_the_version_of_who_reads_his_settings_anew_is_none_to_go_back_to():
    """`Reconfiguring (version 6.9)` tells of no other version."""
    do = [action.text for action in judge_small(_proxy_reread).actions.do]
    assert any(text.startswith("Undo what set it off: squid-cache") for text in do)
