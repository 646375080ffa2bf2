"""Fields for the operator's statements about itself and the site, with those required by law. Pure.

Sources: GDPR, articles 6, 9, 10, 13; Digital Services Act, articles 14, 17, 20, 21; EN 301 549; model accessibility
statement of Commission Implementing Decision (EU) 2018/1523.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from consult.core.i18n import N_


class FieldKind(StrEnum):
    LINE = "line"
    WORDS = "words"
    EMAIL = "email"
    DAY = "day"
    CHOICE = "choice"


@dataclass(frozen=True)
class SiteField:
    """A field. `spoken`: has a text in each language. `needed`: nothing can be published without it."""

    key: str
    label: str
    kind: FieldKind
    hint: str = ""
    spoken: bool = False
    needed: bool = True
    most: int = 300
    choices: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class StartItem:
    """An item of the checklist: related fields, the reason for them, and where they are shown."""

    key: str
    label: str
    why: str
    fields: Sequence[SiteField]


_BASES = (
    ("public_task", N_("A task in the public interest or in the exercise of official authority (6(1)(e))")),
    ("consent", N_("Consent (6(1)(a))")),
    ("legal_duty", N_("A legal obligation (6(1)(c))")),
    ("interest", N_("Legitimate interests (6(1)(f), not for public authorities performing their tasks)")),
    ("other_law", N_("Another law, where the GDPR does not apply")),
)
_SPECIAL = (
    ("consent", N_("Explicit consent (9(2)(a))")),
    ("made_public", N_("Made public by the person concerned (9(2)(e))")),
    ("substantial", N_("Substantial public interest, under law (9(2)(g))")),
    ("public_health", N_("Public health, under law (9(2)(i))")),
    ("other_law", N_("Another law, where the GDPR does not apply")),
)
_STATUS = (
    ("full", N_("Fully compliant")),
    ("part", N_("Partially compliant")),
    ("not", N_("Not compliant")),
)
_WORDS, _LINE = FieldKind.WORDS, FieldKind.LINE

START = (
    StartItem(
        "controller",
        N_("Data controller"),
        N_(
            "People must know who decides how their data are used, and how to contact them. Shown under "
            "Privacy and in the legal notice."
        ),
        (
            SiteField(
                "controller", N_("Name of the controller"), _LINE, N_("The full name, as in its statute or register.")
            ),
            SiteField("controller_address", N_("Postal address"), _WORDS, most=400),
            SiteField("controller_email", N_("E-mail address for questions about data"), FieldKind.EMAIL),
            SiteField("officer", N_("Data protection officer and contact details"), _WORDS, needed=False, most=400),
        ),
    ),
    StartItem(
        "basis",
        N_("Legal basis"),
        N_("The legal basis for keeping data. Shown under Privacy."),
        (
            SiteField("basis", N_("Basis under article 6 of the GDPR"), FieldKind.CHOICE, choices=_BASES),
            SiteField("basis_words", N_("Which task, law or interest?"), _WORDS, spoken=True, most=3000),
        ),
    ),
    StartItem(
        "special",
        N_("Health, drug use, opinions"),
        N_(
            "Comments on drug policy can reveal health, drug use and political opinions (articles 9 and 10 of "
            "the GDPR). Shown under Privacy."
        ),
        (
            SiteField("special", N_("Basis under article 9 of the GDPR"), FieldKind.CHOICE, choices=_SPECIAL),
            SiteField(
                "special_words",
                N_("Why is it lawful, and what protects people?"),
                _WORDS,
                N_(
                    "Where drug use or possession is an offence, also describe how you treat data about "
                    "offences (article 10)."
                ),
                spoken=True,
                most=3000,
            ),
        ),
    ),
    StartItem(
        "recipients",
        N_("Recipients of data"),
        N_(
            "A list of the people and services that host the site, send its e-mail, moderate or answer. Also "
            "say whether data go to another country. Shown under Privacy."
        ),
        (SiteField("recipients", N_("Recipients"), _WORDS, spoken=True, most=3000),),
    ),
    StartItem(
        "retention",
        N_("How long we keep data"),
        N_(
            "Explain the retention periods here. You set them on the page about retention periods, and the "
            "scheduler applies them."
        ),
        (SiteField("retention_words", N_("What do you keep, and why?"), _WORDS, spoken=True, most=3000),),
    ),
    StartItem(
        "complaint",
        N_("Complaints"),
        N_("People complain to you first, then to a supervisory authority. Shown under Privacy."),
        (
            SiteField("authority", N_("Supervisory authority"), _LINE),
            SiteField("authority_contact", N_("Address or web page of the authority"), _WORDS, most=400),
            SiteField("complaint_words", N_("How to make a complaint"), _WORDS, spoken=True, most=3000),
        ),
    ),
    StartItem(
        "accessibility",
        N_("Accessibility statement"),
        N_(
            "How far the site complies with EN 301 549, since when, and how to report a problem. Shown under "
            "Accessibility."
        ),
        (
            SiteField("a11y_status", N_("Status"), FieldKind.CHOICE, choices=_STATUS),
            SiteField(
                "a11y_day",
                N_("Date of the statement"),
                FieldKind.DAY,
                N_("The date of the last review. It cannot be in the future."),
            ),
            SiteField("a11y_contact", N_("E-mail address for accessibility problems"), FieldKind.EMAIL),
            SiteField(
                "a11y_barriers",
                N_("What is not accessible, and why?"),
                _WORDS,
                N_("Also say who assessed accessibility: your team or someone else."),
                spoken=True,
                most=3000,
            ),
            SiteField(
                "a11y_enforcement", N_("Where can people turn if you do not answer?"), _WORDS, spoken=True, most=2000
            ),
        ),
    ),
    StartItem(
        "redress",
        N_("Decisions on people’s comments"),
        N_(
            "Each statement of reasons lists the ways to contest the decision and says whether software was "
            "involved. Shown in the e-mail to the author, on their page and under Terms."
        ),
        (
            SiteField(
                "redress",
                N_("Other ways to contest a decision"),
                _WORDS,
                N_(
                    "For example, a certified out-of-court dispute settlement body (article 21 of the Digital "
                    "Services Act) and the courts."
                ),
                spoken=True,
                most=2000,
            ),
            SiteField(
                "automated",
                N_("What does software do?"),
                _WORDS,
                N_(
                    "The page already describes what Consult does. Describe any other software you use, or say "
                    "that you use none."
                ),
                spoken=True,
                most=2000,
            ),
        ),
    ),
)
LOOK = (
    SiteField("name", N_("Name of the site"), _LINE, spoken=True, needed=False, most=60),
    SiteField("contact", N_("E-mail address for other matters"), FieldKind.EMAIL, needed=False),
    SiteField("colour", N_("Accent colour"), _LINE, needed=False, most=7),
)
TEXTS = (
    SiteField(
        "terms", N_("Terms of use"), _WORDS, N_("Replaces the text that comes with Consult."), True, False, 20000
    ),
    SiteField("imprint", N_("Legal notice"), _WORDS, N_("Shown below the name of the controller."), True, False, 10000),
    SiteField(
        "privacy",
        N_("Privacy"),
        _WORDS,
        N_("Shown above the description of how the software uses data. You cannot edit that description."),
        True,
        False,
        20000,
    ),
)
FIELDS = {each.key: each for each in (*LOOK, *TEXTS, *(extra for item in START for extra in item.fields))}
TEXT_KEYS = tuple(each.key for each in TEXTS)
NEEDED = tuple(each for item in START for each in item.fields if each.needed)


def find_item(key: str) -> StartItem | None:
    """Return the checklist item with this key, or None."""
    return next((item for item in START if item.key == key), None)
