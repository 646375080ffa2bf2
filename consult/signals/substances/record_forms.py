"""Forms of substance records: the record, and the match of a name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from consult.accounts.countries import list_countries
from consult.core.i18n import N_, NP_, _, current_language
from consult.core.web.forms import DropdownField, Form, HiddenField, LineField, LongTextField, SelectChoice
from consult.signals.labels import DRUG_LAWS, STRIP_KINDS, STRIP_RESULTS
from consult.signals.substances.values import (
    MAX_CONTROLS,
    MAX_NAMES,
    MAX_STRIPS,
    SubstanceControl,
    SubstanceStrip,
    SubstanceValues,
)

_CONTROL_PARTS = ("law", "country", "schedule", "since", "source")
_STRIP_PARTS = ("strip", "shows", "source")


class SubstanceRecordForm(Form):
    """A record. Controls and strips have numbered fields; an empty law or strip is left out."""

    cas = LineField(N_("CAS number"), most=12, description=N_("Example: 437-38-7"))
    inchikey = LineField(N_("InChIKey"), most=27)
    unii = LineField(N_("UNII"), most=10)
    un_code = LineField(N_("UNODC code"), most=40)
    incb_code = LineField(N_("INCB code"), most=40)
    eu_code = LineField(N_("EUDA code"), most=40)
    names = LongTextField(N_("Other names"), most=1_000, description=N_("One name on each line."))
    source = LineField(
        N_("Source of the identifiers"), most=300, description=N_("A document or a web address that readers can check.")
    )
    reason = LongTextField(N_("Why?"), most=1_000, description=N_("One sentence. We keep it and show it publicly."))
    revision = HiddenField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        none = SelectChoice("", "")
        countries = [none, *(SelectChoice(code, name) for code, name in list_countries(current_language()))]
        for n in range(MAX_CONTROLS):
            self[f"control_{n}_law"].choices = [none, *(SelectChoice(*pair) for pair in DRUG_LAWS.items())]
            self[f"control_{n}_country"].choices = countries
        for n in range(MAX_STRIPS):
            self[f"strip_{n}_strip"].choices = [none, *(SelectChoice(*pair) for pair in STRIP_KINDS.items())]
            self[f"strip_{n}_shows"].choices = [none, *(SelectChoice(*pair) for pair in STRIP_RESULTS.items())]

    def parts(self, kind: str, n: int) -> list[Any]:
        """Return the fields of a control or strip."""
        return [self[f"{kind}_{n}_{part}"] for part in (_CONTROL_PARTS if kind == "control" else _STRIP_PARTS)]

    def count_shown(self, kind: str, most: int) -> int:
        """Return the number of controls or strips to show: the filled-in ones and an empty one."""
        filled = [n for n in range(most) if any(field.data for field in self.parts(kind, n))]
        return min(most, (filled[-1] + 2) if filled else 1)

    def values(self) -> SubstanceValues:
        """Return the typed values."""
        controls = [
            SubstanceControl(**{part: self[f"control_{n}_{part}"].data or "" for part in _CONTROL_PARTS})
            for n in range(MAX_CONTROLS)
            if any(field.data for field in self.parts("control", n))
        ]
        strips = [
            SubstanceStrip(**{part: self[f"strip_{n}_{part}"].data or "" for part in _STRIP_PARTS})
            for n in range(MAX_STRIPS)
            if any(field.data for field in self.parts("strip", n))
        ]
        names = dict.fromkeys(line.strip() for line in (self.names.data or "").splitlines() if line.strip())
        return SubstanceValues(
            cas=self.cas.data or "",
            inchikey=(self.inchikey.data or "").upper(),
            unii=(self.unii.data or "").upper(),
            un_code=self.un_code.data or "",
            incb_code=self.incb_code.data or "",
            eu_code=self.eu_code.data or "",
            names=tuple(names)[:MAX_NAMES],
            controls=tuple(controls),
            strips=tuple(strips),
            source=self.source.data or "",
        )


for _n in range(MAX_CONTROLS):
    setattr(SubstanceRecordForm, f"control_{_n}_law", DropdownField(N_("Convention or law"), default=""))
    setattr(SubstanceRecordForm, f"control_{_n}_country", DropdownField(N_("Country of the law"), default=""))
    setattr(SubstanceRecordForm, f"control_{_n}_schedule", LineField(NP_("list of a convention", "Schedule"), most=60))
    _since = LineField(N_("Since"), most=10, description=N_("A year, month or day: 2023, 2023-03 or 2023-03-15."))
    setattr(SubstanceRecordForm, f"control_{_n}_since", _since)
    setattr(SubstanceRecordForm, f"control_{_n}_source", LineField(NP_("document", "Source"), most=300))
for _n in range(MAX_STRIPS):
    setattr(SubstanceRecordForm, f"strip_{_n}_strip", DropdownField(N_("Test strip"), default=""))
    setattr(
        SubstanceRecordForm, f"strip_{_n}_shows", DropdownField(N_("Does the strip show the substance?"), default="")
    )
    setattr(SubstanceRecordForm, f"strip_{_n}_source", LineField(NP_("document", "Source"), most=300))


def build_record_form(values: SubstanceValues, revision: int) -> SubstanceRecordForm:
    """Return the form, filled with the values of a record."""
    known: dict[str, Any] = {**values.as_columns(), "names": "\n".join(values.names), "revision": str(revision)}
    for n, control in enumerate(values.controls[:MAX_CONTROLS]):
        known |= {f"control_{n}_{part}": getattr(control, part) for part in _CONTROL_PARTS}
    for n, strip in enumerate(values.strips[:MAX_STRIPS]):
        known |= {f"strip_{n}_{part}": getattr(strip, part) for part in _STRIP_PARTS}
    return SubstanceRecordForm(data=known)


class NameMatchForm(Form):
    """Matches a name in samples to a substance."""

    words = HiddenField()
    substance = DropdownField(N_("Substance"), default="")

    def __init__(self, substances: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.substance.choices = [
            SelectChoice("", _("Choose a substance")),
            *(SelectChoice(str(number), name) for number, name in substances),
        ]
