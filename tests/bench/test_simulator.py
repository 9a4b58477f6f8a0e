"""The simulator gives the same incident for a seed, and its truth is in what it writes."""

from tests.bench.simulator.incidents import build


def test_a_seed_is_one_incident(tmp_path):
    """The same seed writes the same bytes and the same truth, another seed others."""
    written = []
    for name, seed in (("one", 3), ("again", 3), ("other", 4)):
        folder = tmp_path / name
        folder.mkdir()
        truth = build(seed, folder)
        written.append((truth, {path.name: path.read_bytes() for path in folder.iterdir()}))
    assert written[0] == written[1]
    assert written[0] != written[2]


def test_a_cause_without_a_file_has_none(tmp_path):
    """The cause's log is missing exactly when the truth says so."""
    for seed in range(12):
        folder = tmp_path / str(seed)
        folder.mkdir()
        truth = build(seed, folder)
        assert (folder / f"{truth.cause}.log").exists() is ("no_file" not in truth.traits)
