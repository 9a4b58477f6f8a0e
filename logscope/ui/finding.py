"""A search that goes round: from the cursor line to the end, then on from the other end, as in less and vim."""

from logscope.model.lines import LogLine, Progress, Spot
from logscope.ui.feeding import Feed


def find_round(
    feed: Feed, spot: Spot, line: LogLine | None, text: str, direction: int, progress: Progress
) -> tuple[LogLine | None, bool]:
    """The next line that holds a text, behind the cursor line or, where there is none, from the other end on.

    Args:
        feed: Of the lines.
        spot: The cursor line, whose log is searched.
        line: The cursor line, where all logs are searched by time; None for the one log.
        text: Letters of any case.
        direction: 1 or -1.
        progress: Told the bytes that were looked at; False ends the search.

    Returns:
        The line, which may be the cursor line itself where it alone holds the text, and whether the search went round.
    """
    found = _find(feed, spot, line, text, direction, progress)
    if found is not None or not progress(0):
        return found, False
    edge = feed.edge_of(spot, direction, is_merged=line is not None)
    if edge is None or edge.says(text):
        return edge, True
    # What is behind the cursor line was looked at already.
    if line is not None:
        return feed.find_text_anywhere(edge, text, direction, progress, line), True
    return feed.find_text(edge.spot, text, direction, progress, spot), True


def _find(
    feed: Feed, spot: Spot, line: LogLine | None, text: str, direction: int, progress: Progress
) -> LogLine | None:
    if line is not None:
        return feed.find_text_anywhere(line, text, direction, progress)
    return feed.find_text(spot, text, direction, progress)
