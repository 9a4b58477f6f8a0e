"""Incidents as they are met on running servers, told in other words: what they must say, and must not."""

from tests.analysis.small_incidents import at, comma
from tests.judged import judge_small


def _settings_in_a_diff(w):
    """A tool shows line by line what it alters in a relay's settings; clients wait in storms until it is taken back."""
    for s in w.often(0, 520, 8):
        bad = 300 < s < 318 or 388 < s < 400
        said = "ERROR parcel not weighed: timed out" if bad else "INFO parcel weighed"
        w.add("scale.log", s, f"{comma(s)} {said}")
    for s in range(10, 520, 90):
        w.add("puppet-agent.log", s, f"{at(s):%Y-%m-%d %H:%M:%S} +0000 Puppet (notice): Applied catalog in 2.1 seconds")
    for s, told in ((299, ("-ReadTimeout 30", "+ReadTimeout 1")), (389, ("-ReadTimeout 1", "+ReadTimeout 30"))):
        for line in told:
            head = f"{at(s):%Y-%m-%d %H:%M:%S} +0000 /Stage[main]/Relay/File[/etc/relay/relay.conf]/content (notice):"
            w.add("puppet-agent.log", s, f"{head} {line}")
    w.add("scale.log", 463, f"{comma(463)} INFO parcel weighed")


def test_a_setting_in_a_diff_is_no_failure():
    """`+ReadTimeout 1` alters a setting, whatever its words say; the same file once more takes it back."""
    snapshot = judge_small(_settings_in_a_diff)
    top = snapshot.candidates[0]
    assert not [one for one in top.counter_evidence if one.kind == "symptom"] or top.service != "puppet-agent"
    told = top.headline if top.service == "puppet-agent" else top.trigger.text
    assert "ReadTimeout" in told
    assert snapshot.recovery.over


def _short_outage(w):
    """A store is restarted for four seconds; its clients fail meanwhile, and all is well since."""
    for s in w.often(0, 420, 2):
        bad = 200 < s < 204
        said = "ERROR seat not kept: connect ECONNREFUSED 10.0.0.8:6379 (redis)" if bad else "INFO seat kept"
        w.add("seats.log", s, f"{comma(s)} {said}")
    for s, said in ((199.9, "User requested shutdown..."), (203.8, "Ready to accept connections tcp")):
        w.add("redis.log", s, f"812:M {at(s):%d %b %Y %H:%M:%S}.{int(s % 1 * 1000):03} # {said}")
    for s in range(5, 420, 40):
        w.add("redis.log", s, f"812:M {at(s):%d %b %Y %H:%M:%S}.000 * 1 changes in 60 seconds. Saving...")


def test_what_rose_for_moments_is_told_though_it_is_no_incident():
    """Nobody is told that nothing rose: what did, when, and whose fault it was."""
    snapshot = judge_small(_short_outage)
    assert snapshot.incident is None
    assert "no kind of error rose" not in snapshot.recovery.explanation
    assert "a blip: seats: seat not kept" in snapshot.sentences[0].text
    assert snapshot.candidates[0].service == "redis"
