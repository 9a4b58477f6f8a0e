"""A log that is written and rotated in all the ways there are, and a reader that counts what arrives."""

import gzip
import os
import shutil

from logscope.sources.events import Data, Ended
from logscope.sources.follow import Follower


class Clock:
    """Seconds that pass when told to."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Log:
    """A log file and its writer. Every line is unique."""

    def __init__(self, folder, name="x.log", first=0):
        self.folder = folder
        self.path = str(folder / name)
        self.written = []
        self._first = first
        self._file = None

    def __del__(self):
        self.forget()

    def writes_behind_path(self):
        """Whether the writer's descriptor is the file that the path leads to."""
        return self._file is not None and os.path.samestat(os.fstat(self._file), os.stat(self.path))

    def open(self):
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, count=10, width=40):
        if self._file is None:
            self.open()
        start = self._first + len(self.written)
        lines = [b"line %06d %s" % (n, b"." * width) for n in range(start, start + count)]
        os.write(self._file, b"".join(line + b"\n" for line in lines))
        self.written += lines

    def write_raw(self, data):
        if self._file is None:
            self.open()
        os.write(self._file, data)

    def forget(self):
        """The writer closes its descriptor; the next write opens the path anew."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def shift(self):
        """x.log.1 becomes x.log.2, and so on."""
        numbers = sorted(
            (int(name.split(".")[2]), name) for name in os.listdir(self.folder) if name.startswith("x.log.")
        )
        for number, name in reversed(numbers):
            os.rename(self.folder / name, self.folder / name.replace(f".{number}", f".{number + 1}", 1))

    def rotate(self):
        """The file is renamed; the next write creates it anew."""
        self.shift()
        os.rename(self.path, self.path + ".1")
        self.forget()

    def rotate_keeping_descriptor(self):
        """The file is renamed and created; the writer goes on in the old one."""
        self.shift()
        os.rename(self.path, self.path + ".1")
        open(self.path, "wb").close()

    def copytruncate(self):
        self.shift()
        shutil.copyfile(self.path, self.path + ".1")
        os.truncate(self.path, 0)

    def truncate(self):
        os.truncate(self.path, 0)

    def delete(self):
        os.unlink(self.path)
        self.forget()

    def replace(self):
        """Another file is renamed over it."""
        self.forget()
        open(self.path + "~new", "wb").close()
        os.replace(self.path + "~new", self.path)

    def compress(self, number):
        """One rotated part is compressed, with its times, as gzip does."""
        path = f"{self.path}.{number}"
        info = os.stat(path)
        with open(path, "rb") as plain, gzip.open(path + ".gz", "wb") as packed:
            shutil.copyfileobj(plain, packed)
        os.utime(path + ".gz", ns=(info.st_atime_ns, info.st_mtime_ns))
        os.unlink(path)


class Reader:
    """Polls a follower and keeps the lines of each generation."""

    def __init__(self, log, **options):
        self.clock = Clock()
        self.follower = Follower(log.path if isinstance(log, Log) else log, self.clock, **options)
        self.events = []
        self.data = {}
        self.offsets = {}
        self.ended = []

    def poll(self, times=1):
        for _ in range(times):
            events = self.follower.poll()
            for event in events:
                if isinstance(event, Data):
                    assert event.generation not in self.ended, "bytes of a generation that had ended"
                    self.offsets.setdefault(event.generation, event.offset)
                    self.data[event.generation] = self.data.get(event.generation, b"") + event.data
                elif isinstance(event, Ended):
                    assert event.generation not in self.ended, "ended twice"
                    self.ended.append(event.generation)
            self.events += [event for event in events if not isinstance(event, (Data, Ended))]

    def pause(self, seconds=6.0):
        self.clock.now += seconds

    def settle(self):
        """Let everything that is held be read and closed."""
        for _ in range(4):
            self.poll()
            self.pause()

    @property
    def lines(self):
        return [line for generation in sorted(self.data) for line in self.data[generation].splitlines()]

    @property
    def kinds(self):
        return [type(event).__name__ for event in self.events]


def follow(log, **options):
    """A reader of a log that has looked once."""
    reader = Reader(log, **options)
    reader.poll()
    return reader
