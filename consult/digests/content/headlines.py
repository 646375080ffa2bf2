"""Headlines where most submissions on a place agree, chosen by their total and new numbers."""

from __future__ import annotations

from consult.core.i18n import N_
from consult.digests.content.body import PlaceHeadline

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


def choose_headline_template(found: PlaceHeadline) -> str:
    """The sentence, still to be filled in. Two are never "all 2", and one of two takes another verb than many.

    >>> found = PlaceHeadline(
    ...     kind="stance", place="a", number="1", of=2, published=2, new=False, n=2, stance="concern"
    ... )
    >>> choose_headline_template(found)
    'Both submissions on %(place)s raise concerns'
    """
    n, of = found.n, found.of
    either, both, every, some = (
        (_EITHER_NEW, _BOTH_NEW, _ALL_NEW, _SOME_NEW) if found.new else (_EITHER, _BOTH, _ALL, _SOME)
    )
    if of == 1:
        said = _ONE
    elif of == 2:
        said = both if n == 2 else either
    else:
        said = every if n == of else some
    return str(said[found.stance or ""])
