"""A file that grows while it is followed."""

from logscope.runner.live import LiveLoop
from logscope.runner.request import Request, open_request


def follow_growing(path, data, half, is_read):
    """Write the first bytes of a file, follow it, and write the rest once the first answer is there.

    Args:
        path: Of the file.
        data: What it holds in the end.
        half: How many bytes there are at first.
        is_read: Says of the file's figures whether all of it was read.

    Returns:
        What was opened, and all answers.
    """
    path.write_bytes(data[:half])
    request = Request([str(path)])
    opened = open_request(request)
    snapshots = []

    def grow(snapshot):
        snapshots.append(snapshot)
        if len(snapshots) == 1:
            with path.open("ab") as file:
                file.write(data[half:])
        if is_read(snapshot.files[0]) or len(snapshots) > 50:
            loop.stop()

    loop = LiveLoop(request, opened, grow, wall=lambda: 0.0)
    loop.run()
    return opened, snapshots
