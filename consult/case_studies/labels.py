"""Labels for case studies and their reviews."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from consult.case_studies.appraisal.certainty import Certainty, Concern, GradedCertainty, GradeDomain, JudgementTally
from consult.case_studies.content import PARTS, says_nothing
from consult.case_studies.model import (
    WAIT_DAYS,
    WANTED_APPRAISALS,
    CaseStudy,
    Direction,
    PartKind,
    SourceDesign,
    StudyState,
    WithdrawnBy,
)
from consult.core.clock import now
from consult.core.i18n import N_, _, current_language, localize_number, ngettext
from consult.core.web.template_filters import format_day
from consult.decisions.conflicts import ConflictKind, InterestConflict, StakePart

DESIGNS: Mapping[SourceDesign, Any] = {
    SourceDesign.TRIAL: N_("randomised trial"),
    SourceDesign.CONTROLLED: N_("comparison with a control group"),
    SourceDesign.BEFORE_AFTER: N_("before-and-after count"),
    SourceDesign.SURVEY: N_("survey"),
    SourceDesign.QUALITATIVE: N_("interviews or observation"),
    SourceDesign.ROUTINE: N_("routine data"),
    SourceDesign.TESTIMONY: N_("testimony"),
}
DIRECTIONS: Mapping[Direction, Any] = {
    Direction.HELPED: N_("Helped"),
    Direction.MIXED: N_("Mixed"),
    Direction.NO_DIFFERENCE: N_("No difference"),
    Direction.HARMED: N_("Harmed"),
}
CERTAINTIES: Mapping[Certainty, Any] = {
    Certainty.HIGH: N_("high certainty"),
    Certainty.MODERATE: N_("moderate certainty"),
    Certainty.LOW: N_("low certainty"),
    Certainty.VERY_LOW: N_("very low certainty"),
}
STEPS: Mapping[Certainty, Any] = {
    Certainty.HIGH: N_("high"),
    Certainty.MODERATE: N_("moderate"),
    Certainty.LOW: N_("low"),
    Certainty.VERY_LOW: N_("very low"),
}
DOMAINS: Mapping[GradeDomain, Any] = {
    GradeDomain.BIAS: N_("Risk of bias"),
    GradeDomain.INCONSISTENCY: N_("Inconsistency"),
    GradeDomain.INDIRECTNESS: N_("Indirectness"),
    GradeDomain.IMPRECISION: N_("Imprecision"),
    GradeDomain.PUBLICATION: N_("Publication bias"),
}
DOMAIN_HINTS: Mapping[GradeDomain, Any] = {
    GradeDomain.BIAS: N_("Could the counting method, or the people who counted, explain the result?"),
    GradeDomain.INCONSISTENCY: N_("Do the sources say different things?"),
    GradeDomain.INDIRECTNESS: N_("Was the wrong outcome measured, or the wrong group of people?"),
    GradeDomain.IMPRECISION: N_("Are the numbers too small?"),
    GradeDomain.PUBLICATION: N_("Would a failure have been reported too?"),
}
CONCERNS: Mapping[Concern, Any] = {
    Concern.NONE: N_("No concern"),
    Concern.SOME: N_("Some concern"),
    Concern.SERIOUS: N_("Serious concern"),
}
STAKES: Mapping[StakePart, Any] = {
    StakePart.AUTHOR: N_("the author"),
    StakePart.RAN: N_("the person or body that ran it"),
    StakePart.PAID: N_("the funder"),
    StakePart.ASKED: N_("the person or body that requested it"),
    StakePart.SOURCE: N_("one of its sources"),
}
CONFLICTS: Mapping[ConflictKind, Any] = {
    ConflictKind.PERSON: N_("is the same person as %(stake)s"),
    ConflictKind.ORGANISATION: N_("is in the same organisation as %(stake)s"),
    ConflictKind.BODY: N_("works for the same body as %(stake)s"),
    ConflictKind.DOMAIN: N_("has the same web domain as %(stake)s"),
    ConflictKind.NAME: N_("has the same name as %(stake)s"),
    ConflictKind.CO_AUTHOR: N_("has written another case study with %(stake)s"),
    ConflictKind.DECLARED: N_("has declared an interest in %(stake)s"),
    ConflictKind.MAILBOX: N_("uses the same mailbox as %(stake)s"),
    ConflictKind.INVITED: N_("was invited as a reviewer by a public body connected with %(stake)s"),
}
WITHDRAWERS: Mapping[WithdrawnBy, Any] = {
    WithdrawnBy.AUTHOR: N_("Withdrawn by its author"),
    WithdrawnBy.PUBLISHER: N_("Withdrawn because the publisher withdrew a source"),
    WithdrawnBy.SITE: N_("Withdrawn by a moderator"),
}


def waiting_words(study: CaseStudy) -> str:
    """Return a note on missing reviews long after publication, or an empty string.

    It does not say since when they are missing: a review may have been invalidated, and the case study may have been
    withdrawn in between.
    """
    since = study.published_at
    done = study.state is not StudyState.PUBLISHED or study.appraised >= WANTED_APPRAISALS
    if done or since is None or since >= now() - timedelta(days=WAIT_DAYS):
        return ""
    day = format_day(since)
    if study.appraised == 1:
        # of a case study. What does not count: an appraisal by somebody who, as was found later, has a part in it.
        return _("Published on %(day)s. One valid independent review so far. Two are needed.", day=day)
    return _("Published on %(day)s. No valid independent review. Two are needed.", day=day)


def conflict_words(code: str) -> str:
    """Return the label of a stored conflict such as `ran:domain`."""
    part, _colon, kind = code.partition(":")
    return str(CONFLICTS[ConflictKind(kind)]) % {"stake": STAKES[StakePart(part)]}


def join_conflicts(conflicts: Sequence[InterestConflict]) -> str:
    """Return the distinct labels of conflicts as a list in words."""
    return str(_(", ")).join(
        dict.fromkeys(conflict_words(f"{conflict.part}:{conflict.kind}") for conflict in conflicts)
    )


def certainty_words(step: int | None, appraised: int = 1) -> str:
    """Return the certainty in words, with a note if there is only one review or none."""
    if step is None:
        return _("no independent review (treat it as testimony)")
    certainty = str(CERTAINTIES[Certainty(step)])
    return _("%(certainty)s, 1 review", certainty=certainty) if appraised == 1 else certainty


def count_designs(designs: Sequence[SourceDesign]) -> str:
    """Return the sources counted by design, such as `1 count before and after, 2 survey`."""
    n = {design: sum(source_design is design for source_design in designs) for design in SourceDesign}
    listed = [f"{localize_number(many, current_language())} × {DESIGNS[design]}" for design, many in n.items() if many]
    return str(_(", ")).join(listed)


def steps_said(tally: JudgementTally) -> str:
    """Return the number of reviewers by step, such as `2 say low, 1 says moderate`."""
    lines = [
        ngettext("%(num)s reviewer says %(step)s", "%(num)s reviewers say %(step)s", n, step=STEPS[step])
        for step, n in tally.steps
    ]
    return str(_(", ")).join(lines)


def grading_words(graded: GradedCertainty) -> str:
    """Return the reasons for a certainty: the starting step and what lowered it."""
    design = DESIGNS[graded.design] if graded.design else _("no source")
    start = _("Starting certainty: %(step)s (%(design)s)", step=STEPS[graded.start], design=design)
    if not graded.lowered_by:
        return _("%(start)s. No serious concern", start=start)
    names = str(_(", ")).join(str(DOMAINS[domain]).lower() for domain in graded.lowered_by)
    return _("%(start)s. One step lower for each of these: %(concerns)s", start=start, concerns=names)


FILTERS = {
    "case_nothing": says_nothing,
    "case_part": lambda kind: PARTS[PartKind(kind)],
    "case_design": lambda design: DESIGNS[SourceDesign(design)],
    "case_designs": count_designs,
    "case_outcome": lambda direction: DIRECTIONS[Direction(direction)] if direction else _("Not stated"),
    "case_certainty": certainty_words,
    "case_step": lambda step: STEPS[Certainty(step)],
    "case_steps": steps_said,
    "case_grading": grading_words,
    "case_domain": lambda domain: DOMAINS[GradeDomain(domain)],
    "case_concern": lambda concern: CONCERNS[Concern(concern)],
    "case_conflict": conflict_words,
    "case_waiting": waiting_words,
    "case_withdrawn": lambda who: WITHDRAWERS[WithdrawnBy(who)],
}
