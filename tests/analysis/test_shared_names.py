"""Names that only their sharing shows."""

from dataclasses import replace

from logscope.analysis.causes.scene import Scene
from logscope.analysis.causes.shared_names import find_shared_names
from logscope.analysis.kinds.naming import build_names
from logscope.analysis.onset.anomalies import Anomaly
from logscope.knowledge.lexicon import load_lexicon
from logscope.model.severity import Severity
from logscope.model.times import US
from tests.analysis.series import START, make_kind

LEXICON = load_lexicon()
NAMES = build_names({"shop": None, "depot": None, "press": None})


def failing(node, second, words, mentions=()):
    """A node that fails from a second on with these words."""
    kind = make_kind([START + second + step for step in range(50)], node, words)
    kind.mentions = dict(mentions)
    begin = round((START + second) * US)
    return Anomaly(kind, begin, 1000, 50.0, True, 0.0, 50.0, begin + 50 * US, True)


def ordinary(words):
    return make_kind([START - 600], "shop", words, Severity.INFO)


def find(*anomalies, before="order 7 was placed"):
    edges = find_shared_names(anomalies, [ordinary(before)], NAMES, LEXICON.knows)
    return {(edge.caller, edge.callee) for edge in edges}


SHOP = failing("shop", 0, "basket 7 lost its prices at gubuzo")
DEPOT = failing("depot", 2, "gubuzo: pallet 12 unsettled")


def test_a_word_that_two_services_begin_to_say_is_a_name():
    """Two sentences share one unknown word and nothing else: both point at it."""
    assert find(SHOP, DEPOT) == {("shop", "gubuzo"), ("depot", "gubuzo")}


def test_three_who_share_a_name_are_surer_of_it():
    """Each further service halves the doubt."""
    press = failing("press", 3, "sheet 9 torn under gubuzo")
    two, three = (
        find_shared_names(some, [ordinary("order 7")], NAMES, LEXICON.knows)[0].weight
        for some in ((SHOP, DEPOT), (SHOP, DEPOT, press))
    )
    assert 0 < two < three < 1


def test_a_word_of_normal_times_is_no_name():
    """What was said before anything failed is a word of the trade."""
    assert find(SHOP, DEPOT, before="gubuzo 3 packed") == set()


def test_one_sentence_of_two_services_names_nobody():
    """Who says the same in the same words shares a library, not an enemy."""
    again = failing("depot", 2, SHOP.kind.headline.replace("gubuzo", "gubuzo zefiro"))
    assert find(failing("shop", 0, "basket 7 lost its prices at gubuzo zefiro"), again) == set()


def test_nothing_is_shared_where_no_normal_time_was_read():
    """Without any other line nobody knows which words are new."""
    assert find_shared_names([SHOP, DEPOT], [], NAMES, LEXICON.knows) == ()


def test_a_name_that_one_service_blames_is_one_in_the_lines_of_others():
    """One line says by its grammar that quillpost did not answer; the other only holds the word."""
    blaming = failing("shop", 0, "quillpost answered 530", {"quillpost": 0.9})
    holding = failing("depot", 4, "parcel 3 kept back, quillpost throttles", {})
    assert find(blaming, holding) == {("depot", "quillpost")}


def test_kinds_that_come_no_more_often_than_before_weigh_alike():
    """Who is blamed is known although no kind of the node exceeds what it always did."""
    still = replace(SHOP, excess=0.0)
    edges = find_shared_names([still, DEPOT], [ordinary("order 7")], NAMES, LEXICON.knows)
    scene = Scene([still, DEPOT], {"shop": still, "depot": DEPOT}, edges, DEPOT.time, has_times=True)
    (whole,) = scene.list_blamed("shop")
    assert (whole.callee, whole.weight) == ("gubuzo", scene.find_blamed(still).weight)


def test_what_replicas_say_in_the_same_words_is_no_name():
    """Two that repeat a server's answer: one sentence, in which an unknown word is no stranger."""
    said = "cart 9 failed: the link is down and gubuzo-serve-stale is off"
    assert not find(failing("shop", 0, said), failing("depot", 2, f"pallet 3: {said[8:]}"))


def test_who_is_blamed_only_later_had_no_part_before():
    """A name that another service blames a minute and a half behind a line says nothing about that line."""
    early = failing("shop", 0, "queue gubuzo has other arguments")
    assert find(early, failing("depot", 5, "gubuzo refused 7", {"gubuzo": 0.9}))
    assert ("shop", "gubuzo") not in find(early, failing("depot", 95, "gubuzo refused 7", {"gubuzo": 0.9}))
