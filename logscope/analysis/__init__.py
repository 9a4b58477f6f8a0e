"""Views over the index, all pure; `analyse.py` puts them together.

The rooms, from what comes first to what rests on it: `kinds` (what lines say), `clocks`, `users`, `onset` (what is
news), `causes`, `recovery`, `losses` (what no line reports), `story` (what a person reads). On top of them:
`incident.py`, one incident; `incidents.py`, several; `snapshots.py`, what is shown.
"""
