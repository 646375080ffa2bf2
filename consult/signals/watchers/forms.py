"""The form for subscribing to warnings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from consult.accounts.countries import list_countries
from consult.core.i18n import LANGUAGES, N_, _, current_language, pgettext
from consult.core.web.forms import (
    CheckboxGroupField,
    DropdownField,
    EmailField,
    Form,
    RadioGroupField,
    SelectChoice,
    required,
)
from consult.signals.labels import LEVEL_MEANINGS, LEVELS
from consult.signals.model import SignalLevel, Watcher
from consult.signals.places.regions import list_regions
from consult.signals.watchers.service import WatchFilter

BOXES = 3


class WatchForm(Form):
    """Lowest level, places and substances. Countries are in `country_0` …; regions and substances are ticked."""

    least = RadioGroupField(N_("Lowest level"), default=SignalLevel.ALERT.value)
    country_0 = DropdownField(N_("Country"), default="")
    country_1 = DropdownField(N_("Another country"), default="")
    country_2 = DropdownField(N_("Another country"), default="")
    region = CheckboxGroupField(N_("Only these regions"))
    substance = DropdownField(N_("Substance"), default="")
    language = DropdownField(N_("Language of the e-mails"), choices=[SelectChoice(*it) for it in LANGUAGES.items()])

    def __init__(self, substances: Iterable[tuple[int, str]] = (), *, home: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        names = list_countries(current_language())
        self.least.choices = [
            SelectChoice(str(level), words, render_kw={"hint": LEVEL_MEANINGS[level]})
            for level, words in LEVELS.items()
        ]
        for number in range(BOXES):
            every = _("Every country") if number == 0 else pgettext("country", "None")
            self[f"country_{number}"].choices = [SelectChoice("", every), *(SelectChoice(*one) for one in names)]
        self.region.choices = [SelectChoice(*region) for region in list_regions(home, current_language())]
        self.region.flags.optional = True
        self.substance.choices = [
            SelectChoice("", _("Any substance, including unknown ones")),
            *(SelectChoice(str(n), name) for n, name in substances),
        ]

    def wish(self) -> WatchFilter:
        """Return the subscription. Ticked regions replace their country."""
        regions = list(self.region.data or [])
        narrowed = {code[:2] for code in regions}
        chosen = [self[f"country_{number}"].data for number in range(BOXES)]
        return WatchFilter(
            least=SignalLevel(self.least.data),
            countries=[code for code in chosen if code and code not in narrowed],
            regions=regions,
            substances=[int(self.substance.data)] if self.substance.data else [],
            language=self.language.data,
        )


class WatchAddressForm(WatchForm):
    """The subscription form for people without an account."""

    email = EmailField(N_("E-mail address"), [required(N_("Enter your e-mail address"))])


class WatchButtonForm(Form):
    """A form with only a button."""


def describe_watcher(row: Watcher | None) -> dict[str, Any]:
    """Return the initial values of the form."""
    if row is None:
        return {"language": current_language()}
    countries = list(dict.fromkeys([*row.countries, *(code[:2] for code in row.regions)]))
    known: dict[str, Any] = {"least": str(row.least), "language": row.language, "region": list(row.regions)}
    known |= {f"country_{n}": code for n, code in enumerate(countries[:BOXES])}
    return known | {"substance": str(row.substances[0]) if row.substances else ""}
