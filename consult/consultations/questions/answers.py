"""Valid responses to a question, their wording, and follow-up questions.

Pure functions. A response consists of the keys of the chosen options (ordered for a ranking) and of the author's own
words: a free text or the text for “something else”. The words are stored as one line per key, so that reading, search
and hiding words need not know about choices. Keys and words together restore the response.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from consult.consultations.model import Question, QuestionKind
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line

OTHER_KEY = "other"
"""The key of “something else”."""
LONGEST_OTHER = 300
SINGLE = (QuestionKind.ONE, QuestionKind.SCALE)


class WrongAnswer(Refusal):
    """The answer is not valid for the question. Its `field` is the question's form field."""


@dataclass(frozen=True)
class GivenAnswer:
    """A response as given."""

    chosen: tuple[str, ...] = ()
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.chosen or self.words)


def option_labels(question: Question) -> dict[str, str]:
    """Return the label of each option by key, in order. Steps of a scale are numbers with named ends."""
    scale = question.kind is QuestionKind.SCALE
    return {it["key"]: _step(it["key"], it["label"]) if scale else it["label"] for it in question.options}


def _step(key: str, label: str) -> str:
    return f"{key} ({label})" if label else key


def check_answer(question: Question, given: GivenAnswer) -> GivenAnswer:
    """Return the cleaned response. Raises WrongAnswer."""
    if question.kind is QuestionKind.TEXT:
        if given.chosen:
            raise _wrong(question, _("Enter your response as text."))
        return GivenAnswer(words=clean_text(given.words))
    known, words = option_labels(question).keys() | ({OTHER_KEY} if question.other else set()), one_line(given.words)
    if not set(given.chosen) <= known:
        raise _wrong(question, _("Choose one of the options for this question."))
    if len(set(given.chosen)) < len(given.chosen) or (question.kind in SINGLE and len(given.chosen) > 1):
        raise _wrong(question, _("Choose each option only once, and stay within the number the question allows."))
    return _with_other(question, replace(given, words=words))


def _with_other(question: Question, given: GivenAnswer) -> GivenAnswer:
    """Return the response with consistent “something else” words and choice.

    Words without the choice imply it if the question allows that. Raises WrongAnswer.
    """
    if given.words and OTHER_KEY not in given.chosen:
        if not question.other or (question.kind is not QuestionKind.MANY and given.chosen):
            raise _wrong(question, _("Choose “Something else” too, or clear the text next to it."))
        given = replace(given, chosen=(*given.chosen, OTHER_KEY))
    if OTHER_KEY in given.chosen and not given.words:
        raise _wrong(question, _("You chose “Something else”. Say what it is."))
    if len(given.words) > LONGEST_OTHER:
        raise _wrong(
            question, _("Shorten the text next to “Something else” to %(most)s characters.", most=LONGEST_OTHER)
        )
    if question.kind is QuestionKind.MANY:
        order = [*option_labels(question), OTHER_KEY]
        given = replace(given, chosen=tuple(sorted(given.chosen, key=order.index)))
    return given


def _wrong(question: Question, message: str) -> WrongAnswer:
    return WrongAnswer(message, field=f"answer_{question.id}")


def answer_words(question: Question, given: GivenAnswer) -> str:
    """Return the response in words: free text, or one line per choice. Lines of a ranking are numbered.

    >>> options = [{"key": "a", "label": "Homes"}, {"key": "b", "label": "Jobs"}]
    >>> answer_words(Question(kind=QuestionKind.RANK, options=options), GivenAnswer(("b", "a")))
    '1. Jobs\\n2. Homes'
    """
    if question.kind is QuestionKind.TEXT:
        return given.words
    said = [given.words if key == OTHER_KEY else option_labels(question)[key] for key in given.chosen]
    return "\n".join(_numbered(question, place, line) for place, line in enumerate(said, start=1))


def _numbered(question: Question, place: int, line: str) -> str:
    return f"{place}. {line}" if question.kind is QuestionKind.RANK else line


def parse_answer(question: Question, body: str, chosen: Sequence[str]) -> GivenAnswer:
    """Return the response from its stored words and keys: the inverse of `answer_words`.

    >>> asked = Question(kind=QuestionKind.MANY, options=[{"key": "a", "label": "Homes"}], other=True)
    >>> parse_answer(asked, "Homes\\nA garden", ["a", "other"])
    GivenAnswer(chosen=('a', 'other'), words='A garden')
    """
    if question.kind is QuestionKind.TEXT:
        return GivenAnswer(words=body)
    lines = dict(zip(chosen, body.split("\n"), strict=False))
    own = lines.get(OTHER_KEY, "")
    if question.kind is QuestionKind.RANK:
        own = own.partition(". ")[2]
    return GivenAnswer(tuple(chosen), own)


def asked_questions(questions: Sequence[Question], chosen: Mapping[int, Collection[str]]) -> list[Question]:
    """Return the questions whose condition on an earlier question is met by these choices.

    Choices of a question that is not asked are ignored.
    """
    found: dict[int, Question] = {}
    for question in questions:
        if question.after_id is None or (
            question.after_id in found and not set(question.after_keys).isdisjoint(chosen.get(question.after_id, ()))
        ):
            found[question.id] = question
    return list(found.values())
