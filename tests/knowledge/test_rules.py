"""Every rule that ships with logscope is held to its own samples."""

import pytest

from logscope.knowledge.loader import read_package_tables, read_rules
from logscope.knowledge.matcher import Matcher

RULES, PROBLEMS = read_rules(read_package_tables())
MATCHER = Matcher(RULES)


def test_rule_files_are_without_fault():
    """Every rule file of the package loads."""
    assert [problem.text for problem in PROBLEMS] == []


@pytest.mark.parametrize("component", sorted({rule.component for rule in RULES.rules}))
def test_samples_of_the_rules_of_a_component(component):
    """A rule recognises each of its samples in its component's log, and none of its counter-samples."""
    for rule in RULES.rules:
        for sample in (*rule.samples, *rule.counter_samples) if rule.component == component else ():
            is_recognised = rule.id in [match.rule.id for match in MATCHER.match_all(sample, component)]
            assert is_recognised == (sample in rule.samples), (rule.id, sample)
