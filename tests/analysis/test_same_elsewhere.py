"""The same logs are told the same wherever they lie."""

from logscope.runner.batch import run_batch
from logscope.runner.request import Request, open_request


def judge(folder):
    folder.mkdir(parents=True)
    lines = []
    for second in range(500):
        status = 502 if 350 <= second < 420 else 200
        stamp = f"28/Nov/2026:14:{second // 60:02}:{second % 60:02} +0000"
        lines += [
            f'10.0.0.{n} - - [{stamp}] "GET /{route} HTTP/1.1" {status} 17'
            for n, route in enumerate(("rates", "quotes", "orders", "carts"))
        ]
    (folder / "nginx.log").write_text("\n".join(lines) + "\n")
    (folder / "app.log").write_text(
        "".join(
            f"2026-11-28T14:{s // 60:02}:{s % 60:02}Z {'ERROR could not ' + job if 350 <= s < 420 else 'INFO ' + job}\n"
            for s in range(500)
            for job in ("read rates", "write quotes", "sum orders")
        )
    )
    request = Request([str(folder)])
    return run_batch(request, open_request(request))


def test_ties_are_broken_by_what_kinds_say(tmp_path):
    """What begins in the same second stands in the same order, and the same line is the cause."""
    told = set()
    for n in range(8):
        answer = judge(tmp_path / f"x{n}" / "logs")
        told.add(
            (
                tuple((one.service, one.headline) for one in answer.candidates),
                tuple(group.template for group in answer.groups),
                tuple(event.event for event in answer.timeline),
            )
        )
    assert len(told) == 1
