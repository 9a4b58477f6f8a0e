"""Times of values that are read as columns are those that the parser of one object gives."""

import json

import numpy as np
import pytest

from logscope.ingest.columns import Block
from logscope.ingest.formats.json import read_time
from logscope.ingest.timestamps.timestamp import AnyStamp, ParseState
from logscope.ingest.value_times import VALUE_REACH, ValueTimes
from logscope.model.times import NO_TIME


@pytest.mark.parametrize("digits", range(1, 16))
def test_seconds_with_a_fraction_are_rounded_as_floats_are(digits):
    """Whatever its number of digits, and however near to the middle between two microseconds it is."""
    fractions = [n * 7_919_317_131_357_11 % 10**digits for n in range(200)] + [0, 5, 10**digits - 1, 10**digits // 2]
    texts = [
        f"{second}.{part % 10**digits:0{digits}d}" for part in fractions for second in (1_772_719_328, 4_102_444_000)
    ]
    data = "".join(f"{text}," for text in texts).encode() + bytes(VALUE_REACH)
    at = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
    expected = [read_time(json.loads(text), AnyStamp(), ParseState()) for text in texts]
    found = ValueTimes().read(Block(data, 0, len(data)), at)
    assert found.tolist() == [NO_TIME if time is None else time for time in expected]
