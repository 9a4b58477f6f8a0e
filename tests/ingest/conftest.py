"""What the tests over all formats share: a pattern is compiled once for all of them."""

from functools import cache

import pytest

from logscope.ingest.patterns import heads, reader


@pytest.fixture(autouse=True, scope="session")
def patterns_compiled_once():
    """Of more patterns than a run ever meets none is forgotten: most of these tests' time went into making them."""
    with pytest.MonkeyPatch.context() as patch:
        kept = cache(heads.compile_pattern.__wrapped__)
        for module in (heads, reader):
            patch.setattr(module, "compile_pattern", kept)
        yield
