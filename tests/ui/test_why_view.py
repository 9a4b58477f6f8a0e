"""The evidence: what speaks for a cause and against it, and what would change the order."""

import re
from dataclasses import replace

from logscope.analysis.story.sentences import write_sentences
from logscope.model.causes import Evidence, Link, Trigger
from logscope.ui.views import (
    why_rows,
)
from tests.judged import judge_sample
from tests.ui.rows_of import LOOK, MINUTE, plain


def test_why_explains_a_second_wave_first_while_it_goes_on():
    """What it has that the first did not and the job before it stand above the first cause; once over, behind it."""
    known = judge_sample("cache-loss-second-wave")
    titles = [text.strip().split("  ")[0] for text in plain(why_rows(known, 120, LOOK)) if text[1:2].isupper()]
    assert titles[:4] == ["SECOND WAVE", "SET OFF BY", "ROOT CAUSE OF THE FIRST WAVE", "SET OFF BY"]
    assert "loyalty-recalc" in plain(why_rows(known, 120, LOOK))[6]
    over = replace(known, recovery=replace(known.recovery, over=True))
    assert plain(why_rows(over, 120, LOOK))[0].startswith(" ROOT CAUSE OF THE FIRST WAVE")


def test_why_and_the_sentences_on_top_say_the_same(known):
    """What set it off in the same words where no change is known; the later wave by its number; reasons by weight."""
    event = replace(known.candidates[0], is_event=True, trigger=None)
    alone = replace(known, candidates=(event, *known.candidates[1:]))
    rows = plain(why_rows(replace(alone, sentences=write_sentences(alone, LOOK.dial)), 120, LOOK))
    assert any(row.startswith(" SET OFF  by the same line") and "redis-server.log:29" in row for row in rows)
    assert any(row.strip() == "SET OFF BY  not in these logs" for row in plain(why_rows(known, 120, LOOK)))
    points = [float(row.split()[0]) for row in rows[: rows.index("")] if re.match(r" +\+\d", row)]
    assert len(points) > 1
    assert points == sorted(points, reverse=True)
    assert not any(row.startswith(" THIRD") for row in plain(why_rows(known, 120, LOOK))), "it has less than 1 %"
    made = judge_sample("cache-loss-second-wave")
    last = made.recovery.waves[-1]
    third = replace(last, start=last.start + MINUTE, end=last.end + MINUTE)
    again = replace(made, recovery=replace(made.recovery, waves=(*made.recovery.waves, third)))
    assert plain(why_rows(again, 120, LOOK))[0].startswith(" THIRD WAVE")


def test_everyday_noise_is_no_cause(known):
    """Where nothing rose, why says so, and ranks nothing as a root cause."""
    rows = plain(why_rows(replace(known, incident=None, groups=()), 100, LOOK))
    text = "\n".join(rows)
    assert "nothing broke" in rows[0]
    assert "EVERYDAY" in text
    assert [word for word in ("ROOT CAUSE", "RUNNER-UP", "SET OFF BY", "HIGH") if word in text] == []


def test_what_set_it_off_is_no_runner_up(known):
    """The same line is not told as another cause; the next candidate stands in its place."""
    top, second, *_ = known.candidates
    other = replace(second, file="/x/deploy.log", line=7, service="deploys", headline="release 9")
    trigger = Trigger("/x/deploy.log", 7, "", 0, 0, Link.NAMED, "deploys", "release 9")
    rows = plain(why_rows(replace(known, candidates=(replace(top, trigger=trigger), other, second)), 120, LOOK))
    at = next(n for n, row in enumerate(rows) if row.startswith(" RUNNER-UP"))
    assert second.headline[:20] in rows[at + 1]
    assert sum("release 9" in row for row in rows) == 1


def test_what_would_change_the_order_is_one_sentence(known):
    """The heaviest reason is named by its words alone, and the sentence ends once."""
    first, second, *rest = known.candidates
    close = replace(known, candidates=(first, replace(second, points=first.points - 1.5), *rest))
    text = " ".join(plain(why_rows(close, 200, LOOK)))
    said = text[text.index("CHANGES") : text.index("CASCADE")]
    assert said.rstrip().endswith('says "maxmemory reached".')
    assert ".." not in said
    even = replace(known, candidates=(first, replace(second, points=first.points - 0.01), *rest))
    text = " ".join(plain(why_rows(even, 200, LOOK)))
    assert f"CHANGES  {second.service} weighs as much as {first.service}: any further line" in text
    assert "0.0 points" not in text


def test_of_who_is_only_named_it_is_said_once_why_its_log_tells_nothing(known):
    """Not where a reason says it already, nor of a log that stopped: that one was given."""
    top, *others = known.candidates
    named = replace(top, in_logs=False)
    shown = lambda one: " ".join(plain(why_rows(replace(known, candidates=(one, *others)), 120, LOOK)))  # noqa: E731
    assert "its own log shows nothing, or was not given" in shown(named)
    for kind in ("phantom", "silence"):
        told = replace(named, evidence=(*named.evidence, Evidence(kind, 0.8, "its log says so", ())))
        assert "its own log shows nothing" not in shown(told)


def test_another_candidate_is_unlikely_not_impossible(known):
    """A chance of less than one in a hundred is told as that, not as nothing."""
    top, second, *others = known.candidates
    for chance, words in ((0.003, "RUNNER-UP  below 1 %"), (0.12, "RUNNER-UP  12 %")):
        named = (top, replace(second, probability=chance), *others)
        assert any(words in row for row in plain(why_rows(replace(known, candidates=named), 120, LOOK)))
