"""Human-rights principles that a topic concerns. Pure.

Source: International Guidelines on Human Rights and Drug Policy (2019), sections I to III. The keys and values are the
ends of the URIs in the pack `drug-policy`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

PREFIX = "urn:consult:"
_RIGHTS: Mapping[str, Sequence[str]] = {
    "groups:children": ("children",),
    "groups:growers": ("living",),
    "groups:indigenous": ("indigenous",),
    "groups:pregnant": ("women",),
    "groups:prisoners": ("prisoners",),
    "groups:women": ("women",),
    "pillars:consumption-rooms": ("harm-reduction", "health"),
    "pillars:drug-checking": ("harm-reduction", "health"),
    "pillars:early-warning": ("health",),
    "pillars:harm": ("harm-reduction", "health"),
    "pillars:medicines": ("medicines",),
    "pillars:monitoring": ("science",),
    "pillars:naloxone": ("harm-reduction", "life"),
    "pillars:needle": ("harm-reduction", "health"),
    "pillars:oat": ("treatment", "health"),
    "pillars:prevention": ("health",),
    "pillars:proportionality": ("fair-trial", "liberty"),
    "pillars:rehabilitation": ("treatment",),
    "pillars:treatment": ("treatment", "health"),
    "sectors:health": ("health",),
    "sectors:prisons": ("prisoners",),
    "treaties:crc-33": ("children",),
    "treaties:icescr-12": ("health",),
}
_CUES: Mapping[str, Sequence[str]] = {
    "rights:environment": ("spraying", "fumigation", "aspersión", "épandage"),
    "rights:fair-trial": ("sentence", "sentences", "sentencia", "sentencias", "peine", "peines"),
    "rights:harm-reduction": (
        *("naloxone", "naloxona", "needle", "syringe", "overdose", "surdose", "sobredosis"),
        *("consumption room", "salas de consumo", "salle de consommation"),
    ),
    "rights:liberty": ("detention", "prison for possession", "détention", "detención"),
    "rights:living": ("livelihood", "livelihoods", "credit", "land titles", "crédito", "crédit"),
    "rights:medicines": ("morphine", "morfina", "palliative", "cuidados paliativos", "soins palliatifs"),
    "rights:participation": ("decide with", "consulted", "taking part", "participación", "participation"),
    "rights:prisoners": ("prison", "prisons", "prisoners", "cárcel", "cárceles"),
    "rights:science": ("research", "evaluation", "indicators", "investigación", "recherche", "évaluation"),
    "rights:treatment": ("treatment", "tratamiento", "traitement"),
    "rights:women": ("women", "mujeres", "femmes"),
}
"""Words of plans that name the subject of a right without its name."""


def list_related(uris: Collection[str]) -> dict[str, str]:
    """Return the URIs of the rights that topics concern, each with the URI of the first such topic.

    >>> list_related(["urn:consult:pillars:medicines"])
    {'urn:consult:rights:medicines': 'urn:consult:pillars:medicines'}
    """
    related: dict[str, str] = {}
    for uri in uris:
        for right in _RIGHTS.get(uri.removeprefix(PREFIX), ()):
            related.setdefault(f"{PREFIX}rights:{right}", uri)
    return related


def list_cues() -> list[tuple[str, str]]:
    """Return pairs of the URI of a right and a word or phrase that suggests it."""
    return [(f"{PREFIX}{end}", word) for end, words in _CUES.items() for word in words]
