"""The four sentences on top: is it over, what broke, what set it off, what did users get."""

from dataclasses import replace

from logscope.model.snapshot import Snapshot


def with_sentences(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, sentences=())
