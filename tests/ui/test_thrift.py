"""How often answers of a part of the lines are painted."""

from logscope.ui.thrift import Thrift


class Link:
    """A clock, and a terminal that counts."""

    def __init__(self):
        self.seconds = 0.0
        self.written = 0

    def paint(self, thrift, size):
        thrift.begin_painting()
        self.written += size
        thrift.end_painting()


def test_a_second_answer_is_painted_where_the_first_was_cheap():
    """As long as another of the same cost stays within what a start may take before the last answer."""
    link = Link()
    thrift = Thrift(lambda: link.seconds, lambda: link.written)
    link.written = 3_000
    link.paint(thrift, 2_500)
    assert thrift.affords_another()
    link.paint(thrift, 2_500)
    assert not thrift.affords_another()


def test_a_long_reading_is_painted_now_and_then():
    """Behind the first seconds each answer waits until its bytes are there; those of keys are not counted."""
    link = Link()
    thrift = Thrift(lambda: link.seconds, lambda: link.written)
    link.paint(thrift, 8_000)
    link.written += 100_000
    link.seconds = 15.0
    assert not thrift.affords_another()
    link.seconds = 18.0
    assert thrift.affords_another()


def test_keys_come_before_answers_of_a_part():
    """While somebody presses keys the answers of a part wait."""
    link = Link()
    thrift = Thrift(lambda: link.seconds, lambda: link.written)
    link.paint(thrift, 1_000)
    thrift.note_key()
    link.seconds = 0.4
    assert not thrift.affords_another()
    link.seconds = 0.6
    assert thrift.affords_another()


def test_an_answer_that_is_due_waits_for_keys_alone():
    """What tells much more than the last one is painted whatever it costs, and not between two keys."""
    link = Link()
    thrift = Thrift(lambda: link.seconds, lambda: link.written)
    link.paint(thrift, 8_000)
    assert not thrift.affords_another()
    assert thrift.affords_another(is_due=True)
    thrift.note_key()
    assert not thrift.affords_another(is_due=True)


def test_where_bytes_are_not_counted_nothing_is_saved():
    """Without the driver that counts them each answer is painted."""
    thrift = Thrift(lambda: 0.0, lambda: None)
    thrift.begin_painting()
    thrift.end_painting()
    assert thrift.affords_another()
