"""Loader of the sample, in chronological order, through the services that pages use."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial

from sqlalchemy.orm import Session

from consult.accounts import service as accounts
from consult.accounts.model import Account, Organisation, OrganisationKind
from consult.accounts.organisations import service as organisations
from consult.cli.sample import advocacy, bodies, case_studies, due_process, evaluations, first_drafts, operator, rooms
from consult.cli.sample import answers as sample_answers
from consult.cli.sample import arguments as sample_arguments
from consult.cli.sample import decisions as sample_decisions
from consult.cli.sample import evidence as sample_evidence
from consult.cli.sample import filings as sample_filings
from consult.cli.sample import translations as sample_translations
from consult.cli.sample.files import Sample, SampleLogin, SampleReader, SampleSubmission, read_sample
from consult.cli.sample.files import SampleConsultation as Planned
from consult.consultations import service as consultations
from consult.consultations.datetimes import to_instant, to_wall_clock
from consult.consultations.drafts import service as drafts
from consult.consultations.model import Consultation, Question, QuestionKind
from consult.consultations.participation import facilitators
from consult.consultations.participation import service as participation
from consult.consultations.questions import service as questions
from consult.consultations.setup import service as setup
from consult.core.i18n import CONTENT_LANGUAGES
from consult.core.web.access import Role
from consult.digests import service as digests
from consult.digests.delivery import service as delivery
from consult.digests.model import Cadence
from consult.documents import queries as documents
from consult.ledger import service as ledger
from consult.moderation import waiting_list as queue
from consult.moderation.statistics import service as statistics
from consult.submissions import service as submissions
from consult.submissions.facilitation import service as facilitation
from consult.submissions.facilitation.model import Consent
from consult.submissions.model import NameRule, Submission
from consult.submissions.values import Submitter
from consult.taxonomy import service as taxonomy
from consult.taxonomy import skos

_LEAD = timedelta(days=7)  # time from the announcement of a consultation to its opening
_LETTER_DAYS = 8.6  # days ago of the decision on a letter; later copies follow within minutes
_EDITION_DAYS = (8.05, 1.05)  # days ago of the weekly digests
_Event = tuple[datetime, int, Callable[[], object]]
_Track = Callable[[list[_Event]], Iterable[_Event]]


@dataclass(frozen=True)
class DemoAccount:
    """A demo account to sign in with."""

    role: str
    email: str
    password: str


def load(session: Session, *, now: datetime, track: _Track = iter) -> list[DemoAccount]:
    """Load the sample unless it is loaded, and return accounts to sign in with. The caller commits.

    All events are before `now`; dates in the sample are relative to it.
    """
    sample = read_sample()
    if not is_loaded(session, sample):
        _SampleTimeline(session, sample, now).tell(track)
    return [DemoAccount(login.role, login.email, sample.password) for login in sample.logins]


def is_loaded(session: Session, sample: Sample) -> bool:
    """Return True if the sample is loaded: its first person has an account."""
    return accounts.find_by_email(session, sample.logins[0].email) is not None


@dataclass
class _SampleTimeline:
    """The events of the sample by time, with the people and consultations involved."""

    session: Session
    sample: Sample
    now: datetime
    people: dict[str, Account] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    speakers: dict[str, Account] = field(default_factory=dict)  # accounts that submit for organisations
    consultations: dict[str, Consultation] = field(default_factory=dict)
    places: dict[str, dict[str, int]] = field(default_factory=dict)  # provision IDs by number
    questions: dict[str, dict[str, Question]] = field(default_factory=dict)
    received: dict[int, Submission] = field(default_factory=dict)
    unseen: list[int] = field(default_factory=list)  # submissions not queued yet
    events: list[_Event] = field(default_factory=list)

    def tell(self, track: _Track) -> None:
        """Load the whole sample, with all events in order of time. `track` iterates over them to show progress."""
        taxonomy.load_pack(self.session, skos.read_pack(taxonomy.PACKS / "drug-policy.ttl"))
        self._people()
        operator.say_all(self.session, self.now - timedelta(days=90))
        bodies.make_bodies(self.session, self.people, self.now - timedelta(days=90))
        self._organisations()
        sample_decisions.set_up_team(self.session, self._all(Role.MODERATOR), self.now)
        self._plan_due_process()
        for planned in self.sample.consultations:
            self._plan(planned)
        for number, filed in enumerate(self.sample.submissions):
            self._plan_filing(number, filed)
        self._plan_answers()
        told = self.people, self.speakers, self.organisations, self.consultations
        self._on_each(rooms.room_events(self.session, *told, self._all, self.now))
        for _at, _order, happen in track(sorted(self.events, key=lambda event: event[:2])):
            happen()
        sample_translations.add_translations(self.session, self._all(Role.MODERATOR)[-1], self.now)
        ledger.number_entries(self.session)
        case_studies.follow(self.session)
        while queue.FOLLOWER.follow_site(self.session) or statistics.FOLLOWER.follow_site(self.session):
            pass
        moderator = self._all(Role.MODERATOR)[0]
        sample_arguments.load(self.session, self.consultations, moderator, self.now)
        evaluations.add_evaluations(self.session, self.consultations, self.received, self.now)
        advocacy.add_voices(self.session, self.consultations, self.received, self.now)
        advocacy.tie_letters(self.session, self.consultations, self.organisations, self.now)
        self._begin_to_read()

    def _plan_due_process(self) -> None:
        planned = due_process.due_process_events(
            self.session,
            now=self.now,
            admin=self._one(Role.ADMIN),
            moderators=self._all(Role.MODERATOR),
            find=self._beginning,
        )
        self._on_each(planned)

    def _plan_answers(self) -> None:
        planned = sample_answers.answer_events(
            self.session,
            now=self.now,
            owner=self._one(Role.POLICYMAKER),
            admin=self._one(Role.ADMIN),
            consultations=self.consultations,
        )
        self._on_each(planned)

    def _beginning(self, words: str) -> Submission | None:
        """Return the submission whose first comment begins with these words, or None if not filed yet."""
        filed = enumerate(self.sample.submissions)
        found = (number for number, it in filed if it.comments and it.comments[0].body.startswith(words))
        return self.received.get(next(found, -1))

    def _on(self, at: datetime, happen: Callable[[], object]) -> None:
        if at <= self.now:
            self.events.append((at, len(self.events), happen))

    def _on_each(self, planned: Iterable[tuple[datetime, Callable[[], object]]]) -> None:
        for at, happen in planned:
            self._on(at, happen)

    def _people(self) -> None:
        for login in self.sample.logins:
            self.people[login.key] = self._join(login.email, login.name, login)

    def _join(self, email: str, name: str, login: SampleLogin | None = None) -> Account:
        """Create an account. Without a login it has no password and can only sign in by link."""
        return accounts.create(
            self.session,
            email=email,
            name=name,
            role=Role(login.role) if login else Role.CONTRIBUTOR,
            password=self.sample.password if login else None,
            language=login.language if login else "en",
            at=self.now - timedelta(days=100),
        )

    def _organisations(self) -> None:
        owners = {login.organisation: self.people[login.key] for login in self.sample.logins if login.organisation}
        for row in self.sample.organisations:
            founder = owners.get(row.key) or self._join(f"{row.key}@example.org", row.name)
            self.speakers[row.key] = founder
            self.organisations[row.key] = organisations.create_organisation(
                self.session,
                founder=founder,
                name=row.name,
                kind=OrganisationKind(row.kind),
                country=row.country,
                website=row.website,
            )

    def _plan(self, planned: Planned) -> None:
        opens = self._day(planned, planned.opens_days, time(0, 0))
        closes = self._day(planned, planned.closes_days, time(23, 59))
        announced = min(opens - _LEAD, self.now - timedelta(days=1))
        self._on(announced, partial(self._announce, planned, announced, opens, closes))
        for moment in (opens, closes):
            self._on(moment, partial(consultations.announce, self.session, at=moment))
        if planned is self.sample.consultations[0]:
            self._on(opens, partial(self._rules, planned))
        if planned.next_source:
            at = self._day(planned, planned.next_days, time(10, 0))
            self._on(at, partial(self._publish_next, planned, at))
        self._plan_digests(planned, opens, closes)

    def _rules(self, planned: Planned) -> None:
        owner, consultation = self._one(Role.POLICYMAKER), self.consultations[planned.slug]
        due_process.add_rules(self.session, owner=owner, consultation=consultation)

    def _publish_next(self, planned: Planned, at: datetime) -> None:
        number, owner = self.consultations[planned.slug].id, self._one(Role.POLICYMAKER)
        drafts.prepare_next(self.session, number=number, by=owner, text=planned.next_source, at=at)
        drafts.publish(self.session, number=number, by=owner, at=at)

    def _day(self, planned: Planned, days: int, at: time) -> datetime:
        """Return the time of day in the consultation's time zone, this many days from today there."""
        today = to_wall_clock(self.now, planned.timezone).date()
        return to_instant(datetime.combine(today + timedelta(days=days), at), planned.timezone)

    def _announce(self, planned: Planned, at: datetime, opens: datetime, closes: datetime) -> None:
        owner = self._one(Role.POLICYMAKER)
        row = consultations.create(
            self.session,
            owner=owner,
            slug=planned.slug,
            code=planned.code,
            at=at,
            terms=consultations.ConsultationTerms(
                title=planned.title,
                body=planned.body,
                summary=planned.summary,
                purpose=planned.purpose.strip(),
                language=planned.language,
                opens_at=opens,
                closes_at=closes,
                timezone=planned.timezone,
                answer_by=to_wall_clock(self.now, planned.timezone).date() + timedelta(days=planned.answer_by_days),
                countries=planned.countries,
                tags=[*planned.tags, ", ".join(CONTENT_LANGUAGES[code] for code in planned.languages)],
            ),
        )
        first_drafts.write_draft(self.session, row, planned, by=owner)
        self._ask(planned, row, owner)
        participation.set_no_identity(self.session, number=row.id, by=owner, allowed=True)
        settled = {"names": {}, "languages": setup.language_values(planned.languages)}
        if planned.groups:
            settled["groups"] = setup.group_values("\n".join(planned.groups))
        for step, values in settled.items():
            setup.save_step(self.session, number=row.id, by=owner, step=step, values=values)
        bodies.ask_together(self.session, row, at)
        consultations.publish(self.session, number=row.id, by=owner, at=at)
        sample_evidence.accept_topics(self.session, row, owner)
        sample_evidence.name_paragraphs(self.session, row, planned.titles, planned.plain)
        self.consultations[planned.slug] = row
        self.places[planned.slug] = documents.ids_by_number(self.session, row.version_id or 0)

    def _ask(self, planned: Planned, row: Consultation, owner: Account) -> None:
        made = self.questions[planned.slug] = {}
        for it in planned.questions:
            before = [(made[key], said) for key, said in it.after.items()]
            asking = questions.QuestionInput(
                wording=it.wording,
                hint=it.hint,
                kind=QuestionKind(it.kind),
                options=it.options,
                steps=it.steps,
                other=it.other,
                chapter=it.chapter,
                after_id=before[0][0].id if before else None,
                after_keys=sample_filings.build_given(*before[0]).chosen if before else (),
            )
            made[it.key] = questions.add(self.session, number=row.id, by=owner, asking=asking)

    def _plan_digests(self, planned: Planned, opens: datetime, closes: datetime) -> None:
        """Schedule subscriptions at the opening and all editions since, the same on each weekday."""
        readers = [reader for reader in self.sample.readers if reader.consultation == planned.slug]
        for reader in readers:
            self._on(opens, partial(self._subscribe, reader, opens))
        for cadence in sorted({Cadence(reader.cadence) for reader in readers}):
            weekly = [self.now - timedelta(days=days) for days in _EDITION_DAYS]
            for slot in [closes] if cadence is Cadence.CLOSING else weekly:
                self._on(slot, partial(self._compile, planned.slug, cadence, slot))

    def _subscribe(self, reader: SampleReader, at: datetime) -> None:
        delivery.subscribe(
            self.session,
            account=self.people[reader.account],
            consultation=self.consultations[reader.consultation],
            cadence=Cadence(reader.cadence),
            language=reader.language,
            at=at,
        )

    def _compile(self, slug: str, cadence: Cadence, slot: datetime) -> None:
        consultation = self.consultations[slug]
        ledger.number_entries(self.session)
        case_studies.follow(self.session)
        sample_arguments.load(self.session, {slug: consultation}, self._all(Role.MODERATOR)[0], slot)
        digests.compile_digest(self.session, consultation_id=consultation.id, cadence=cadence, slot_at=slot, at=slot)

    def _plan_filing(self, number: int, filed: SampleSubmission) -> None:
        received = filed.received(self.now)
        self._on(received, partial(self._file, number, filed, received))
        decided = received + min(timedelta(hours=5 + number * 11 % 44), (self.now - received) * 0.9)
        if filed.letter:
            decided = max(received + timedelta(minutes=10), self.now - timedelta(days=_LETTER_DAYS))
        acts = {"withdrawn": self._take_back, "erased": self._take_back, "pending": self._propose}
        self._on(decided, partial(acts.get(filed.state, self._decide), number, filed, decided))

    def _file(self, number: int, filed: SampleSubmission, at: datetime) -> None:
        places, asked = self.places[filed.consultation], self.questions[filed.consultation]
        said: dict[str, str | list[str]] = {**filed.answers, **filed.choices}
        sent = self.received[number] = submissions.file(
            self.session,
            consultation=self.consultations[filed.consultation],
            by=self._submitter(filed),
            at=at,
            comments=sample_filings.build_comments(self.session, filed, places),
            answers=[sample_filings.build_answer(asked[key], it) for key, it in said.items()],
            key=f"sample:{number}",
            items=sample_evidence.build_items(self.session, filed.evidence),
        )
        self.unseen.append(sent.id)
        if filed.present:
            self._hold(sent, filed, at)

    def _hold(self, sent: Submission, filed: SampleSubmission, at: datetime) -> None:
        """File a submission for a group as its facilitator."""
        consultation, helper = self.consultations[filed.consultation], self._one(Role.CONTRIBUTOR)
        email = next(login.email for login in self.sample.logins if self.people[login.key] is helper)
        facilitators.allow(self.session, number=consultation.id, by=self._one(Role.POLICYMAKER), email=email)
        sent.account_id = helper.id
        group = consultation.groups[0]["name"] if consultation.groups else ""
        facilitation.begin(
            self.session,
            consultation=consultation,
            by=helper,
            present=filed.present or 1,
            consent=Consent.SPOKEN,
            held_on=to_wall_clock(at, consultation.timezone).date(),
            group=group,
            at=at,
        )
        facilitation.attach_meeting(self.session, sent)

    def _submitter(self, filed: SampleSubmission) -> Submitter:
        speaker = self.speakers.get(filed.organisation or "")
        return Submitter(
            name_rule=NameRule(filed.name_rule),
            account_id=speaker.id if speaker else None,
            organisation_id=self.organisations[filed.organisation].id if filed.organisation else None,
            person_name=filed.person or "",
            country=filed.country,
            language=filed.language,
            side=filed.side,
        )

    def _decide(self, number: int, filed: SampleSubmission, at: datetime) -> None:
        self._into_the_queues()
        submission, consultation = self.received[number], self.consultations[filed.consultation]
        moderators = self._all(Role.MODERATOR)
        if filed.letter:
            sample_decisions.decide_letter(self.session, moderators[0], consultation, submission, at)
        else:
            turn = moderators.index(self.people[filed.by]) if filed.by else number % 3 % len(moderators)
            people = moderators[turn:] + moderators[:turn]
            sample_decisions.decide(self.session, people, submission, filed, at)
        sample_evidence.tag_evidence(self.session, consultation, submission, filed.evidence, by=moderators[0])

    def _propose(self, number: int, filed: SampleSubmission, at: datetime) -> None:
        if filed.proposed:
            self._into_the_queues()
            sample_decisions.propose(
                self.session, self.people[filed.proposed.by], self.received[number], filed.proposed, at
            )

    def _into_the_queues(self) -> None:
        """Queue submissions filed since, as the scheduler does within seconds, so that decisions find them."""
        if self.unseen:
            queue.requeue(self.session, self.unseen)
            self.unseen.clear()

    def _begin_to_read(self) -> None:
        waiting = [
            n for n, filed in enumerate(self.sample.submissions) if filed.state == "pending" and not filed.proposed
        ]
        if waiting and (row := self.received.get(waiting[0])):
            sample_decisions.claim(self.session, self._all(Role.MODERATOR)[-1], row, self.now)

    def _take_back(self, number: int, filed: SampleSubmission, at: datetime) -> None:
        take_back = submissions.withdraw if filed.state == "withdrawn" else submissions.erase
        take_back(self.session, self.received[number], at=at)

    def _all(self, role: Role) -> list[Account]:
        return [self.people[login.key] for login in self.sample.logins if login.role == role]

    def _one(self, role: Role) -> Account:
        return self._all(role)[0]
