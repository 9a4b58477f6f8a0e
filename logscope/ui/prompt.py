"""A line to type."""

from textual.widgets import Input


class Prompt(Input):
    """Its cursor stands still: a blinking one writes to the terminal twice a second, for as long as it is open."""

    def __init__(self, value: str | None = None, *, id: str) -> None:
        """Empty, or with a value that is not selected."""
        super().__init__(value, id=id, select_on_focus=False)
        self.set_reactive(Input.cursor_blink, False)
