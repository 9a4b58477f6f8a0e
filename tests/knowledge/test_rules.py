"""Every rule that ships with logscope is held to its own samples."""

import pytest

from logscope.knowledge.loader import parse_rules, read_package_texts
from logscope.knowledge.matcher import Matcher

RULES, PROBLEMS = parse_rules(read_package_texts())
MATCHER = Matcher(RULES)


def test_rule_files_are_without_fault():
    """Every rule file of the package loads."""
    assert [problem.text for problem in PROBLEMS] == []


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_samples_of_a_rule(rule):
    """A rule recognises each of its samples in its component's log, and none of its counter-samples."""
    for sample in rule.samples:
        assert rule.id in [match.rule.id for match in MATCHER.match_all(sample, rule.component)], sample
    for sample in rule.counter_samples:
        assert rule.id not in [match.rule.id for match in MATCHER.match_all(sample, rule.component)], sample
