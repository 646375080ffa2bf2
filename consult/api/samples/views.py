"""Operations that keep and retract samples of drug-checking services."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from consult.accounts.model import Account
from consult.accounts.tokens.model import Scope
from consult.api import authorisation, limits
from consult.api.contract import operation, prepare
from consult.api.problems import ApiProblem
from consult.api.samples.records import (
    RetractedBatch,
    RetractionQuery,
    SampleInput,
    SampleLine,
    SampleQuery,
    SampleReceipt,
)
from consult.core.clock import now
from consult.core.db import db
from consult.core.i18n import _
from consult.core.text import clean_text, one_line
from consult.core.web.access import Allow
from consult.core.web.requests import Blueprint
from consult.core.web.systems import require_on
from consult.signals.places.regions import PlaceRefused, check_place
from consult.signals.samples import service
from consult.signals.samples.intake import receive_table
from consult.signals.samples.table import NewSample

blueprint = prepare(Blueprint("api_samples", __name__))
MAX_LINES = 10_000
_SYSTEM = service.__name__


@operation(
    blueprint,
    "POST",
    "/samples",
    SampleReceipt,
    body=bytes,
    parameters=SampleQuery,
    allow=Allow.PROGRAM,
    scope=Scope.SAMPLES,
)
def keep_samples(query: SampleQuery, body: bytes) -> SampleReceipt:
    """Keep drug-checking samples, one JSON object a line, at most 10,000. A repeated sample is not kept again."""
    organisation_id, account = _get_member()
    limits.count_filing()
    with receive_table(db.session(), body, organisation_id):
        return _keep_lines(query, body, organisation_id, account)


def _keep_lines(query: SampleQuery, body: bytes, organisation_id: int, account: Account) -> SampleReceipt:
    """Read and keep the lines of a body. Raises ApiProblem, Refusal."""
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), 1) if line.strip()]
    if len(lines) > MAX_LINES:
        raise ApiProblem("too-large", _("Send at most %(n)s lines.", n=f"{MAX_LINES:,}"))
    read = _drop_repeated([(number, _read_line(line)) for number, line in lines])
    samples = [sample for _number, sample in read if isinstance(sample, NewSample)]
    session, at = db.session(), now()
    states = iter(service.compare(session, organisation_id, samples))
    results = [
        SampleLine(number, next(states).value)
        if isinstance(sample, NewSample)
        else SampleLine(number, "refused", sample)
        for number, sample in read
    ]
    proposals = len(service.preview(session, organisation_id, samples, at=at).proposals)
    batch = None
    if not query.look:
        batch = service.keep(
            session, organisation_id, samples, by=account, file_name="API", data=body, public=query.public, at=at
        )
    return SampleReceipt(batch.id if batch else None, batch.rows if batch else 0, proposals, results)


@operation(
    blueprint,
    "DELETE",
    "/samples/batches/<int(max=9007199254740991):number>",
    RetractedBatch,
    parameters=RetractionQuery,
    allow=Allow.PROGRAM,
    scope=Scope.SAMPLES,
)
def retract_samples(number: int, query: RetractionQuery) -> RetractedBatch:
    """Retract a batch: delete its samples, and withdraw the reports that they put in the queue."""
    organisation_id, account = _get_member()
    session = db.session()
    service.get_batch(session, organisation_id, number)
    return RetractedBatch(number, service.retract(session, number, by=account, reason=query.reason))


def _get_member() -> tuple[int, Account]:
    """Return the organisation that the token acts for, and its account. Raises ApiProblem."""
    require_on(_SYSTEM)
    token = authorisation.get_token(Scope.SAMPLES)
    if token.organisation_id is None:
        raise ApiProblem("not-allowed", _("This token does not act for an organisation."))
    return token.organisation_id, db.session().get_one(Account, token.account_id)


def _read_line(line: bytes) -> NewSample | str:
    """Return the sample of a line, or the reason why it is refused."""
    try:
        given = msgspec.json.decode(line, type=SampleInput)
        country, region = check_place(given.country, given.region)
    except PlaceRefused as refusal:
        return refusal.message
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return str(error)[:200]
    texts = {name: one_line(clean_text(getattr(given, name))) for name in service.TEXT_FIELDS}
    findings = tuple(dict.fromkeys(filter(None, (one_line(clean_text(name)) for name in given.findings))))
    return NewSample(given.day, country, region, found=findings, method=given.method, **texts)


def _drop_repeated(read: Sequence[tuple[int, NewSample | str]]) -> list[tuple[int, NewSample | str]]:
    """Return the lines, with an error in place of one that has the number of an earlier line."""
    seen: set[str] = set()
    kept: list[tuple[int, NewSample | str]] = []
    for number, sample in read:
        repeated = isinstance(sample, NewSample) and sample.number in seen
        kept.append((number, _("An earlier line has the same sample number.") if repeated else sample))
        if isinstance(sample, NewSample) and sample.number:
            seen.add(sample.number)
    return kept
