"""Logs that are followed, with and without a handle that stays open."""

import pytest


@pytest.fixture(params=[True, False], ids=["held", "reopened"])
def hold_open(request):
    """Every rotation is survived with an open handle, and with none between two looks."""
    return request.param
