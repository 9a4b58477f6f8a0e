"""A saved incident comes back as it was, or is refused with a sentence; what is in it is data and never runs."""

import dataclasses
import json
import math
import os
import stat
import zlib

import pytest

from logscope import __version__
from logscope.errors import ExportError, SourceError
from logscope.model.causes import Confidence
from logscope.model.snapshot import Note, Snapshot
from logscope.runner.batch import judge_batch
from logscope.runner.request import Request, open_request
from logscope.runner.saved_feed import SavedFeed
from logscope.state.codec import CodecError, decode, encode
from logscope.state.incident import (
    FORMAT,
    Saved,
    keep_incident,
    list_kept,
    load_incident,
    pack,
    save_incident,
    unpack,
)
from tests.judged import copy_story


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The story, of its two large logs every eighth line."""
    whole = dict.fromkeys(("redis_server", "cart_service", "payment_gateway", "pagerduty"), 1)
    folder = copy_story(tmp_path_factory.mktemp("story") / "logs", checkout_service=8, edge_access=8, **whole)
    request = Request([str(folder)])
    snapshot, reading = judge_batch(request, open_request(request))
    return Saved(snapshot, reading.keep())


@pytest.fixture(scope="module")
def story(saved):
    return saved.snapshot


def wrap(data, form=FORMAT):
    text = json.dumps(data).encode() if not isinstance(data, bytes) else data
    content = len(text).to_bytes(8, "little") + text if form == FORMAT else text
    return f"logscope incident {form} by {__version__}\n".encode() + zlib.compress(content)


def test_an_incident_comes_back_as_it_was(saved):
    """Every field of the Snapshot survives, and the same values give the same bytes."""
    content = pack(saved)
    assert unpack(content, "x.lsx").snapshot == saved.snapshot
    assert pack(unpack(content, "x.lsx")) == content


def test_an_answer_alone_comes_back(story):
    """Without what it was judged from an incident is kept too, and says so."""
    back = unpack(pack(Saved(story)), "x.lsx")
    assert (back.snapshot, back.session) == (story, None)
    assert "without what it was judged from" in back.why_not


def test_a_file_of_the_first_form_is_opened_as_an_answer(story):
    """What an older logscope saved is still shown, as it was judged."""
    back = unpack(wrap(encode(story), form=1), "old.lsx")
    assert (back.snapshot, back.session) == (story, None)
    assert "kept the answer alone" in back.why_not


def test_what_is_counted_otherwise_is_shown_as_it_was_judged(story):
    """The index of another logscope is of no use here; its answer is."""
    back = unpack(wrap({"snapshot": encode(story), "session": {"form": [99, 1]}, "tables": []}), "new.lsx")
    assert (back.snapshot, back.session) == (story, None)
    assert "counted otherwise" in back.why_not


def test_what_is_too_large_is_kept_as_the_answer(saved, monkeypatch):
    """An index beyond the bounds of a file does not take the answer away."""
    monkeypatch.setattr("logscope.state.incident._MOST_TABLES", 1000)
    back = unpack(pack(saved), "x.lsx")
    assert (back.snapshot, back.session) == (saved.snapshot, None)


def test_texts_of_any_bytes_come_back(story):
    """Undecodable bytes of file names and log lines are kept as they are."""
    odd = dataclasses.replace(story.files[0], path="/var/log/\udcff\udce9.log", service="\x00\u202e\U0001f600")
    snapshot = dataclasses.replace(story, files=(odd,))
    assert unpack(pack(Saved(snapshot)), "x.lsx").snapshot.files == (odd,)


def test_it_is_for_its_owner_only_and_replaced_whole(tmp_path, saved):
    """Mode 0600, no half file, no litter beside it."""
    path = str(tmp_path / "one.lsx")
    assert save_incident(path, saved, replace=True) == path
    assert save_incident(path, saved, replace=True) == path
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(tmp_path) == ["one.lsx"]
    assert save_incident(path, saved, replace=False) == str(tmp_path / "one-2.lsx")
    assert load_incident(path).snapshot == saved.snapshot


def test_it_never_takes_the_place_of_a_log(story):
    """A log that was read is not written over, whatever its name."""
    with pytest.raises(ExportError, match="only ever read"):
        save_incident(story.files[0].path, Saved(story), replace=True)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no saved incident"),
        (b"\x80\x04\x95pickle", "is no saved incident"),
        (b"2026-03-02 14:01:58 ERROR a log line\n", "is no saved incident"),
        (wrap({}, form=FORMAT + 1), "in another form"),
        (wrap({"snapshot": {}}), "is missing"),
        (wrap({}, form=1), "is missing"),
        (wrap([1, 2]), "is not an object"),
        (wrap(b"{"), "damaged or cut"),
        (wrap(b"[" * 100_000), "damaged or cut"),
        (wrap(b"[" * 4_000_000), "damaged or cut"),
        (wrap(b"NaN"), "is not an object"),
        (wrap({})[:-6], "damaged or cut"),
        (wrap({}) + b"more", "damaged or cut"),
        (wrap({"snapshot": {"__class__": "os.system"}}), "is not known here"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(content, words):
    """Damage, other versions and other files end in one sentence that names the file."""
    with pytest.raises(SourceError, match=words) as error:
        unpack(content, "night.lsx")
    assert str(error.value).startswith("night.lsx: ")


def test_one_changed_byte_is_noticed(tmp_path):
    """A flipped bit anywhere in the packed part is never shown as another incident; of fill bits nothing hangs."""
    log = tmp_path / "cart.log"
    log.write_text("".join(f"2026-03-02 14:02:{n:02d},018 ERROR [cart] order {n * n} lost\n" for n in range(60)))
    request = Request([str(log)])
    snapshot, reading = judge_batch(request, open_request(request))
    content = bytearray(pack(Saved(snapshot, reading.keep())))
    head = content.index(b"\n") + 1
    # The Adler-32 of a zlib stream stays the same in one of two hundred streams of which a bit near the end flipped.
    assert content[head:].startswith(b"\x1f\x8b"), "gzip, with its CRC-32"
    whole = zlib.decompress(content[head:], wbits=31)
    assert len(content) > 2000
    for at in [*range(head, len(content) - 200, 20), *range(len(content) - 200, len(content))]:
        damaged = bytearray(content)
        damaged[at] ^= 0x10
        try:
            unpack(bytes(damaged), "x.lsx")
        except SourceError:
            continue
        assert zlib.decompress(damaged[head:], wbits=31) == whole, at


def test_a_bomb_is_not_unpacked(monkeypatch):
    """A small file that unpacks to a huge one is refused without filling the memory."""
    monkeypatch.setattr("logscope.state.incident._MOST_TEXT", 1024 * 1024)
    monkeypatch.setattr("logscope.state.incident._MOST_TABLES", 1024 * 1024)
    bomb = wrap(b" " * (64 * 1024 * 1024))
    assert len(bomb) < 200_000
    with pytest.raises(SourceError, match="damaged or cut"):
        unpack(bomb, "bomb.lsx")


def test_values_are_checked_field_by_field(story):
    """A number where a text belongs, an unknown word, a bool or an endless number: refused, with the field's name."""
    data = encode(story)
    for change, field in (
        ({"as_of": "now"}, "as_of"),
        ({"provisional": 1}, "provisional"),
        ({"candidates": [{**data["candidates"][0], "confidence": "certain"}]}, "confidence"),
        ({"trend": {**data["trend"], "errors": [1, "2"]}}, "errors"),
        ({"trend": {**data["trend"], "errors": [1, 10**30]}}, "errors"),
        ({"as_of": 10**400}, "as_of"),
        ({"candidates": [{**data["candidates"][0], "probability": math.inf}]}, "probability"),
        ({"recovery": {**data["recovery"], "minutes_needed": math.nan}}, "minutes_needed"),
    ):
        with pytest.raises(CodecError, match=field):
            decode(Snapshot, {**data, **change}, "incident")


def test_series_that_do_not_fit_each_other_are_refused(story):
    """Found by the fuzzer: whoever draws a trend counts on as many warnings as errors, in buckets of some length."""
    data = encode(story)
    lane = {**data["lanes"][0], "errors": [1]}
    for change, words in (
        ({"trend": {**data["trend"], "warnings": [1]}}, "a trend of unlike lengths"),
        ({"lane_bucket_us": 0}, "a bucket without a length"),
        ({"lanes": [lane, *data["lanes"][1:]]}, "lanes of unlike lengths"),
        ({"as_of": 10**18}, "a time that no calendar has"),
        ({"incident": {**data["incident"], "start": -(10**18)}}, "a time that no calendar has"),
    ):
        with pytest.raises(SourceError, match=words):
            unpack(wrap({"snapshot": {**data, **change}, "session": None}), "night.lsx")


def test_a_field_that_came_later_may_be_missing(story):
    """An older file without a newer field that has a default is still opened."""
    data = encode(story)
    del data["history"]
    assert decode(Snapshot, data, "incident") == dataclasses.replace(story, history=())


def test_only_plain_data_is_kept():
    """What is no plain value cannot be saved by mistake."""
    assert encode(Confidence.HIGH) == "high"
    with pytest.raises(CodecError):
        encode(object())


def test_kept_incidents_are_few(tmp_path, monkeypatch, story):
    """The newest are kept, the oldest make room, and the same incident is kept once."""
    monkeypatch.setattr("logscope.state.incident._MOST_KEPT", 2)
    for minute in range(4):
        incident = dataclasses.replace(story.incident, start=story.incident.start + minute * 60_000_000)
        path = keep_incident(tmp_path / "saved", Saved(dataclasses.replace(story, incident=incident)))
        os.utime(path, (minute, minute))
    keep_incident(tmp_path / "saved", Saved(dataclasses.replace(story, incident=incident)))
    names = [os.path.basename(one.path) for one in list_kept(tmp_path / "saved")]
    assert names == ["incident-2026-03-02-1404.lsx", "incident-2026-03-02-1403.lsx"]


def test_the_log_pane_shows_what_was_kept(story):
    """Cited records are there although no log is read: around, by time, found by text, as a record."""
    feed = SavedFeed(Saved(story), "x.lsx")
    ref = next(g.onset_ref for g in story.groups if g.exception and "null" in g.headline.lower())
    spot = feed.spot_of(ref)
    lines = feed.around(spot, 1, 2)
    assert any("NullPointerException" in line.text for line in lines)
    assert feed.merged(story.incident.start, 0, 1)[0].text.endswith("eviction policy: noeviction")
    assert "CartService.total" in feed.detail(spot).text
    found = feed.find_text((ref.file, 0, 0), "nullpointer", 1, lambda done: True)
    assert (found.source, found.number) == (ref.file, ref.line + 1)
    assert feed.spot_of(dataclasses.replace(ref, line=9_999_999)) is None


def test_an_answer_alone_is_not_judged_anew(story):
    """A mark of a fix, and what a name means, is refused with a sentence."""
    feed = SavedFeed(Saved(story, None, "it is old"), "x.lsx")
    with pytest.raises(ExportError, match=r"x.lsx: is shown as it was judged: it is old"):
        feed.add_note(Note(story.incident.start, "", is_fix=True))
    with pytest.raises(ExportError, match="as it was judged"):
        feed.bind("a", "b")


@pytest.mark.parametrize("whole", [True, False])
def test_a_note_is_added_to_what_was_saved(saved, story, whole):
    """It stands in the story at its time, with the impact of then or before; the verdict stays; it is added once."""
    shown = []
    feed = SavedFeed(saved if whole else Saved(story), "x.lsx")
    feed.start(shown.append, print)
    note = Note(story.incident.detected_at + 60_000_000, "told the shops")
    feed.add_note(note)
    feed.add_note(note)
    (entry,) = [one for one in shown[-1].timeline if one.event == "told the shops"]
    before = next(e.impact for e in reversed(story.timeline) if e.time <= note.time)
    assert "requests ok" in entry.impact if whole else entry.impact == before
    assert shown[-1].recovery == story.recovery
    assert unpack(pack(Saved(shown[-1])), "x.lsx").snapshot.notes == (note,)
