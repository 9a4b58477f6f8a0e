"""What is asked of a live loop from outside is answered, also when it is told to end."""

import threading

from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request


def test_who_saves_and_leaves_gets_all_that_is_known(tmp_path):
    """A loop that ends while somebody waits for all that is known gives it on its way out."""
    log = tmp_path / "app.log"
    log.write_text("2026-03-02T14:00:00Z ERROR cart lost\n")
    request = Request([str(log)])
    kept = []
    asking = threading.Thread(target=lambda: kept.append(loop.keep(60.0)))

    def publish(_):
        asking.start()
        while loop._boxes.empty():
            pass
        loop.stop()

    loop = LiveLoop(request, open_request(request), publish, follow=False, stays=True)
    loop.run()
    asking.join()
    (session,) = kept
    assert len(session.index.groups) == 1
