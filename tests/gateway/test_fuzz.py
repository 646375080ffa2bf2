"""Damaged letters, text messages and tables: each is read, refused or put aside, and none raises. Fixed seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.core.db import transaction
from consult.core.tables.delimited import TableRefused
from consult.gateway import readers
from consult.gateway import service as gateway
from consult.gateway.model import InboundChannel, InboundItem, InboundState
from consult.gateway.service import Envelope, ItemRefused
from consult.signals.inbound.texts import MOST, parse_text, tell_language
from consult.signals.samples.table import read_table
from tests.gateway.hostile import mutate
from tests.gateway.test_letters import read_all
from tests.signals.test_inbound import open_to_messages, sms

__all__ = ["open_to_messages"]  # a fixture

MESSAGES = (
    "Esmeraldas, Ecuador; M30 tablets; two people fell asleep",
    "إسميرالداس، الإكوادور؛ أقراص M30؛ نام شخصان",
    "EC-E; M30; two; three",
)
TABLE = b"""Sample ID,Date,City/Town,Site,Expected Substance,FTIR Spectrometer,Fentanyl Strip
1,2019-01-02,Vancouver,Site A,Down,"['Fentanyl HCl', 'Caffeine']",POS
2,2019-01-03,Victoria,Site B,MDMA,MDMA; caffeine,
3,2019-02-30,Surrey,Site C,Cocaine,N/A,NEG
"""
PIECES = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n\n", b'"', b'""', b",", b";", b"\t", b"|", b"[", b"['", b"]",
    b"\xe2\x80\xae", b"\xf0\x9f\x92\x8a", b"=cmd|'/C calc'!A0", b"99999999999999999999", b"0000-00-00", b"2019-13-45",
    b"NaN", b"[[[[[[[[[[", b"Date,", b"; ; ; ;", "؛".encode(), "،".encode(), b"EC-", b"%s%n", b"a" * 900,
)  # fmt: skip


def damage(chance: Random, source: bytes) -> bytes:
    """Bytes with one to eight places cut out, doubled, overwritten or filled with a piece."""
    raw = bytearray(source)
    for _change in range(chance.randint(1, 8)):
        start = chance.randrange(len(raw) + 1)
        end = min(len(raw), start + chance.randint(0, 30))
        match chance.randrange(4):
            case 0:
                del raw[start:end]
            case 1:
                raw[start:start] = raw[start:end] * chance.randint(1, 4)
            case 2:
                raw[start:end] = chance.randbytes(end - start)
            case _:
                raw[start:start] = chance.choice(PIECES)
    return bytes(raw)


def damaged_messages(seed: int, count: int) -> Iterator[str]:
    chance = Random(seed)
    for _number in range(count):
        yield damage(chance, chance.choice(MESSAGES).encode()).decode("utf-8", "replace")


def test_20_000_letters_raise_nothing_but_a_refusal() -> None:
    for raw in mutate(Random(34), 20_000):
        with suppress(ItemRefused):
            read_all(raw)


def test_every_letter_of_400_is_in_the_record_and_none_is_being_read(app: Flask) -> None:
    letters = list(dict.fromkeys(mutate(Random(35), 400)))
    read = readers.get_reader(InboundChannel.LETTER)
    outcomes = [gateway.accept(Envelope(InboundChannel.LETTER, raw, len(raw)), read) for raw in letters]
    with transaction() as session:
        states = Counter(session.scalars(select(InboundItem.state)))
    assert states.total() == len(letters)
    assert set(states) <= {InboundState.READ, InboundState.WAITING, InboundState.ASIDE}
    assert states[InboundState.ASIDE] == outcomes.count(gateway.ASIDE)


def test_5_000_messages_are_parsed() -> None:
    for text in damaged_messages(36, 5_000):
        report = parse_text(text, "EC")
        assert max(len(report.product), len(report.body)) <= MOST
        assert tell_language(text, report.country, "en")


@pytest.mark.usefixtures("open_to_messages", "limits")
def test_150_messages_get_an_answer_in_plain_text(session: Session, client: FlaskClient) -> None:
    for text in damaged_messages(37, 150):
        answer = sms(client, text=text)
        assert answer.status_code in (200, 422, 429), text
        assert answer.mimetype == "text/plain"


def test_2_000_tables_are_read_or_refused_with_a_code() -> None:
    chance, codes = Random(38), set()
    for _number in range(2_000):
        try:
            table = read_table(damage(chance, TABLE), "CA-BC")
        except TableRefused as refusal:
            codes.add(str(refusal))
        else:
            assert all(sample.region and len(sample.found) <= 40 for sample in table.samples)
    assert codes <= {"empty", "columns"}
