"""Sections of work: what is bounded, what is told apart."""

from dataclasses import replace

from logscope.model.causes import Link, RuledOut, Trigger
from logscope.model.files import LineRef
from logscope.report.markdown import Options, render_markdown


def sections(snapshot, *names):
    return render_markdown(snapshot, Options(sections=frozenset(names)))


def test_who_is_ruled_out_is_told_apart_from_what_was_logged_meanwhile(story):
    """An everyday kind of a service that failed does not rule that service out; long lists end with a count."""
    services = tuple(RuledOut(f"svc{n}", None, f"reason {'abcdefghijklmnop'[n]}") for n in range(15))
    kinds = tuple(
        RuledOut("cart-service", "cart-service.log", f"everyday: kind {n}", (LineRef("cart-service.log", n + 1),))
        for n in range(5)
    )
    text = sections(replace(story, ruled_out=(*services, *kinds)), "ruled-out")
    first, _, second = text.partition("Logged meanwhile, and no part of it:")
    assert first.count("- **svc") == 12
    assert "- and 3 more services\n" in first
    assert "cart-service" not in first
    assert second.strip() == (
        "- cart-service: everyday: kind 0 (`cart-service.log:1`); everyday: kind 1 (`cart-service.log:2`); 3 more"
    )


def test_what_was_counted_beside_a_line_is_no_quote(story):
    """The line says that a pass started; how many run at once was counted."""
    text = "pass started (7 runs are open at once when it breaks, never more than 1 before)"
    trigger = Trigger("job.log", 3, "pass started", story.incident.start - 9, 9, Link.NUMBER, "job", text)
    told = replace(story, candidates=(replace(story.candidates[0], trigger=trigger), *story.candidates[1:]))
    assert "job: `pass started` (7 runs are open at once when it breaks, never more than 1 before)" in sections(
        told, "trigger"
    )
