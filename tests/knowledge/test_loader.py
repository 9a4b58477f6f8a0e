"""Rule files that are wrong are refused with file, rule and field; good ones load."""

import re
from importlib import resources

import pytest

from logscope.knowledge.listing import find_failures
from logscope.knowledge.loader import check_rules, load_package_rules, parse_rules
from logscope.knowledge.patterns import compile_bounded

GOOD = """
component = "kitchen"
[[rule]]
id = "one"
class = "exhaustion"
confidence = "high"
meaning = "No tea."
match.any = ["tea pot empty"]
checks = [{ text = "Look", command = "ls <pot>" }]
actions = [{ text = "Fill", command = "fill <pot>", risk = "disruptive", undo = "drink" }]
sources = [{ document = "kitchen", version = "1", checked_on = 2026-01-31, how = "server" }]
[rule.samples]
match = ["tea pot empty"]
no_match = ["coffee"]
"""


def find_problems(old="", new=""):
    assert old in GOOD
    return [problem.text for problem in parse_rules([("my.toml", GOOD.replace(old, new) if old else GOOD)])[1]]


def test_good_rule_loads():
    """A rule with all that is needed has no problem."""
    assert find_problems() == []


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ('id = "one"', "", "my.toml: rule 1: id: is missing"),
        ('id = "one"', 'id = "One Two"', "my.toml: One Two: id: must be lower-case"),
        ('class = "exhaustion"', 'class = "tired"', "my.toml: one: class: must be one of exhaustion"),
        ('confidence = "high"', "confidence = 3", "my.toml: one: confidence: must be a text"),
        ('meaning = "No tea."', 'meening = "No tea."', "my.toml: one: meening: is not known here"),
        ('["tea pot empty"]\nchecks', '"tea"\nchecks', "my.toml: one: match.any: must be a list of texts"),
        ('["tea pot empty"]\nchecks', '["..."]\nchecks', "my.toml: one: match.any: a literal must hold"),
        (
            '["tea pot empty"]\nchecks',
            '["a"]\nmatch.regex = "a.*b"\nchecks',
            "my.toml: one: match.regex: use a bounded",
        ),
        (
            '["tea pot empty"]\nchecks',
            '["a"]\nmatch.scope = "moon"\nchecks',
            "my.toml: one: match.scope: must be one of any",
        ),
        (', risk = "disruptive"', "", "my.toml: one: actions.risk: is missing"),
        (', undo = "drink"', "", "my.toml: one: actions.undo: an action that is not safe"),
        (
            'command = "ls <pot>"',
            'command = "ls", risk = "destructive", undo = "no"',
            "my.toml: one: checks: must only",
        ),
        ("2026-01-31", '"lately"', "my.toml: one: sources.checked_on: must be a date"),
        ('how = "server"', 'how = "rumour"', "my.toml: one: sources.how: must be one of server"),
        ('no_match = ["coffee"]', "no_match = []", "my.toml: one: samples.no_match: must hold at least one"),
        ('component = "kitchen"', "", "my.toml: component: is missing"),
        ('id = "one"', "id = 1", "my.toml: rule 1: id: must be a text"),
        ('meaning = "No tea."', 'meaning = " "', "my.toml: one: meaning: must not be empty"),
        (
            '["tea pot empty"]\nchecks',
            '[" "]\nchecks',
            "my.toml: one: match.any: must be a list of texts, none of them empty",
        ),
        ("ls <pot>", "ls <Pot>", "my.toml: one: checks.command: a placeholder is lower-case letters"),
        (
            "ls <pot>",
            "ls; rm <pot>",
            "my.toml: one: checks.command: what changes a system belongs in actions, with its risk: rm",
        ),
        (
            "ls <pot>",
            "systemctl restart <pot>",
            "my.toml: one: checks.command: what changes a system belongs in actions",
        ),
        (
            'command = "fill <pot>", risk = "disruptive", undo = "drink"',
            'command = "psql -c \'DROP TABLE x\'", risk = "safe"',
            "my.toml: one: actions.command: what changes a system is not safe: DROP TABLE",
        ),
        ("[[rule]]", "[[rule", "my.toml: this is not valid TOML"),
        ("[[rule]]", "x = " + "9" * 5000 + "\n[[rule]]", "my.toml: this is not valid TOML: a value is nested too deep"),
        ("[[rule]]", "x = " + "[" * 9000 + "\n[[rule]]", "my.toml: this is not valid TOML: a value is nested too deep"),
    ],
)
def test_faults_are_named(old, new, text):
    """Each fault names file, rule and field, and says what is expected."""
    assert [problem[: len(text)] for problem in find_problems(old, new)] == [text]


def test_user_rules_replace_rules_of_the_same_id(tmp_path):
    """A user's folder adds rules and replaces those of the package that have the same id."""
    (tmp_path / "mine.toml").write_text(GOOD.replace("kitchen", "redis").replace('"one"', '"ready"'))
    (tmp_path / "more.toml").write_text(GOOD)
    rules, _ = check_rules(tmp_path)
    assert rules.find("redis.ready").meaning == "No tea."
    assert rules.find("kitchen.one") is not None
    assert "valkey" in next(component.aliases for component in rules.components if component.name == "redis")


def test_a_faulty_user_rule_is_left_out_and_told(tmp_path):
    """A wrong file of the user is one sentence that names it; the other rules stay."""
    (tmp_path / "mine.toml").write_text(GOOD.replace("exhaustion", "tired"))
    rules, (problem,) = check_rules(tmp_path)
    assert re.search(r"mine\.toml: one: class: must be one of", problem.text)
    assert rules.rules == load_package_rules().rules


def test_no_user_folder_is_no_error(tmp_path):
    """Most people have no rules of their own."""
    assert check_rules(tmp_path / "absent") == (load_package_rules(), ())


@pytest.mark.parametrize(
    "pattern",
    [
        "a*",
        "[[a]",
        "a+b",
        "(ab){2,5}",
        "a{3,}",
        "a{0,500}",
        r"(a)\1",
        "(?=a)",
        "(?<!a)b",
        "a{0,80}b{0,80}c{0,80}d{0,80}",
        "(a",
        "{x}",
    ],
)
def test_expressions_without_bound_are_refused(pattern):
    """What could take long on hostile text, or is no expression, is refused."""
    with pytest.raises(ValueError, match=r"\w"):
        compile_bounded(pattern)


@pytest.mark.parametrize(
    "pattern", [r"\d{1,10}", "(?P<x>[^]*+]{1,80})?", r"a\*b", "(?i:a|b)", "[*+{]", "a{2}|b{0,80}c{0,80}"]
)
def test_bounded_expressions_are_accepted(pattern):
    """Classes, groups, alternatives and counted repetitions are enough for rules."""
    assert compile_bounded(pattern).pattern == pattern


def test_example_of_the_readme_is_a_valid_rule():
    """What the README shows loads, and its samples hold."""
    text = (resources.files("logscope.knowledge") / "rules" / "README.md").read_text("utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    rules, problems = parse_rules([("README.md", example)])
    assert problems == ()
    assert find_failures(rules) == ()
