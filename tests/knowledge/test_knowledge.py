"""The bundle that the session holds."""

from logscope.knowledge.knowledge import load_knowledge
from logscope.knowledge.rule import Kind


def test_everything_is_loaded_together():
    """One call gives matcher, classifier and adviser over the same rules."""
    knowledge = load_knowledge()
    match = knowledge.matcher.match("no space left on device")
    assert match.rule is knowledge.rules.find(match.rule.id)
    assert knowledge.classifier.classify("no space left on device").kind is Kind.CAUSE
    assert knowledge.adviser.advise(match, None, None, (), {}).check
