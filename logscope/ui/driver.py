"""A driver that writes only the cells that change."""

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from logscope.ui.cell_diff import CellDiff


class DiffDriver(LinuxDriver):
    """The terminal behind a `CellDiff`."""

    def __init__(
        self, app: "App[object]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._diff = CellDiff()
        self._known_size = (0, 0)

    def write(self, data: str) -> None:
        """Write what changes; after another size everything does."""
        size = self._get_terminal_size()
        if size != self._known_size:
            self._known_size = size
            self._diff.resize(*size)
        reduced = self._diff.reduce(data)
        if reduced:
            super().write(reduced)

    def forget(self) -> None:
        """Something else has written to the terminal: the next painting is whole."""
        self._diff.forget()
