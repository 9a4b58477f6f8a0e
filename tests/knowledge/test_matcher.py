"""The matcher: what it compares, what it prefers, what it never does."""

import string

from hypothesis import given
from hypothesis import strategies as st

from logscope.knowledge.loader import load_package_rules, parse_rules
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.words import normalise, split_words

RULES = load_package_rules()
MATCHER = Matcher(RULES)


def make_rule(name="one", literal="tea pot empty", extra="", confidence="high"):
    return f"""
[[rule]]
id = "{name}"
class = "exhaustion"
confidence = "{confidence}"
meaning = "No tea."
match.any = ["{literal}"]
{extra}
sources = [{{ document = "kitchen", version = "1", checked_on = 2026-01-31, how = "server" }}]
[rule.samples]
match = ["{literal}"]
no_match = ["coffee"]
"""


def make_matcher(*rules):
    rule_set, problems = parse_rules(
        [("kitchen.toml", 'component = "kitchen"\naliases = ["stove"]\n' + "".join(rules))]
    )
    assert problems == ()
    return Matcher(rule_set)


def find_ids(matcher, message, hint=None):
    return [match.rule.id for match in matcher.match_all(message, hint)]


def test_literals_are_compared_by_words():
    """Case and punctuation do not count, but words are whole: `oom` is not in `room`."""
    matcher = make_matcher(make_rule())
    assert find_ids(matcher, "WARN: Tea-Pot (empty)!") == ["kitchen.one"]
    assert find_ids(matcher, "tea pot emptyish") == []


def test_refused_words_and_regex_must_hold_too():
    """A literal alone is not enough where the rule asks for more."""
    rule = make_rule(extra='match.not = ["for fun"]\nmatch.regex = "pot (?P<pot>\\\\w{1,9}) empty|empty"')
    matcher = make_matcher(rule)
    assert find_ids(matcher, "tea pot empty") == ["kitchen.one"]
    assert find_ids(matcher, "tea pot empty for fun") == []
    assert find_ids(matcher, "tea pot EMPTY") == []


def test_captures_are_the_named_groups():
    """What a regex names is handed on for placeholders; groups that did not take part are left out."""
    rule = make_rule(literal="pot is empty", extra='match.regex = "(?P<pot>\\\\w{1,9}) pot is empty|(?P<none>x)"')
    match = make_matcher(rule).match("green pot is empty")
    assert dict(match.captures) == {"pot": "green"}


def test_own_log_rules_need_the_hint():
    """A rule for the component's own log holds only where the hint names the component or an alias of it."""
    matcher = make_matcher(make_rule(extra='match.scope = "own_log"'))
    assert find_ids(matcher, "tea pot empty") == []
    assert find_ids(matcher, "tea pot empty", "office-lamp") == []
    assert find_ids(matcher, "tea pot empty", "office-kitchen-1") == ["kitchen.one"]
    assert find_ids(matcher, "tea pot empty", "/var/log/stove.log") == ["kitchen.one"]


def test_best_match_first():
    """The surer rule comes first, then the one with the longer literal."""
    matcher = make_matcher(make_rule("short", "pot empty"), make_rule("long"), make_rule("sure", "empty", "", "medium"))
    assert find_ids(matcher, "tea pot empty") == ["kitchen.long", "kitchen.short", "kitchen.sure"]
    assert matcher.match("tea pot empty").rule.id == "kitchen.long"


def test_silent_rules_are_found_by_name():
    """For a service that is blamed but says nothing the rules about its silence are found by its name."""
    ids = [rule.id for rule in MATCHER.find_silent("redis-session-store")]
    assert "redis.maxmemory-noeviction" in ids
    assert all(rule_id.startswith("redis.") for rule_id in ids)
    assert MATCHER.find_silent("checkout") == ()


def test_database_words_in_a_client_log_lead_to_the_database_rule():
    """What a server tells its client is recognised in the client's log as well."""
    message = 'psycopg2.OperationalError: connection to server at "db1" failed: FATAL:  sorry, too many clients already'
    assert MATCHER.match(message, "checkout").rule.id == "postgresql.too-many-clients"


def test_everyday_lines_match_no_rule():
    """Ordinary lines of healthy services are not recognised by any rule."""
    for line in (
        "GET /cart/items/12 finished in 23 ms status=200",
        "user 12 changed shipping address",
        "connection pool stats: active=3 idle=7 waiting=0",
        "could not find a better route, keeping route 3",
        "the issue could not be resolved by support",
        "item 12 is out of stock",
        "cache memory used 512 MB of 2048 MB",
        "order status changed to shipped",
        "retrieved 3 open tickets",
        "session expired for user 12",
        "subscription expired, renewal mail sent",
        "started server on port 8080",
    ):
        assert find_ids(MATCHER, line) == [], line


@given(st.text(max_size=200))
def test_any_text_is_accepted(message):
    """No text is an error, and the prefilter never loses a match: a literal in the text is found or refused."""
    MATCHER.match_all(message, "redis")


@given(st.text(alphabet=string.ascii_letters + " .,:'\"[]<>-_/0123456789", max_size=60))
def test_text_around_a_literal_does_not_hide_it(noise):
    """A literal between other words is found wherever it stands."""
    matcher = make_matcher(make_rule())
    assert find_ids(matcher, f"{noise} tea pot empty {noise}") == ["kitchen.one"]


def test_normal_form():
    """Words in lower case between single blanks; what is beyond ASCII belongs to words."""
    assert normalise("OOM  command_not-allowed!") == b" oom command not allowed "
    assert split_words("Grüße an_alle") == ["Grüße".encode().replace(b"G", b"g"), b"an", b"alle"]
