"""Wake-ups: a hint that something changed, so that the next look comes earlier. What changed is never asked.

Folders are watched, not files: a watch on a file stays with the inode and is deaf after a rotation. Where there are no
file events (network and overlay file systems, none left on the host, no wheel), the wait simply runs out.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Final

POLL_S: Final = 0.25
"""How long to wait between two looks where file events cannot be had."""
EVENT_POLL_S: Final = 1.0
"""How long to wait at most where they can: an event may be missed."""
_DEBOUNCE_MS: Final = 100
_STEP_MS: Final = 50
_PATIENCE_S: Final = 0.5
"""How long to wait for the watcher to end: it looks each step."""
_FOREIGN: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse", "fuseblk", "9p", "virtiofs", "overlay", "ceph", "glusterfs", "afs",
     "lustre", "vboxsf", "prl_fs", "osxfs"}
)  # fmt: skip
"""File systems on which others may write without an event here."""

Watch = Callable[[Iterable[str], threading.Event], Iterator[object]]


class Waker:
    """Waits until files may have changed."""

    def __init__(self, paths: Iterable[str], *, watch: Watch | None = None) -> None:
        """Start to watch the folders of the paths, in a thread of its own.

        Args:
            paths: Files that are followed; they need not exist.
            watch: Yields at each change until the event is set; None for watchfiles.
        """
        self.polling = False
        """File events cannot be had, or may not tell everything."""
        self.reason: str | None = None
        """Why it polls; None where it does not."""
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._thread: threading.Thread | None = None
        folders = watched_folders(paths)
        foreign = next((kind for folder in folders if (kind := filesystem_of(folder)) in _FOREIGN), None)
        if not folders:
            self._poll("none of the folders exists")
            return
        if foreign is not None:
            self._poll(f"file events are not reliable on {foreign}")
        self._thread = threading.Thread(
            target=self._run, args=(folders, watch or _watch_files), name="logscope-watch", daemon=True
        )
        self._thread.start()

    @property
    def interval_s(self) -> float:
        """How long to wait at most."""
        return POLL_S if self.polling else EVENT_POLL_S

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for a change.

        Args:
            timeout: Seconds; None for `interval_s`.

        Returns:
            Whether something changed; False when the time ran out. Look at the files either way.
        """
        changed = self._changed.wait(self.interval_s if timeout is None else timeout)
        self._changed.clear()
        return changed

    def wake(self) -> None:
        """End a wait from another thread."""
        self._changed.set()

    def close(self) -> None:
        """Stop watching and end a wait."""
        self._stop.set()
        self._changed.set()
        # Machine code that is still at it when the interpreter ends may take the process down.
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(_PATIENCE_S)

    def _run(self, folders: list[str], watch: Watch) -> None:
        try:
            for _ in watch(folders, self._stop):
                self._changed.set()
        except Exception as error:
            # Whatever the watcher trips over, from a missing wheel to used-up inotify instances: looking goes on.
            self._poll(f"file events cannot be had ({error})")
            return
        if not self._stop.is_set():
            self._poll("the watcher of file events ended")

    def _poll(self, reason: str) -> None:
        self.polling = True
        self.reason = reason


def watched_folders(paths: Iterable[str]) -> list[str]:
    """Folders in which the files' names and the files themselves lie; links are followed."""
    folders: dict[str, None] = {}
    for path in paths:
        for name in (path, os.path.realpath(path)):
            folder = os.path.dirname(os.path.abspath(name))
            if os.path.isdir(folder):
                folders[folder] = None
    return list(folders)


def filesystem_of(folder: str, mounts: str = "/proc/self/mounts") -> str | None:
    """Kind of file system that a folder lies on; None where it cannot be told."""
    best, kind = "", None
    real = os.path.realpath(folder)
    try:
        with open(mounts, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                words = line.split(" ")
                if len(words) < 3:
                    continue
                point = words[1].replace("\\040", " ")
                inside = real == point or real.startswith(point.rstrip("/") + "/")
                if inside and len(point) >= len(best):
                    best, kind = point, words[2]
    except OSError:
        return None
    return kind.partition(".")[0] if kind else None


def _watch_files(folders: Iterable[str], stop: threading.Event) -> Iterator[object]:
    # Imported here: start-up time, and hosts without a wheel for it.
    import watchfiles

    return watchfiles.watch(
        *folders,
        # The default filter drops names that logs may well have.
        watch_filter=None,
        debounce=_DEBOUNCE_MS,
        step=_STEP_MS,
        stop_event=stop,
        raise_interrupt=False,
        recursive=False,
        ignore_permission_denied=True,
    )
