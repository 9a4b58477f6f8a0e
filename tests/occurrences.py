"""Records of one kind as the index takes them, for tests that need no log."""

import numpy as np

from logscope.index.counts import Occurrences
from logscope.ingest.batch import Int64
from logscope.model.times import US


def occurrence_rows(times: Int64, part: Int64, offset: Int64, line: Int64) -> Int64:
    """Table for `Occurrences.add` from one row per record, all with a time (microseconds)."""
    table = np.empty((len(times), len(Occurrences.COLUMNS)), np.int64)
    table[:, 0] = times // US
    table[:, 1] = 1
    table[:, 2] = times
    table[:, 3] = part
    table[:, 4] = offset
    table[:, 5] = line
    return table
