"""Forms to name, merge and sort arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consult.arguments.model import Argument
from consult.core.i18n import N_, _
from consult.core.text import read_number
from consult.core.web.forms import DropdownField, Form, LineField, SelectChoice, required
from consult.taxonomy.model import Term

OUT, NEW = "out", "new"


class ArgumentNameForm(Form):
    name = LineField(
        N_("Name"),
        [required(N_("Say in a few words what the argument is"))],
        most=160,
        description=N_("One sentence that all its statements would sign."),
    )


def _choice(one: Argument) -> str:
    """The name of an argument in a list to choose from, marked where no person gave it."""
    words = one.label or _("No label yet")
    return words if one.checked else _("%(words)s (suggested, not checked)", words=words)


class ArgumentMergeForm(Form):
    into = DropdownField(N_("Merge it into"), [required(N_("Choose the argument it becomes part of"))])

    def __init__(self, beside: Sequence[Argument], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.into.choices = [
            SelectChoice("", _("Choose")),
            *(SelectChoice(str(one.id), _choice(one)) for one in beside),
        ]


class StatementSortForm(Form):
    """Where chosen statements go."""

    to = DropdownField(N_("The chosen statements go"), [required(N_("Choose where the statements go"))])
    words = LineField(
        N_("Name of the new argument"),
        most=160,
        description=N_("One sentence that all its statements would sign."),
    )

    def __init__(self, beside: Sequence[Argument], *, out: bool, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.to.choices = [
            SelectChoice("", _("Choose")),
            SelectChoice(NEW, _("Into a new argument")),
            *([SelectChoice(OUT, _("Out of any argument"))] if out else []),
            *(SelectChoice(str(one.id), _("Into “%(name)s”", name=_choice(one))) for one in beside),
        ]

    @property
    def target(self) -> int | None:
        """The number of the argument they go to, where there is one already."""
        return read_number(self.to.data)


class ArgumentPairForm(Form):
    """What becomes of two arguments that may make one point."""

    name = LineField(N_("Name, if they are one"), most=160)


class ProposeArgumentsForm(Form):
    """A button only."""


class CodebookTermForm(Form):
    """A term for the codebook."""

    term = DropdownField(N_("Term"), [required(N_("Choose a term"))])

    def __init__(self, terms: Sequence[Term], labels: Callable[[Term], str], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.term.choices = [SelectChoice("", _("Choose")), *(SelectChoice(str(t.id), labels(t)) for t in terms)]


class StatementLabelForm(Form):
    """What a person says of each of the statements shown; the values are read one by one."""
