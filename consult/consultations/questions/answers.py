"""Valid answers to a question, their wording, and follow-up questions.

Pure. An answer is the keys of the chosen options (of a ranking: in order) and its own words: those of a free answer, or
those beside "something else". Its words are stored as one line for each key, so that reading, search and redaction
need not know about choices. Chosen keys and stored words give the answer back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from consult.consultations.model import Question, QuestionKind
from consult.core.errors import Refusal
from consult.core.i18n import _
from consult.core.text import clean_text, one_line

OTHER_KEY = "other"
"""The key of "something else"."""
LONGEST_OTHER = 300
SINGLE = (QuestionKind.ONE, QuestionKind.SCALE)


class WrongAnswer(Refusal):
    """This is not an answer to that question; the field is the question's."""


@dataclass(frozen=True)
class GivenAnswer:
    """An answer as it was given."""

    chosen: tuple[str, ...] = ()
    words: str = ""

    def __bool__(self) -> bool:
        return bool(self.chosen or self.words)


def option_labels(question: Question) -> dict[str, str]:
    """What there is to choose by its key, in order, as it is said. The steps of a scale are numbers, its ends named."""
    scale = question.kind is QuestionKind.SCALE
    return {it["key"]: _step(it["key"], it["label"]) if scale else it["label"] for it in question.options}


def _step(key: str, label: str) -> str:
    return f"{key} ({label})" if label else key


def check_answer(question: Question, given: GivenAnswer) -> GivenAnswer:
    """The answer, cleaned; nothing where nothing was said. Raises WrongAnswer."""
    if question.kind is QuestionKind.TEXT:
        if given.chosen:
            raise _wrong(question, _("This question is answered in words."))
        return GivenAnswer(words=clean_text(given.words))
    known, words = option_labels(question).keys() | ({OTHER_KEY} if question.other else set()), one_line(given.words)
    if not set(given.chosen) <= known:
        raise _wrong(question, _("Choose from what the question offers."))
    if len(set(given.chosen)) < len(given.chosen) or (question.kind in SINGLE and len(given.chosen) > 1):
        raise _wrong(question, _("Choose each answer once, and only as many as the question asks for."))
    return _with_other(question, replace(given, words=words))


def _with_other(question: Question, given: GivenAnswer) -> GivenAnswer:
    """Words beside "something else" and the choice of it belong together; words alone mean the choice, if they can."""
    if given.words and OTHER_KEY not in given.chosen:
        if not question.other or (question.kind is not QuestionKind.MANY and given.chosen):
            raise _wrong(question, _("Choose “Something else” too, or clear the words beside it."))
        given = replace(given, chosen=(*given.chosen, OTHER_KEY))
    if OTHER_KEY in given.chosen and not given.words:
        raise _wrong(question, _("Say what the something else is."))
    if len(given.words) > LONGEST_OTHER:
        raise _wrong(question, _("Shorten the words beside it to %(most)s characters.", most=LONGEST_OTHER))
    if question.kind is QuestionKind.MANY:
        order = [*option_labels(question), OTHER_KEY]
        given = replace(given, chosen=tuple(sorted(given.chosen, key=order.index)))
    return given


def _wrong(question: Question, message: str) -> WrongAnswer:
    return WrongAnswer(message, field=f"answer_{question.id}")


def answer_words(question: Question, given: GivenAnswer) -> str:
    """The answer in words: a free answer as it is, else one line for each choice; the lines of a ranking are numbered.

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
    """The answer that was stored as these words and keys: the reverse of `words`.

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
    """The questions that are asked of somebody who chose so: each whose condition, on an earlier one, is met.

    What was answered to a question that is not asked any more opens nothing.
    """
    found: dict[int, Question] = {}
    for question in questions:
        if question.after_id is None or (
            question.after_id in found and not set(question.after_keys).isdisjoint(chosen.get(question.after_id, ()))
        ):
            found[question.id] = question
    return list(found.values())
