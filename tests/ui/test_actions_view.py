"""What to do: checks, steps, what to leave, and who is ruled out."""

from dataclasses import replace

from logscope.model.causes import RuledOut
from logscope.model.files import LineRef
from logscope.report.wording import WHEN_OVER
from logscope.ui.views import (
    action_rows,
)
from tests.judged import judge_sample
from tests.ui.rows_of import LOOK, plain


def test_a_question_is_followed_by_a_look():
    """Where the first thing to check is a question, the first command stands above what to do as well."""
    tags = [text[:9].strip() for text in plain(action_rows(judge_sample("cache-loss-second-wave"), 120, LOOK))]
    assert [tag for tag in tags if tag and tag != "$"][:3] == ["CHECK", "CHECK", "DO"]


def test_one_look_then_what_to_do(known):
    """The first check, all that is to be done and not to be done, and only then further checks."""
    still = replace(known, recovery=replace(known.recovery, over=False))
    tags = [text[:10].strip() for text in plain(action_rows(still, 200, LOOK))]
    tags = [tag for tag in tags if tag]
    assert len(known.actions.check) > 1
    assert tags.index("DO") == 1
    assert tags.index("NOT") < len(tags) - 1 - tags[::-1].index("CHECK")
    assert tags.count("CHECK") == len(known.actions.check)


def test_who_is_ruled_out_for_one_reason_is_told_once(known):
    """Twenty services that write as before take one entry; what rests on a line of its own stays by itself."""
    calm = [RuledOut(f"s{n}", None, f"writes as before ({n}.0/s to {n}.1/s), no kind of error new") for n in range(20)]
    own = RuledOut("s3", None, "everyday: 1.0/min before, 1.1/min during: mail greylisted", (LineRef("s3.log", 9),))
    found = " ".join(plain(action_rows(replace(known, ruled_out=(*calm, own)), 120, LOOK)))
    assert found.count("NOT IT") == 2
    assert "NOT IT   s0, s1, s2," in found
    assert "s18 and s19: each writes as before, no kind of error new" in " ".join(found.split())
    assert "NOT IT   s3: everyday" in found


def test_everyday_noise_of_several_is_told_once(known):
    """Slow calls of six services, as slow as ever, push nothing off the screen; two are told with their figures."""
    noise = [
        RuledOut(f"s{n // 2}", None, f"everyday: {n}.0/min before, {n}.1/min during: slow call", (LineRef("s.log", n),))
        for n in range(1, 7)
    ]
    other = RuledOut("export", None, "began 2 min before: slow call", (LineRef("e.log", 1),))
    told = lambda *ruled: [  # noqa: E731
        row for row in plain(action_rows(replace(known, ruled_out=ruled), 120, LOOK)) if row.startswith(" NOT IT")
    ]
    assert told(*noise, other) == [
        " NOT IT   s0, s1, s2 and s3: everyday noise, as before: 2 Kinds lists it",
        " NOT IT   export: began 2 min before: slow call",
    ]
    assert told(*noise[:2]) == [f" NOT IT   {one.service}: {one.reason}" for one in noise[:2]]


def test_what_there_is_to_do_once_it_is_over(known):
    """Over, the steps are for the next time; while it goes on, nothing stands before the first look."""
    still = replace(known, recovery=replace(known.recovery, over=False))
    assert WHEN_OVER in plain(action_rows(known, 120, LOOK))[0]
    assert plain(action_rows(still, 120, LOOK))[0].startswith(" CHECK")
