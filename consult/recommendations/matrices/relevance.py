"""Choice of the recommendations that concern drug policy, by their words. Pure.

Of 39,191 recommendations of the Universal Periodic Review from 2008 to 2014 only 69 name drugs, so those about health,
detention and torture are offered too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from consult.recommendations.matrices.reader import RecommendationRow


class Relevance(StrEnum):
    DRUGS = "drugs"
    NEAR = "near"  # health, detention, torture, treatment
    OTHER = "other"


_DRUGS = re.compile(
    r"\b(?:drugs?|narcotic\w*|psychotropic\w*|opioids?|cannabis|coca|substance (?:use|abuse)|harm reduction|addict\w*"
    r"|drogues?|stupéfiants?|toxicoman\w*|drogas?|estupefacientes?|drogodepend\w*)\b|مخدر|إدمان",
    re.IGNORECASE,
)
_NEAR = re.compile(
    r"\b(?:health\w*|hiv|aids|hepatitis|medic\w*|detention|detain\w*|prisons?|penitentiar\w*|overcrowd\w*|tortur\w*"
    r"|death penalty|sentenc\w*|incarcerat\w*|santé|prisons?|détention|détenus?|peine de mort|salud|cárcel\w*|prisión"
    r"|detención|pena de muerte)\b|صحة|سجن|سجون|تعذيب|احتجاز",
    re.IGNORECASE,
)


def judge(row: RecommendationRow) -> Relevance:
    """Return how near a recommendation is to drug policy.

    >>> judge(RecommendationRow(1, "1", "Reduce overcrowding in prisons")).value
    'near'
    """
    text = "\n".join((row.words, *row.themes))
    if _DRUGS.search(text):
        return Relevance.DRUGS
    return Relevance.NEAR if _NEAR.search(text) else Relevance.OTHER


def choose(rows: Sequence[RecommendationRow], *, every: bool) -> list[RecommendationRow]:
    """Return the recommendations to keep: all, or those about drugs, health, detention and torture."""
    return [row for row in rows if every or judge(row) is not Relevance.OTHER]
