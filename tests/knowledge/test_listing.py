"""What `logscope rules` prints."""

from logscope.knowledge.listing import find_failures, render_list, render_problems, render_rule, render_test
from logscope.knowledge.loader import load_package_rules, parse_rules

RULES = load_package_rules()
GOOD = """
component = "kitchen"
[[rule]]
id = "one"
class = "exhaustion"
confidence = "high"
meaning = "No tea."
match.any = ["tea pot empty"]
sources = [{ document = "kitchen", version = "1", checked_on = 2026-01-31, how = "server" }]
[rule.samples]
match = ["tea pot empty"]
no_match = ["coffee"]
"""


def test_list_prints_one_rule_a_line():
    """Each line is id, component and class."""
    lines = render_list(RULES.rules).splitlines()
    assert [line.split()[0] for line in lines] == [rule.id for rule in RULES.rules]
    assert all(len(line.split()) == 3 for line in lines)
    assert render_list(()) == ""


def test_show_holds_everything_about_a_rule():
    """Meaning, silence, commands with their risk, what does not help, and where it comes from."""
    text = render_rule(RULES.find("redis.maxmemory-noeviction"))
    for part in ("redis-cli", "[destructive]", "silent by design", "does not help", "seen on 7.0.15", "undo:"):
        assert part in text


def test_check_names_problems_and_counts():
    """Problems come first, one a line, then the count."""
    rules, problems = parse_rules([("my.toml", GOOD.replace("exhaustion", "tired"))])
    lines = render_problems(rules, problems).splitlines()
    assert lines[0].startswith("my.toml: one: class: must be one of")
    assert lines[-1] == "0 rules for 1 component valid, 1 problem"


def test_test_reports_samples_that_are_not_treated_as_they_should():
    """Both kinds of samples are tried, and each failure is a line."""
    wrong = GOOD.replace(
        'match = ["tea pot empty"]\nno_match = ["coffee"]', 'match = ["tea"]\nno_match = ["tea pot empty"]'
    )
    rules, problems = parse_rules([("my.toml", wrong)])
    assert problems == ()
    assert find_failures(rules) == (
        "my.toml: kitchen.one does not recognise: tea",
        "my.toml: kitchen.one must not recognise: tea pot empty",
    )
    assert render_test(rules).endswith("1 rule, 2 samples, 2 failures\n")


def test_all_rules_that_ship_pass_their_samples():
    """The rules are worth shipping: many, for many components, and without failures."""
    assert find_failures(RULES) == ()
    assert len(RULES.rules) >= 80
    assert len(RULES.components) >= 25


def test_a_rule_that_cannot_be_read_is_no_rule_that_passed():
    """What is wrong in a file stands in the result of its test."""
    rules, problems = parse_rules([("mine.toml", 'component = "kitchen"\n[[rule]]\nid = "one"\n')])
    told = render_test(rules, problems)
    assert told.startswith("mine.toml: one: ")
    assert told.endswith("0 rules, 0 samples, 0 failures, 1 problem\n")
