"""The forms by which a person names, merges and sorts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from consult.arguments.model import Argument
from consult.core.forms import Form, Line, Pick, SelectChoice, required
from consult.core.i18n import N_, _
from consult.taxonomy.model import Term

OUT, NEW = "out", "new"


class NameForm(Form):
    name = Line(
        N_("Name"),
        [required(N_("Say in a few words what the argument is"))],
        most=160,
        description=N_("One sentence that all its statements would sign."),
    )


class MergeForm(Form):
    into = Pick(N_("Merge it into"), [required(N_("Choose the argument it becomes part of"))])

    def __init__(self, beside: Sequence[Argument], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.into.choices = [SelectChoice("", _("Choose")), *(SelectChoice(str(one.id), one.label) for one in beside)]


class SortForm(Form):
    """Where chosen statements go."""

    to = Pick(N_("The chosen statements go"), [required(N_("Choose where the statements go"))])
    words = Line(N_("Name of the new argument"), most=160, description=N_("It may be left empty for now."))

    def __init__(self, beside: Sequence[Argument], *, out: bool, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.to.choices = [
            SelectChoice("", _("Choose")),
            SelectChoice(NEW, _("Into a new argument")),
            *([SelectChoice(OUT, _("Out of any argument"))] if out else []),
            *(SelectChoice(str(one.id), _("Into “%(name)s”", name=one.label)) for one in beside),
        ]

    @property
    def target(self) -> int | None:
        """The number of the argument they go to, where there is one already."""
        return int(self.to.data) if str(self.to.data).isdigit() else None


class ProposeForm(Form):
    """A button only."""


class CodeForm(Form):
    """A term for the codebook."""

    term = Pick(N_("Term"), [required(N_("Choose a term"))])

    def __init__(self, terms: Sequence[Term], labels: Callable[[Term], str], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.term.choices = [SelectChoice("", _("Choose")), *(SelectChoice(str(t.id), labels(t)) for t in terms)]


class LabelForm(Form):
    """What a person says of each of the statements shown; the values are read one by one."""
