"""What each kind of evidence counts in the ranking: one table, with where each weight comes from.

The first block is that of analysis.md 3.4, fitted there on 4,000 simulated incidents. The others were set on simulated
and recorded incidents of which none is in the tests' reported half; each commit that sets one shows the ablation.
"""

from typing import Final

from logscope.analysis.onset.anomalies import OVER_MARGIN_US
from logscope.model.times import US

ORDER: Final = 1.0
REACH: Final = 3.0
CAUSE: Final = 2.0
CHANGE: Final = 1.0
"""A change is the trigger; it is the cause only where no mechanism is logged."""
CHANGED_US: Final = 300 * US
"""A change counts for the node that fails behind it, less the longer it went well: by exp(-lag / this)."""
LEAST_CHANGED: Final = 0.3
"""Points of a change from which on a full pool is full because of it."""
BUG: Final = 0.5
"""A null pointer is a fault, but more often the first to fall than the one who pushed."""
HARMLESS: Final = -1.0
"""A warning that something is deprecated: it comes with a new release, and breaks nothing."""
STATE: Final = 0.5
NOVEL: Final = 1.0
"""An ordinary line of a kind that this log never held before."""
SYMPTOM: Final = -1.0
SATURATED: Final = -0.5
"""All workers are busy: half the time they wait for somebody else."""
BLAME: Final = -1.5
LAG: Final = -1.0
ENDED: Final = -1.0
LATE: Final = -2.5
"""Users failed long before it: it explains at most what came then."""
LATE_GRACE_US: Final = 30 * US
"""What broke may be told some checks and time-outs after users felt it."""
LATE_SCALE_US: Final = 60 * US
"""It weighs more the later it came: by 1 - exp(-lag / this)."""
SERVED: Final = -1.0
"""A line of an access log says what users got, never why."""
PHANTOM: Final = 0.75
TESTIMONY: Final = 0.75
"""A client quotes words of a cause (refused for memory) from a node whose own log is silent."""
SILENT: Final = 1.0
"""Who is named and falls silent at the same time hangs or is gone."""
BEHIND: Final = -ORDER / 2
"""Points for order of what was altered when most had failed already: that is no reason of theirs."""
STOPPED: Final = 1.25
"""Its own log says that it stops, moments before others find nobody there: more than that they name it."""
FILLED: Final = -1.25
"""Connections or threads that run out right behind another one's hard fault: they are held by who waits for that."""
HUSHED: Final = 0.75
"""Whom nobody names, and whose log stops before anybody fails."""
BACK: Final = 0.5
"""It writes again at the moment when the failures end."""
FOLLOWING: Final = 0.6
"""Weight of an edge by time alone, from a node that names nobody to those that failed before it."""
FOLLOWING_SCALE_US: Final = 20 * US
"""It weighs less the longer the step took: by exp(-lag / this)."""
FOLLOWING_US: Final = 60 * US
"""A cascade takes its next step within this: who fails later follows from something else."""
APART: Final = -1.0
"""All of what failed fell a step of a cascade later than who leads to it, and nothing ties it to that."""
BEHIND_A_NAME: Final = 0.8
"""Weight of an edge by time alone from a node that is named, but silent, to what another log told at that moment."""
LEAST_RARITY: Final = 0.8
"""How seldom its log must hold new kinds for a new one to explain anything: one chance in five."""
TEMPERATURE: Final = 0.5
LAG_SCALE_US: Final = 300 * US
LAG_GRACE_US: Final = 60 * US
"""Within a minute a cascade is on its way: who was first by so little is no stray."""
ENDED_MARGIN_US: Final = OVER_MARGIN_US
HIGHEST_PROBABILITY: Final = 0.95
"""Never printed above this: a tool that saw only logs cannot be surer."""
