"""Forms to name, merge and split arguments, move statements and label them."""

from __future__ import annotations

from collections.abc import Sequence

from consult.arguments.model import Argument
from consult.core.i18n import N_, _
from consult.core.text import read_number
from consult.core.web.forms import DropdownField, Form, LineField, SelectChoice, required

OUT, NEW = "out", "new"


class ArgumentNameForm(Form):
    name = LineField(
        N_("Name"),
        [required(N_("Say in a few words what the argument is"))],
        most=160,
        description=N_("One sentence that fits all excerpts of the argument."),
    )


def _choice(one: Argument) -> str:
    """Return the name of an argument for a dropdown, marked if it is not named by a person."""
    words = one.label or _("No label yet")
    return words if one.checked else _("%(words)s (suggested, not checked)", words=words)


class ArgumentMergeForm(Form):
    into = DropdownField(N_("Merge this argument into"), [required(N_("Choose the argument to merge this one into"))])

    def __init__(self, beside: Sequence[Argument], **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.into.choices = [
            SelectChoice("", _("Choose")),
            *(SelectChoice(str(one.id), _choice(one)) for one in beside),
        ]


class StatementSortForm(Form):
    """The argument to move the chosen statements to."""

    to = DropdownField(N_("Move the chosen excerpts"), [required(N_("Choose where to move the excerpts"))])
    words = LineField(
        N_("Name of the new argument"),
        most=160,
        description=N_("One sentence that fits all excerpts of the argument."),
    )

    def __init__(self, beside: Sequence[Argument], *, out: bool, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.to.choices = [
            SelectChoice("", _("Choose")),
            SelectChoice(NEW, _("Into a new argument")),
            *([SelectChoice(OUT, _("Out of all arguments"))] if out else []),
            *(SelectChoice(str(one.id), _("Into “%(name)s”", name=_choice(one))) for one in beside),
        ]

    @property
    def target(self) -> int | None:
        """Return the ID of the target argument, or None for a new one."""
        return read_number(self.to.data)


class ProposeArgumentsForm(Form):
    """A form with a button only."""
