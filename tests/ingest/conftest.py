"""What the tests over all formats share: a pattern is compiled once for all of them."""

from functools import cache

import pytest

from logscope.ingest.patterns import heads


@pytest.fixture(autouse=True, scope="session")
def patterns_compiled_once():
    """Of more patterns than a run ever meets none is forgotten: most of these tests' time went into making them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(heads, "compile_pattern", cache(heads.compile_pattern.__wrapped__))
        yield
