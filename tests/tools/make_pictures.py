"""The README's pictures, made from the story's sample: `python tests/tools/make_pictures.py` writes `.pictures/`."""

import asyncio
import os
import re
from pathlib import Path

from logscope.runner.feed import LiveFeed
from logscope.runner.request import Request, open_request
from logscope.ui.app import LogscopeApp
from logscope.ui.options import ScreenOptions

ROOT = Path(__file__).parents[2]
PICTURES = {"incident": (), "why": ("enter",), "recovery": ("5",)}
"""Name, and the keys that lead there."""
SIZE = (120, 40)


async def take(name, keys):
    """Open the sample, press keys, and write what is shown."""
    request = Request(["sample_incidents/checkout-redis-oom/logs"])
    app = LogscopeApp(LiveFeed(request, open_request(request), follow=False), ScreenOptions(rest_s=0))
    async with app.run_test(size=SIZE) as pilot:
        while app.snapshot is None or not app.snapshot.progress.done:
            await pilot.pause(0.05)
        for key in keys:
            await pilot.press(key)
        for _ in range(4):
            await pilot.pause(0.05)
        picture = app.export_screenshot(title="logscope sample_incidents/checkout-redis-oom/logs")
    (ROOT / ".pictures" / f"{name}.svg").write_text(stable(picture), encoding="utf-8")


def stable(picture):
    """The same ids each time: the library makes them anew, and a picture would change without a change."""
    return re.sub(r"terminal-\d+", "terminal-logscope", picture)


def main():
    """All of them."""
    os.chdir(ROOT)
    (ROOT / ".pictures").mkdir(exist_ok=True)
    for name, keys in PICTURES.items():
        asyncio.run(take(name, keys))
        print(f".pictures/{name}.svg")


if __name__ == "__main__":
    main()
