"""Chooses records of a batch: those of a span of time, or any."""

from dataclasses import replace

import numpy as np

from logscope.ingest.batch import Batch
from logscope.ingest.texts import take_texts
from logscope.model.times import NO_TIME
from logscope.runner.request import Request
from logscope.session.session import Session


def clip(batch: Batch, request: Request, session: Session, source: str) -> Batch:
    """Leave out records before `since` and after `until`; records without a time stay."""
    if request.since is None and request.until is None:
        return batch
    time = session.clocks.utc_of(source, batch.time)
    keep = np.ones(len(time), bool)
    if request.since is not None:
        keep &= time >= request.since
    if request.until is not None:
        keep &= time < request.until
    keep |= batch.time == NO_TIME
    return pick(batch, keep)


def pick(batch: Batch, keep: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Batch:
    """The chosen records of a batch, one flag for each; what was counted while they were read stays."""
    if keep.all():
        return batch
    rows = np.flatnonzero(keep)
    position = np.cumsum(keep) - 1
    kept_notable = np.flatnonzero(keep[batch.notable])
    kept_ids = np.flatnonzero(keep[batch.id_rows])
    return replace(
        batch,
        part=batch.part[rows],
        offset=batch.offset[rows],
        line=batch.line[rows],
        length=batch.length[rows],
        lines=batch.lines[rows],
        time=batch.time[rows],
        severity=batch.severity[rows],
        service=None if batch.service is None else batch.service[rows],
        status=None if batch.status is None else batch.status[rows],
        duration_us=None if batch.duration_us is None else batch.duration_us[rows],
        notable=position[batch.notable[kept_notable]],
        signature=batch.signature[kept_notable],
        texts=take_texts(batch.texts, kept_notable),
        id_rows=position[batch.id_rows[kept_ids]],
        id_names=[batch.id_names[n] for n in kept_ids.tolist()],
    )
