"""A herd stands above all that came before it, and costs users something."""

from types import SimpleNamespace

import numpy as np

from logscope.analysis.recovery.line import Line
from logscope.analysis.recovery.reading import Spells
from logscope.analysis.recovery.segments import dispersion
from logscope.analysis.recovery.spells import find_surge, make_spell
from logscope.model.times import US

END = 100


def line_of(per_second):
    """One count for each second."""
    return Line(0, END, np.arange(len(per_second)), np.array(per_second))


def test_a_last_burst_of_many_alike_is_no_surge():
    """Six seconds on, six off: the last burst is twice the mean, and no higher than the others."""
    bursts = [60 if n % 12 < 6 else 0 for n in range(90)]
    line = line_of(bursts)
    assert find_surge(line, make_spell(line, 0, 89), 1.0) is None


def test_a_burst_above_a_steady_plateau_is_a_surge():
    """Steady for a minute and a half, then ten times as much for six seconds."""
    line = line_of([4] * 90 + [40] * 6)
    surge = find_surge(line, make_spell(line, 0, 95), 1.0)
    assert surge is not None
    assert surge.start == 90


def test_clumps_all_along_end_with_no_surge():
    """A crash each ten seconds or so takes some requests along, some more than others: the last took five."""
    line = line_of(([0, 3, 1, 0, 0, 0, 0, 0, 0, 0] + [0] * 4 + [1, 0, 0, 0, 0, 0]) * 4 + [0, 0, 0, 0, 3, 2, 2, 3])
    spell = make_spell(line, 1, 87)
    assert find_surge(line, spell, 1.0) is not None
    assert find_surge(line, spell, dispersion(line, spell.start, spell.end + 1)) is None


def test_what_rises_right_behind_the_cause_is_no_surge():
    """A stray record now and then before it is no plateau, and the incident itself is nobody's coming back."""
    line = line_of([1 if n % 6 == 0 else 0 for n in range(60)] + [20] * 36)
    signs = SimpleNamespace(
        line=line, start=0, now=END, usual_per_s=0.0, usual_s=60, phi=1.0, requests=None, writing=(), step_s=1
    )  # fmt: skip
    kind = SimpleNamespace(id="cause", between=lambda begin, end: 1)

    def surge_behind(second):
        broke = SimpleNamespace(kind=kind, time=second * US)
        return Spells(signs, [second], [], [], [], broke, None).surge

    assert surge_behind(2) is not None
    assert surge_behind(58) is None
