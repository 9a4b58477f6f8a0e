"""Every rule that ships with logscope is held to its own samples."""

import re
import shutil
import subprocess

import pytest

from logscope.knowledge.loader import read_package_tables, read_rules
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.rule import RuleClass

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


def test_each_rule_is_the_best_for_one_of_its_samples():
    """Where another rule always says more exactly what a line means, nobody ever sees this one: it is a twin."""
    twins = [
        rule.id
        for rule in RULES.rules
        if not any((best := MATCHER.match(s, rule.component)) and best.rule.id == rule.id for s in rule.samples)
    ]
    assert twins == []


def test_what_takes_a_line_back_is_a_rule_that_tells_so():
    """A rule names another one of its component, of the class of recovery."""
    clearing = [rule for rule in RULES.rules if rule.cleared_by]
    assert clearing
    for rule in clearing:
        taking_back = RULES.find(rule.cleared_by)
        assert taking_back is not None, rule.id
        assert taking_back.cls is RuleClass.RECOVERY, rule.id


COMMANDS = [
    (rule.id, command)
    for rule in RULES.rules
    for action in (*rule.checks, *rule.actions)
    for command in (action.command, action.undo)
    if command
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="asks the shell")
def test_every_command_is_one_that_a_shell_reads():
    """Quotes, pipes and substitutions are whole; nothing is run."""
    lines = [
        re.sub(r"<([a-z][a-z0-9_]*)>", r"x\1", action.command)
        for rule in RULES.rules
        if rule.component not in ("windows", "dotnet", "network")
        for action in (*rule.checks, *rule.actions)
        if action.command
    ]
    done = subprocess.run(["bash", "-n"], input="\n".join(lines), text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "slip",
    [
        r"--time-sort",  # ls has no such option
        r"systemctl revert",  # takes away what others have set for the unit, too
        r"-o wide[^;]*awk",  # `3 (5m ago)` moves the columns
        r"\bkill -9\b|\brm -rf?\b",
        r"--cluster -w table",  # without a majority the members are not to be had
    ],
)
def test_no_command_has_a_known_slip(slip):
    """What was wrong once stays right."""
    assert [(rule, command) for rule, command in COMMANDS if re.search(slip, command)] == []
