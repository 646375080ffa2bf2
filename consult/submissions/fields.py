"""The fields that describe an author, in one list.

Forms, drafts, filing, amendment, erasure, commitments, import and export use `FIELDS`. A new field needs a row here, a
value of `DraftSubmitter` and a column of `Submission`. `tests/submissions/test_fields.py` adds one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from consult.accounts.countries import list_countries
from consult.core.i18n import CONTENT_LANGUAGES, N_, current_language
from consult.core.languages import DEFAULT_LANGUAGE
from consult.core.text import one_line
from consult.submissions.model import NAMED_RULES, NO_TEXT, NameRule, Submission, SubmitterKind
from consult.submissions.stances import SIDES


@dataclass(frozen=True)
class DraftSubmitter:
    """The author's details in a draft. Unset fields are empty. The address for the receipt is encrypted separately."""

    name_rule: NameRule = NameRule.NONE
    organisation_id: int | None = None
    organisation_name: str = ""
    person_name: str = ""
    country: str = ""
    email: str = ""
    language: str = DEFAULT_LANGUAGE
    side: str = ""

    @property
    def kind(self) -> SubmitterKind:
        if self.name_rule is NameRule.ORGANISATION:
            return SubmitterKind.ORGANISATION
        return SubmitterKind.PERSON if self.name_rule in NAMED_RULES else SubmitterKind.UNNAMED


@dataclass(frozen=True)
class SubmissionField:
    """A field of the author's details. `name` is its name in `DraftSubmitter`, the forms and the table.

    Without a `label`, forms ask for it together with the choice of name: see `AboutForm`.
    """

    name: str
    type: type[str] | type[int] = str
    stored: bool = True  # in a column of `submission`; else sealed elsewhere: see `contacts`
    personal: bool = True  # erased with the submission
    erased: NameRule | None = None  # what erasure leaves in the column
    committed: bool = False  # in the bytes that the ledger commits to, where it was said
    label: str | None = None
    on_check_page: bool = False  # asked last, on the page for checking before sending
    hint: str = ""
    title: str | None = None  # on the page that is checked before sending
    what: str = ""  # in "Change …" there
    choices: Callable[[], Iterable[tuple[str, str]]] | None = None  # (value, name); None: it is typed
    optional: bool = True
    without_identity: bool = False  # asked in no-identity mode too
    clean: Callable[[str], str] = one_line
    exported: str = ""  # what it is called in the download of one's own data
    exported_of_drafts: bool = False
    imported: str = ""  # what may stand in its column of a file of comments; empty: it is not read from one

    @property
    def asked(self) -> bool:
        return self.label is not None

    def name_of(self, value: str) -> str:
        """Return the label of a value in the current language."""
        return str(dict(self.choices()).get(value, value)) if self.choices else value


FIELDS = (
    SubmissionField(
        "name_rule", NameRule, erased=NameRule.NONE, committed=True, exported="name_rule", exported_of_drafts=True
    ),
    SubmissionField("organisation_id", int),
    SubmissionField("organisation_name", exported="organisation"),
    SubmissionField("person_name", exported="person", exported_of_drafts=True),
    SubmissionField(
        "country",
        committed=True,
        label=N_("Country you write from"),
        hint=N_("Shown with your comments."),
        title=N_("Country"),
        what=N_("the country"),
        choices=lambda: list_countries(current_language()),
        without_identity=True,
        clean=lambda code: one_line(code).upper(),
        exported="country",
    ),
    SubmissionField(
        "language",
        personal=False,
        committed=True,
        label=N_("Language of your comments"),
        title=N_("Language of your comments"),
        what=N_("the language of your comments"),
        choices=CONTENT_LANGUAGES.items,
        optional=False,
        without_identity=True,
        clean=str,
        exported="language",
        imported="Column with the language code, such as en or pt-BR. If empty, the language of the consultation.",
    ),
    SubmissionField(
        "side",
        committed=True,
        label=N_("What should happen to the draft as a whole?"),
        on_check_page=True,
        hint=N_("Optional."),
        choices=SIDES.items,
        without_identity=True,
        exported="side",
        exported_of_drafts=True,
    ),
    SubmissionField(
        "email",
        stored=False,
        label=N_("E-mail address for your receipt"),
        hint=N_("We never publish it. Without it, keep the reference and the link shown after sending."),
        exported="email",
        exported_of_drafts=True,
    ),
)
STORED = tuple(field for field in FIELDS if field.stored)


@dataclass(frozen=True)
class CountedGroups:
    """Groups formed by a counted field: the key in a digest's JSON, and the title on pages."""

    key: str
    title: str


COUNTED = {
    "language": CountedGroups("languages", N_("Languages")),
    "country": CountedGroups("countries", N_("Countries")),
}
"""Fields by which digests and “What we heard” form groups, in order: columns of `readable_submission`."""
IMPORTED = tuple(field for field in FIELDS if field.imported)
ERASED_COLUMNS: Mapping[str, NameRule | SubmitterKind | bytes | None] = {
    **{field.name: field.erased for field in STORED if field.personal},
    "submitter_kind": SubmitterKind.UNNAMED,
    "text_hash": NO_TEXT,
    **dict.fromkeys(("account_id", "contact_id", "present", "salt", "author_key", "return_key", "idempotency_key")),
}
"""Values of the columns of `submission` after erasure: fields, and data that identifies the author."""


def name_value(name: str, value: str) -> str:
    """Return the label of a field's value in the current language."""
    return next(field for field in FIELDS if field.name == name).name_of(value)


def read_columns(submission: Submission) -> DraftSubmitter:
    """Return the author's details of a submission."""
    columns = {field.name: getattr(submission, field.name) for field in STORED}
    return DraftSubmitter(**{name: value for name, value in columns.items() if value is not None})


def to_columns(who: DraftSubmitter) -> dict[str, Any]:
    """Return the columns of `submission` for an author's details. Null if not given."""
    return {"submitter_kind": who.kind, **{field.name: getattr(who, field.name) or None for field in STORED}}


def committed_values(said: Any) -> dict[str, str]:
    """Return the values that the ledger commits to, without the name."""
    values = {field.name: getattr(said, field.name) for field in STORED if field.committed}
    return {name: str(value) for name, value in values.items() if value not in (None, "")}


def parse_record(record: Mapping[str, Any]) -> DraftSubmitter:
    """Return the author's details from the JSON of a draft, which may lack newer fields."""
    said: dict[str, Any] = {
        field.name: field.type(value) for field in FIELDS if (value := record.get(field.name)) is not None
    }
    return DraftSubmitter(**said)


def without_identity(who: DraftSubmitter) -> DraftSubmitter:
    """Return the author's details without the fields that the anonymous form does not have."""
    return DraftSubmitter(**{field.name: getattr(who, field.name) for field in FIELDS if field.without_identity})


def clean_asked(who: DraftSubmitter) -> DraftSubmitter:
    """Return the cleaned values of separate fields, without those that depend on the choice of name."""
    asked: dict[str, Any] = {field.name: field.clean(getattr(who, field.name)) for field in FIELDS if field.asked}
    return DraftSubmitter(who.name_rule, **asked)
