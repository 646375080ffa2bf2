"""What an operator says of itself and of the site: every field, and which of them the law asks for. Pure.

Sources: GDPR, articles 6, 9, 10, 13; Digital Services Act, articles 14, 17, 20, 21; EN 301 549 and the model
accessibility statement of Commission Implementing Decision (EU) 2018/1523.
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
    """One thing to say. `spoken`: in each language; `needed`: nothing is published without it."""

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
    """One line of the checklist: fields that belong together, why they are asked for, and where they are shown."""

    key: str
    label: str
    why: str
    fields: Sequence[SiteField]


_BASES = (
    ("public_task", N_("A task in the public interest, or of public authority (6(1)(e))")),
    ("consent", N_("Consent (6(1)(a))")),
    ("legal_duty", N_("A legal duty (6(1)(c))")),
    ("interest", N_("Legitimate interests (6(1)(f); not for public authorities in their tasks)")),
    ("other_law", N_("The law of a place where the GDPR does not apply")),
)
_SPECIAL = (
    ("consent", N_("Explicit consent (9(2)(a))")),
    ("made_public", N_("Made public by the person themself (9(2)(e))")),
    ("substantial", N_("Substantial public interest, by law (9(2)(g))")),
    ("public_health", N_("Public health, by law (9(2)(i))")),
    ("other_law", N_("The law of a place where the GDPR does not apply")),
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
        N_("Who is responsible"),
        N_(
            "People must know who decides on what happens to their data, and how to reach them. Shown "
            "under Privacy and in the imprint."
        ),
        (
            SiteField("controller", N_("Name of the controller"), _LINE, N_("In full, as in its statute or register.")),
            SiteField("controller_address", N_("Postal address"), _WORDS, most=400),
            SiteField("controller_email", N_("E-mail address for questions about data"), FieldKind.EMAIL),
            SiteField("officer", N_("Data protection officer, and how to reach them"), _WORDS, needed=False, most=400),
        ),
    ),
    StartItem(
        "basis",
        N_("Legal basis"),
        N_("On which ground data are kept at all. Shown under Privacy."),
        (
            SiteField("basis", N_("Ground by article 6 of the GDPR"), FieldKind.CHOICE, choices=_BASES),
            SiteField("basis_words", N_("In words: which task, law or interest"), _WORDS, spoken=True, most=3000),
        ),
    ),
    StartItem(
        "special",
        N_("Health, drug use, opinions"),
        N_(
            "Answers to a draft on drugs can tell of health, of drug use and of political opinions: "
            "articles 9 and 10 of the GDPR. Shown under Privacy."
        ),
        (
            SiteField("special", N_("Ground by article 9 of the GDPR"), FieldKind.CHOICE, choices=_SPECIAL),
            SiteField(
                "special_words",
                N_("In words: why it is lawful, and what protects people"),
                _WORDS,
                N_(
                    "Where drug use or possession is an offence, say what holds for data about "
                    "offences, too (article 10)."
                ),
                spoken=True,
                most=3000,
            ),
        ),
    ),
    StartItem(
        "recipients",
        N_("Who receives data"),
        N_(
            "Whoever hosts the site, sends its letters, moderates or answers, and whether anything "
            "goes to another country. Shown under Privacy."
        ),
        (SiteField("recipients", N_("Recipients"), _WORDS, spoken=True, most=3000),),
    ),
    StartItem(
        "retention",
        N_("How long it is kept"),
        N_(
            "Why the periods are what they are. The periods themselves are set on the page of "
            "retention periods, and carried out by the clock."
        ),
        (SiteField("retention_words", N_("In words: what stays, and why"), _WORDS, spoken=True, most=3000),),
    ),
    StartItem(
        "complaint",
        N_("Where people complain"),
        N_("To you first, and to a supervisory authority. Shown under Privacy."),
        (
            SiteField("authority", N_("Supervisory authority"), _LINE),
            SiteField("authority_contact", N_("Its address or web page"), _WORDS, most=400),
            SiteField("complaint_words", N_("How a complaint is made"), _WORDS, spoken=True, most=3000),
        ),
    ),
    StartItem(
        "accessibility",
        N_("Accessibility statement"),
        N_(
            "How far the site complies with EN 301 549, since when, and whom to write to about a "
            "barrier. Shown under Accessibility."
        ),
        (
            SiteField("a11y_status", N_("Status"), FieldKind.CHOICE, choices=_STATUS),
            SiteField(
                "a11y_day", N_("Day of the statement"), FieldKind.DAY, N_("Of the last review, not in the future.")
            ),
            SiteField("a11y_contact", N_("E-mail address for barriers"), FieldKind.EMAIL),
            SiteField(
                "a11y_barriers",
                N_("What is not accessible, and why"),
                _WORDS,
                N_("Also how it was assessed: by yourselves, or by whom else."),
                spoken=True,
                most=3000,
            ),
            SiteField("a11y_enforcement", N_("Where to turn if you do not answer"), _WORDS, spoken=True, most=2000),
        ),
    ),
    StartItem(
        "redress",
        N_("Decisions on what people write"),
        N_(
            "A statement of reasons names every way to contest the decision, and whether software took "
            "part. Shown in the letter to the author, on their page, and under Terms."
        ),
        (
            SiteField(
                "redress",
                N_("Ways to contest a decision, besides the appeal here"),
                _WORDS,
                N_(
                    "A certified body for disputes out of court (article 21 of the Digital Services "
                    "Act) and the courts."
                ),
                spoken=True,
                most=2000,
            ),
            SiteField(
                "automated",
                N_("Which part software takes"),
                _WORDS,
                N_(
                    "What Consult itself does is said already. Say here what else you use, or that you "
                    "use nothing else."
                ),
                spoken=True,
                most=2000,
            ),
        ),
    ),
)
LOOK = (
    SiteField("name", N_("Name of the site"), _LINE, spoken=True, needed=False, most=60),
    SiteField("contact", N_("E-mail address for everything else"), FieldKind.EMAIL, needed=False),
    SiteField("colour", N_("Accent colour"), _LINE, needed=False, most=7),
)
TEXTS = (
    SiteField(
        "terms", N_("Terms of use"), _WORDS, N_("In the place of the text that comes with Consult."), True, False, 20000
    ),
    SiteField(
        "imprint", N_("Imprint"), _WORDS, N_("Below who is responsible, which is shown already."), True, False, 10000
    ),
    SiteField(
        "privacy",
        N_("Privacy"),
        _WORDS,
        N_(
            "Above what the software does with data. That part cannot be edited, because it says what "
            "the software does."
        ),
        True,
        False,
        20000,
    ),
)
FIELDS = {each.key: each for each in (*LOOK, *TEXTS, *(one for item in START for one in item.fields))}
TEXT_KEYS = tuple(each.key for each in TEXTS)
NEEDED = tuple(each for item in START for each in item.fields if each.needed)


def find_item(key: str) -> StartItem | None:
    """The line of the checklist with this key."""
    return next((item for item in START if item.key == key), None)
