"""The verdict in one sentence with its figures; true of the data, for scripts and the report."""

from typing import Final

from logscope.analysis.recovery.doubts import Doubts
from logscope.analysis.recovery.rates import Comparison, chance_of_silence
from logscope.analysis.recovery.signs import Signs
from logscope.model.recovery import Verdict

_WORDS: Final = {
    Verdict.RECOVERED: "back at the usual rate",
    Verdict.HERD: "back at the usual rate after a burst of retries",
    Verdict.SECOND_WAVE: "errors rose again after a quiet minute",
    Verdict.PARTIAL: "clearly less, but not back at the usual rate",
    Verdict.ONGOING: "errors go on",
    Verdict.TOO_EARLY: "too early to say",
    Verdict.NO_BASELINE: "errors from the first minute on, and nothing shows whether that is usual",
}
_NEAR: Final = 1.25
"""Above this share of the usual rate it is not back at it, though it may be by chance."""
_TELLING_SILENCE: Final = 0.01


def explain(
    verdict: Verdict,
    signs: Signs,
    compared: Comparison,
    during_per_s: float,
    doubts: Doubts,
    is_recurrent: bool,
    is_back: bool = False,
) -> str:
    """What was compared with what, and what it cannot exclude.

    Args:
        verdict: What is told.
        signs: All series.
        compared: The present and what is usual.
        during_per_s: Rate of the incident.
        doubts: What stands against it.
        is_recurrent: It comes and goes.
        is_back: Errors had ended once.
    """
    now = compared.count / compared.seconds
    figures = (
        f"{_figure(signs.usual_per_s)}/min before, " if signs.usual_s else ""
    ) + f"{_figure(during_per_s)}/min during, {_figure(now)}/min in the last {_span(compared.seconds)}"
    words = _WORDS.get(verdict, verdict.value)
    if verdict is Verdict.TOO_EARLY and not compared.count:
        words = "errors have stopped"
    elif verdict is Verdict.TOO_EARLY and is_back:
        words = "errors rise again, by retries or as a second wave"
    elif verdict in (Verdict.RECOVERED, Verdict.HERD) and now > _NEAR * signs.usual_per_s > 0:
        words = words.replace("back at", "near")
    if doubts.stopped:
        words = doubts.stopped
    parts = [f"{words}: {figures}"]
    if is_recurrent:
        parts.append("it comes and goes")
    if doubts.text:
        parts.append(doubts.text)
    silence = chance_of_silence(during_per_s, compared.seconds)
    if verdict in (Verdict.RECOVERED, Verdict.HERD) and not compared.count and silence > _TELLING_SILENCE:
        parts.append(f"so long a silence comes by chance in {100 * silence:.0f} of 100 cases")
    if not signs.usual_s:
        parts.append("no normal period in view")
    return "; ".join(parts)


def _figure(per_s: float) -> str:
    value = per_s * 60
    return f"{value:,.0f}" if value >= 10 or value == 0 else f"{value:.1f}"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min" if seconds < 180 * 60 else f"{seconds // 3600:.0f} h"
