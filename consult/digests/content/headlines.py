"""Headlines on what those who speak to a place say: two are never "all 2", and one of two takes another verb."""

from __future__ import annotations

from consult.core.i18n import N_, LazyString

_ONE = {
    "support": N_("One submission on %(place)s supports it"),
    "concern": N_("One submission on %(place)s raises a concern"),
    "wording": N_("One submission on %(place)s suggests other wording"),
    "evidence": N_("One submission on %(place)s brings evidence from practice"),
}
_EITHER = {
    "support": N_("One of two submissions on %(place)s supports it"),
    "concern": N_("One of two submissions on %(place)s raises concerns"),
    "wording": N_("One of two submissions on %(place)s suggests other wording"),
    "evidence": N_("One of two submissions on %(place)s brings evidence from practice"),
}
_BOTH = {
    "support": N_("Both submissions on %(place)s support it"),
    "concern": N_("Both submissions on %(place)s raise concerns"),
    "wording": N_("Both submissions on %(place)s suggest other wording"),
    "evidence": N_("Both submissions on %(place)s bring evidence from practice"),
}
_ALL = {
    "support": N_("All %(of)s submissions on %(place)s support it"),
    "concern": N_("All %(of)s submissions on %(place)s raise concerns"),
    "wording": N_("All %(of)s submissions on %(place)s suggest other wording"),
    "evidence": N_("All %(of)s submissions on %(place)s bring evidence from practice"),
}
_SOME = {
    "support": N_("%(n)s of %(of)s submissions on %(place)s support it"),
    "concern": N_("%(n)s of %(of)s submissions on %(place)s raise concerns"),
    "wording": N_("%(n)s of %(of)s submissions on %(place)s suggest other wording"),
    "evidence": N_("%(n)s of %(of)s submissions on %(place)s bring evidence from practice"),
}
_ONE_NEW = {
    "support": N_("One new submission on %(place)s supports it"),
    "concern": N_("One new submission on %(place)s raises a concern"),
    "wording": N_("One new submission on %(place)s suggests other wording"),
    "evidence": N_("One new submission on %(place)s brings evidence from practice"),
}
_EITHER_NEW = {
    "support": N_("One of two new submissions on %(place)s supports it"),
    "concern": N_("One of two new submissions on %(place)s raises concerns"),
    "wording": N_("One of two new submissions on %(place)s suggests other wording"),
    "evidence": N_("One of two new submissions on %(place)s brings evidence from practice"),
}
_BOTH_NEW = {
    "support": N_("Both new submissions on %(place)s support it"),
    "concern": N_("Both new submissions on %(place)s raise concerns"),
    "wording": N_("Both new submissions on %(place)s suggest other wording"),
    "evidence": N_("Both new submissions on %(place)s bring evidence from practice"),
}
_ALL_NEW = {
    "support": N_("All %(of)s new submissions on %(place)s support it"),
    "concern": N_("All %(of)s new submissions on %(place)s raise concerns"),
    "wording": N_("All %(of)s new submissions on %(place)s suggest other wording"),
    "evidence": N_("All %(of)s new submissions on %(place)s bring evidence from practice"),
}
_SOME_NEW = {
    "support": N_("%(n)s of %(of)s new submissions on %(place)s support it"),
    "concern": N_("%(n)s of %(of)s new submissions on %(place)s raise concerns"),
    "wording": N_("%(n)s of %(of)s new submissions on %(place)s suggest other wording"),
    "evidence": N_("%(n)s of %(of)s new submissions on %(place)s bring evidence from practice"),
}


def list_templates(stance: str, *, new: bool) -> dict[str, LazyString]:
    """The sentences of a stance, still to be filled in, by how many take it; `claims.py` says which is true.

    >>> str(list_templates("concern", new=False)["both"])
    'Both submissions on %(place)s raise concerns'
    """
    names = ("one", "either", "both", "every", "some")
    found = (_ONE_NEW, _EITHER_NEW, _BOTH_NEW, _ALL_NEW, _SOME_NEW) if new else (_ONE, _EITHER, _BOTH, _ALL, _SOME)
    return {name: said[stance] for name, said in zip(names, found, strict=True)}
