"""All knowledge in one value, as the session needs it: loaded once, asked often."""

from dataclasses import dataclass
from pathlib import Path

from logscope.knowledge.advice import Adviser, load_adviser
from logscope.knowledge.lexicon import Classifier, load_lexicon
from logscope.knowledge.loader import load_rules
from logscope.knowledge.matcher import Matcher
from logscope.knowledge.rule import RuleSet


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Rules and what answers questions with them."""

    rules: RuleSet
    matcher: Matcher
    """Which rules recognise a message."""
    classifier: Classifier
    """What a message is, by rule or by its words."""
    adviser: Adviser
    """What to do about it."""


def load_knowledge(user_folder: Path | None = None) -> Knowledge:
    """The rules of the package and the user, ready to be asked. Takes about 50 ms.

    Args:
        user_folder: Folder with rule files of the user; None or a folder that is not there means none.

    Raises:
        UsageError: A rule of the user is wrong; the sentence names file, rule and field.
    """
    rules = load_rules(user_folder)
    matcher = Matcher(rules)
    return Knowledge(rules, matcher, Classifier(matcher, load_lexicon()), load_adviser())
