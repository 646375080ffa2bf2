"""What the pages of a search show, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from consult.consultations.model import Consultation
from consult.search import queries
from consult.search.marks import Wish
from consult.search.queries import Found, Results
from consult.submissions import lists
from consult.submissions.pages import Frame
from consult.submissions.places import Place


@dataclass(frozen=True)
class Searched:
    """Results with where each was said. `frame` is that of the one consultation that is searched, if it is one."""

    frame: Frame | None
    results: Results | None
    consultations: Mapping[int, Consultation]
    places: Mapping[int, Place]
    first_page: bool

    def place(self, found: Found) -> Place | None:
        return self.places.get((found.voice and found.voice.provision_id) or 0)


def resolve(session: Session, frame: Frame | None, wish: Wish) -> Wish:
    """The wish with the provision that its key names in the present draft. Raises NotFound."""
    place = frame.place(wish.on) if frame and wish.on else None
    return replace(wish, on=queries.wid_of(session, place.id) if place else "")


def searched(session: Session, frame: Frame | None, wish: Wish, *, after: str | None) -> Searched:
    """A page of what was found; nothing was looked for where nothing is asked for."""
    wanted = resolve(session, frame, wish)
    if not wanted.narrowed:
        return Searched(frame, None, {}, {}, True)
    results = queries.find(session, wanted, after=after)
    found = results.page.items
    rows = {frame.consultation.id: frame.consultation} if frame else {}
    if others := {item.consultation_id for item in found} - rows.keys():
        rows |= queries.consultations(session, others)
    on = {item.voice.provision_id for item in found if item.voice and item.voice.provision_id}
    versions = [row.version_id for row in rows.values() if row.version_id]
    here = {
        place: known
        for version in versions
        for place, known in lists.places(session, version).by_id.items()
        if place in on
    }
    return Searched(frame, results, rows, here | _elsewhere(session, on - here.keys()), not after)


def _elsewhere(session: Session, on: set[int]) -> dict[int, Place]:
    """Places of earlier versions, where words were left on those."""
    return lists.places_of(session, 0, on) if on else {}
