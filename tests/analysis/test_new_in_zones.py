"""What is new is new in whatever zone its log is written."""

from tests.analysis.small_incidents import Writer, at, iso
from tests.judged import judge

BREAKS, END = 1200, 1800


def test_a_new_line_of_a_log_in_local_time_is_known_as_new(tmp_path):
    """A modem's log lies two hours ahead without a zone; its calls carry the ids that prove it."""
    w = Writer(tmp_path, 4)
    for s in w.often(0, END, 3):
        call = w.id()
        w.add("modem.log", s, f"{at(s + 7200):%Y-%m-%d %H:%M:%S}.{int(s % 1 * 1000):03} info: frame {call} queued")
        said = f"ERROR no route for frame {call}" if s > BREAKS else f"INFO frame {call} sent"
        w.add("uplink.log", s + 0.01, f"{iso(s + 0.01)} {said}")
    text = "info: profile 3 activated, APN m2m.alt"
    w.add("modem.log", BREAKS - 1, f"{at(BREAKS - 1 + 7200):%Y-%m-%d %H:%M:%S}.000 {text}")
    w.write()
    assert "profile 3 activated" in judge(tmp_path).candidates[0].headline
