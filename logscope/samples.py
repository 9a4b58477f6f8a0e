"""The shipped sample incidents: inside the wheel, or beside the package in a checkout."""

from pathlib import Path

from logscope.errors import UsageError

DEFAULT = "checkout-redis-oom"


def samples_folder() -> Path:
    """Where the samples lie."""
    inside = Path(__file__).parent / "sample_incidents"
    return inside if inside.is_dir() else Path(__file__).parent.parent / "sample_incidents"


def list_samples() -> list[tuple[str, str]]:
    """Name and title of every sample, by name."""
    folder = samples_folder()
    if not folder.is_dir():
        return []
    return [(path.name, _title(path)) for path in sorted(folder.iterdir()) if (path / "logs").is_dir()]


def find_sample(name: str | None) -> Path:
    """The folder of a sample; the story's without a name.

    Raises:
        UsageError: There is no such sample.
    """
    known = [sample for sample, _ in list_samples()]
    wanted = name or DEFAULT
    chosen = next((one for one in known if one == wanted or one.startswith(wanted)), None)
    if chosen is None:
        raise UsageError(f"there is no sample {wanted!r}; choose from {', '.join(known) or 'none'}")
    return samples_folder() / chosen


def _title(path: Path) -> str:
    try:
        return (path / "STORY.md").read_text("utf-8").split("\n", 1)[0].lstrip("# ")
    except OSError:
        return ""
