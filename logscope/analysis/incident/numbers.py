"""Numbers in the logs as evidence for a judged incident, and as work for later."""

from collections.abc import Sequence
from dataclasses import replace

from logscope.analysis.causes.changes import Change
from logscope.analysis.causes.departures import describe_number
from logscope.analysis.causes.triggers import find_by_number
from logscope.analysis.incident.base import Found
from logscope.analysis.story.timeline import tell_states
from logscope.model.advice import FollowUp
from logscope.model.causes import Evidence
from logscope.model.incident import NumberChange
from logscope.model.times import span


def tell_numbers(
    found: Found, numbers: Sequence[NumberChange], changes: Sequence[Change], results: Sequence[Evidence] = ()
) -> Found:
    """Show the likeliest candidate's own numbers, and limits that were reached, as evidence and as work for later.

    They carry no points: where a number stands is known, what it means for the ranking is not. Where nothing else tells
    what set it off, it is the change with which a number left its normal.

    Args:
        found: What was judged.
        numbers: That left their normal.
        changes: Records that say that something was altered.
        results: That were never told before.
    """
    if not found.candidates or not (numbers or results):
        return found
    top = found.candidates[0]
    own: list[NumberChange] = []
    if top.trigger is None and not top.is_event and found.incident is not None:
        by_number = find_by_number(changes, numbers, found.incident.start)
        if by_number is not None:
            top = replace(top, trigger=by_number[0])
            own.append(by_number[1])
    for one in numbers:
        # A share and the amount that it is the share of tell the same.
        is_told = any((o.service, o.begin, o.end, o.is_full) == (one.service, one.begin, one.end, True) for o in own)
        if (one.service == top.service or one.is_full or one.is_state) and not is_told and one not in own:
            own.append(one)
    own = own[:3]
    evidence = (*results, *(Evidence("number", 0.0, describe_number(one), one.lines) for one in own))
    later = tuple(
        FollowUp(
            f"Alert on {one.name} of {one.service} at 80 %",
            f"would have fired {span(first_error - one.alert_at_80)} before the first error",
            one.lines,
            None,
        )
        for one in own
        if one.alert_at_80 is not None
        and found.incident is not None
        and (first_error := found.incident.first_error) is not None
    )
    actions = None if found.actions is None else replace(found.actions, follow_up=(*later, *found.actions.follow_up))
    candidates = (replace(top, evidence=(*top.evidence, *evidence)), *found.candidates[1:])
    timeline = tell_states(found.timeline, [one for one in numbers if one.is_state])
    # Whose numbers left their normal before it began is not as before, however quietly its log goes on.
    moved = {one.service for one in numbers}
    ruled_out = tuple(one for one in found.ruled_out if one.lines or one.service not in moved)
    return replace(found, candidates=candidates, actions=actions, timeline=timeline, ruled_out=ruled_out)
