"""From arguments to sources."""

import gzip
import os

import pytest

from logscope.sources.discovery import STDIN, discover, keep_near_parts
from logscope.sources.naming import log_key, rotation_order, service_name
from logscope.sources.opening import Compression

LINE = b"2026-11-24 10:00:00 ERROR no\n"


def look(path):
    with open(path, "rb") as file:
        return b"2026" in file.read()


def put(folder, *names, data=LINE):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # Different bytes, so that a mix-up shows.
        path.write_bytes(data + name.encode())


def find(*arguments, siblings=False, **options):
    return discover([str(argument) for argument in arguments], look, siblings=siblings, **options)


def shape(found):
    """Service -> names of its parts."""
    return {source.service: [os.path.basename(part.path) for part in source.parts] for source in found.sources}


def reasons(found):
    return {os.path.basename(refusal.path): refusal.reason for refusal in found.refusals}


@pytest.mark.parametrize(
    ("name", "service"),
    [
        ("checkout.log", "checkout"),
        ("checkout.log.1", "checkout"),
        ("checkout.log.12.gz", "checkout"),
        ("checkout.log-20261123", "checkout"),
        ("checkout.log-20261123.gz", "checkout"),
        ("checkout-2026-11-23.log", "checkout"),
        ("u_ex261123.log", "u_ex"),
        ("u_ex26112314.log", "u_ex"),
        ("u_ex269923.log", "u_ex269923"),
        ("checkout-2026-11-23.4.log.gz", "checkout"),
        ("checkout.log.2026-11-23", "checkout"),
        ("checkout.log.2026-11-23-14", "checkout"),
        ("checkout.1.log", "checkout"),
        ("checkout.log.old", "checkout"),
        ("checkout-service.jsonl", "checkout-service"),
        ("syslog", "syslog"),
        ("syslog.2.gz", "syslog"),
        ("messages-20261122", "messages"),
        ("postgresql-Mon.log", "postgresql"),
        ("postgresql-2026-11-23_143000.log", "postgresql"),
        ("catalina.2026-11-23.log", "catalina"),
        ("redis.6379.log", "redis.6379"),
        ("node-1.log", "node-1"),
        ("job-99999999.log", "job-99999999"),
        ("access.log.zst", "access"),
        ("checkout__2026-11-23_14-30-00.log", "checkout"),
        ("checkout-20261123_001.log", "checkout"),
        ("checkout.log-20261123-1795824153.gz", "checkout"),
        ("v1.2.log", "v1"),
        (".log", ".log"),
        ("1.gz", "1"),
        ("/var/log/pods/shop_checkout-7f9_0a1b2c3d-1111-2222-3333-444455556666/app/0.log", "app"),
        ("/var/log/pods/shop_checkout-7f9_0a1b2c3d-1111-2222-3333-444455556666/app/1.log.20261123-101010.gz", "app"),
    ],
)
def test_service_of_name(name, service):
    """The service is the file name without log, rotation and compression suffixes; in a pod its container."""
    key = log_key(name)
    assert service == service_name(name if "/pods/" in name else key)


@pytest.mark.parametrize(
    "names",
    [
        ["x.log.10.gz", "x.log.2.gz", "x.log.1", "x.log"],
        ["x.log-20261121.gz", "x.log-20261122", "x.log"],
        ["x-2026-11-21.log", "x-2026-11-22.log", "x.log"],
        ["x-2026-11-22.1.log.gz", "x-2026-11-22.2.log.gz", "x-2026-11-22.10.log.gz", "x-2026-11-23.1.log"],
        ["x.log.2026-11-22-09", "x.log.2026-11-22-10", "x.log"],
        ["x.2.log", "x.1.log", "x.log"],
        ["x.log.old", "x.log"],
        ["x_ex261122.log", "x_ex26112301.log"],
        ["x__2026-11-22_23-59-59.log", "x__2026-11-23_00-00-01.log", "x.log"],
        ["x-20261122.log", "x-20261122_001.log", "x-20261122_002.log", "x.log"],
        ["x.log-20261122-1795824153.gz", "x.log-20261122-1795827753.gz", "x.log"],
    ],
)
def test_rotated_parts(tmp_path, names):
    """Parts of one log are one source, oldest first, in whatever order they were named."""
    put(tmp_path, *names)
    found = find(*(tmp_path / name for name in sorted(names)))
    assert shape(found) == {service_name(log_key(names[0])): names}
    assert names == sorted(names, key=rotation_order)


@pytest.mark.parametrize("folder", ["sidekiq", "sidekiq/log/main"])
def test_a_supervised_log_is_called_by_its_folder(tmp_path, folder):
    """What svlogd, multilog and s6-log write is the log of the service that its folder is named after."""
    names = ["@400000006b0a1a1b310a5fec.s", "@400000006b0a1a1c025534c4.u", "@400000006b0a1a1c13ebec14.s.gz", "current"]
    put(tmp_path / folder, *names)
    put(tmp_path / "puma", "current")
    assert shape(find(tmp_path)) == {"puma": ["current"], "sidekiq": names}
    assert shape(find(tmp_path / folder / "current", siblings=True)) == {"sidekiq": names}


def test_workers_are_not_parts(tmp_path):
    """worker.1.log and worker.2.log without a worker.log are two services."""
    put(tmp_path, "worker.1.log", "worker.2.log")
    assert shape(find(tmp_path)) == {"worker.1": ["worker.1.log"], "worker.2": ["worker.2.log"]} or shape(
        find(tmp_path)
    ) == {f"{tmp_path.name}/worker.{n}": [f"worker.{n}.log"] for n in (1, 2)}


def test_directory(tmp_path):
    """A directory gives its logs down to four levels, and says what it left out and why."""
    put(tmp_path, "a.log", "one/b.log", "1/2/3/4/deep.log", "1/2/3/4/5/deeper.log", "notes.md", "truth.json", ".hidden")
    put(tmp_path, "prose", data=b"nothing here ")
    put(tmp_path, "empty.log", data=b"")
    (tmp_path / "empty.log").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    os.symlink(tmp_path, tmp_path / "one" / "loop")
    os.symlink(tmp_path / "gone", tmp_path / "dangling.log")
    os.symlink("round.log", tmp_path / "round.log")
    found = find(tmp_path)
    assert sorted(shape(found)) == ["a", "b", "deep"]
    told = reasons(found)
    assert told["prose"] == "no times and no levels in it"
    assert told["empty.log"] == "is empty"
    assert told["pipe"].startswith("is a pipe")
    assert sorted(told) == sorted(
        ["prose", "empty.log", "pipe", "notes.md", "truth.json", ".hidden", "5", "dangling.log", "round.log"]
    )
    assert not any(refusal.is_error for refusal in found.refusals)


def test_empty_log_may_grow(tmp_path):
    """An empty log of a directory that is followed is a source, and so is one that holds only a line end."""
    (tmp_path / "new.log").touch()
    (tmp_path / "blank.log").write_bytes(b"\r\n")
    assert shape(find(tmp_path, wait_for_missing=True)) == {"new": ["new.log"], "blank": ["blank.log"]}
    assert reasons(find(tmp_path)) == {"new.log": "is empty", "blank.log": "is empty"}


def test_no_file_twice(tmp_path):
    """A file that is named by its path, its folder, a link and a hard link is read once."""
    put(tmp_path, "logs/a.log")
    log = tmp_path / "logs" / "a.log"
    os.symlink(log, tmp_path / "link.log")
    os.link(log, tmp_path / "hard.log")
    found = find(log, tmp_path / "link.log", tmp_path / "hard.log", tmp_path / "logs", log)
    assert [len(source.parts) for source in found.sources] == [1]


def test_named(tmp_path):
    """NAME=PATH names the service, with globs and directories too; a file of that very name wins."""
    put(tmp_path, "c.log", "d.log", "a=b.log")
    assert shape(find(f"cart={tmp_path}/c.log")) == {"cart": ["c.log"]}
    assert [source.service for source in find(f"cart={tmp_path}/[cd].log").sources] == ["cart", "cart"]
    assert shape(find(tmp_path / "a=b.log")) == {"a=b": ["a=b.log"]}
    assert [(source.service, source.stream) for source in find("api=-").sources] == [("api", "-")]


def test_same_name_in_two_folders(tmp_path):
    """Logs of the same name are told apart by as many folders as it takes."""
    put(tmp_path, "host1/app/server.log", "host2/app/server.log", "host2/db.log")
    assert sorted(shape(find(tmp_path))) == ["db", "host1/app/server", "host2/app/server"]


def test_same_name_in_one_folder(tmp_path):
    """Two logs of one name side by side are told apart by their whole file names, by folders only if need be."""
    put(tmp_path, "proxy.log", "proxy.json", "db.log")
    assert sorted(shape(find(tmp_path))) == ["db", "proxy.json", "proxy.log"]
    put(tmp_path, "b/proxy.log")
    names = sorted(shape(find(tmp_path)))
    assert names == ["b/proxy", "db", f"{tmp_path.name}/proxy.json", f"{tmp_path.name}/proxy.log"]


def test_pods(tmp_path):
    """A container's runs are one source; the same container of two pods is told apart by the pod."""
    uid = "0a1b2c3d-1111-2222-3333-444455556666"
    put(tmp_path, f"pods/shop_cart-1_{uid}/app/0.log", f"pods/shop_cart-1_{uid}/app/1.log")
    put(tmp_path, f"pods/shop_pay-2_{uid}/app/0.log", f"pods/shop_pay-2_{uid}/proxy/0.log")
    assert shape(find(tmp_path)) == {
        "cart-1/app": ["0.log", "1.log"],
        "pay-2/app": ["0.log"],
        "proxy": ["0.log"],
    }


def test_kubelet_links(tmp_path):
    """A link of /var/log/containers has the service of the pod's file."""
    put(tmp_path, "pods/shop_cart-1_0a1b2c3d-1111-2222-3333-444455556666/app/0.log")
    link = tmp_path / "cart-1_shop_app-0123456789abcdef.log"
    os.symlink(tmp_path / "pods/shop_cart-1_0a1b2c3d-1111-2222-3333-444455556666/app/0.log", link)
    assert list(shape(find(link))) == ["app"]


def test_siblings(tmp_path):
    """Older parts beside a named log are found if asked for, marked, and never newer ones."""
    put(tmp_path, "x.log", "x.log.1", "x.log.2", "y.log.1", "x.log.bz2.txt")
    assert shape(find(tmp_path / "x.log")) == {"x": ["x.log"]}
    found = find(tmp_path / "x.log", tmp_path / "x.log.1", siblings=True)
    assert [(os.path.basename(part.path), part.found) for part in found.sources[0].parts] == [
        ("x.log.2", True),
        ("x.log.1", False),
        ("x.log", False),
    ]
    assert shape(find(tmp_path / "x.log.1", siblings=True)) == {"x": ["x.log.2", "x.log.1"]}


def test_near_parts(tmp_path):
    """Found parts that end more than a day before the named log begins are left out; named ones never."""
    put(tmp_path, "x.log", "x.log.1", "x.log.2", "x.log.3")
    hour = 3600 * 1_000_000
    end_by_name = {"x.log.3": 0, "x.log.2": 10 * hour, "x.log.1": 40 * hour}
    source = find(tmp_path / "x.log", tmp_path / "x.log.1", siblings=True).sources[0]

    def end_of(part):
        return end_by_name[os.path.basename(part.path)]

    def kept(begin):
        return [os.path.basename(part.path) for part in keep_near_parts(source, begin, end_of).parts]

    assert kept(34 * hour) == ["x.log.2", "x.log.1", "x.log"]
    assert kept(24 * hour) == ["x.log.3", "x.log.2", "x.log.1", "x.log"]
    assert len(keep_near_parts(source, source.parts[0].mtime_us, lambda part: None).parts) == 4


def test_siblings_of_workers(tmp_path):
    """A worker's log beside the named worker's log is not its older part."""
    put(tmp_path, "worker.1.log", "worker.2.log")
    assert shape(find(tmp_path / "worker.1.log", siblings=True)) == {"worker.1": ["worker.1.log"]}


def test_problems(tmp_path):
    """What cannot be read is refused with a sentence, and the rest goes on."""
    put(tmp_path, "good.log")
    (tmp_path / "all.zip").write_bytes(b"PK\x03\x04" + bytes(30))
    (tmp_path / "system.journal").write_bytes(b"LPKSHHRH" + bytes(30))
    found = find(tmp_path / "good.log", tmp_path / "gone.log", tmp_path / "no*.log", "/dev/null", tmp_path / "all.zip",
                 tmp_path / "system.journal", "a\0b")  # fmt: skip
    assert list(shape(found)) == ["good"]
    assert reasons(found) == {
        "gone.log": "no such file",
        "no*.log": "no file matches",
        "null": "is a device, not a file; feed it on standard input: logscope - < ...",
        "all.zip": "is a zip archive; unpack it first: unzip",
        "system.journal": "is a binary journal; feed it as text: journalctl --file NAME -o json | logscope -",
        "a\0b": "the name holds a NUL byte",
    }
    assert all(refusal.is_error for refusal in found.refusals)


def test_permission(tmp_path, monkeypatch):
    """A file without permission is refused with what to do, and the rest goes on."""
    put(tmp_path, "x.log", "y.log")
    real = os.open

    def refuse(path, *args, **options):
        if str(path).endswith("x.log"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **options)

    monkeypatch.setattr("logscope.sources.opening.os.open", refuse)
    found = find(tmp_path)
    assert list(shape(found)) == ["y"]
    assert reasons(found)["x.log"].startswith("permission denied; try sudo")


def test_missing_is_waited_for(tmp_path):
    """A missing file is a source without parts when it is waited for."""
    found = find(tmp_path / "later.log", wait_for_missing=True)
    assert [(source.service, source.parts, source.stream) for source in found.sources] == [("later", (), None)]
    assert found.refusals == ()


def test_streams(tmp_path):
    """A named pipe is a stream and is not opened; `-` twice is one stream."""
    os.mkfifo(tmp_path / "events.log")
    found = find(tmp_path / "events.log", "-", "-")
    assert [(source.service, source.stream, source.parts) for source in found.sources] == [
        ("events", str(tmp_path / "events.log"), ()),
        ("stdin", STDIN, ()),
    ]


def test_process_substitution():
    """A pipe under /dev/fd is a stream."""
    reading, writing = os.pipe()
    try:
        found = find(f"/dev/fd/{reading}")
    finally:
        os.close(reading)
        os.close(writing)
    assert [source.stream for source in found.sources] == [f"/dev/fd/{reading}"]


def test_compression_is_told(tmp_path):
    """A part says how it is compressed, by its bytes."""
    (tmp_path / "x.log").write_bytes(gzip.compress(LINE))
    part = find(tmp_path / "x.log").sources[0].parts[0]
    assert part.compression is Compression.GZ


def test_broken_predicate_target(tmp_path):
    """A directory with too many files says that the rest is left out."""
    for number in range(2001):
        (tmp_path / f"f{number}").touch()
    found = find(tmp_path)
    assert "more than 2000 files" in found.refusals[-1].reason
