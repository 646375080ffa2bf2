"""RabbitMQ in place of Redis: a letter reaches the mail server by a nudge through it, with no clock and no Redis."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from amqp.exceptions import AMQPError
from kombu import Connection
from kombu.exceptions import OperationalError

from consult.core import queue
from consult.core.clock import now
from consult.core.db import transaction
from consult.core.settings import Settings
from consult.mail import service as mail
from tests.drills.conftest import Ground, until
from tests.mail.post_office import PostOffice, post_office

pytestmark = pytest.mark.drill
URL = os.environ.get("CONSULT_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")


def _purge() -> None:
    """Nothing of an earlier run waits there."""
    with Connection(URL, connect_timeout=2) as connection:
        for each in queue.QUEUES:
            bound = queue.celery.amqp.queues[each](connection.default_channel)
            bound.declare()
            bound.purge()


@pytest.fixture
def rabbit(ground: Ground) -> Iterator[Ground]:
    try:
        _purge()
    except (OSError, AMQPError, OperationalError) as error:
        pytest.skip(f"no RabbitMQ answers at CONSULT_TEST_AMQP_URL or guest@127.0.0.1:5672: {error}")
    ground.settings |= {"CONSULT_BROKER_URL": URL, "CONSULT_REDIS_URL": "redis://127.0.0.1:1/0"}
    queue.configure(Settings(broker_url=URL))
    queue.celery._after_fork()
    yield ground
    queue.celery._after_fork()
    _purge()


@pytest.fixture
def office(rabbit: Ground) -> Iterator[PostOffice]:
    with post_office() as server:
        rabbit.settings["CONSULT_SMTP_URL"] = server.url
        yield server


def test_a_letter_goes_out_by_a_nudge_through_rabbitmq(rabbit: Ground, office: PostOffice) -> None:
    with rabbit.app.app_context(), transaction() as session:
        mail.post(
            session, key="drill", to="reader@example.org", template="accounts/mail/deleted", language="en", at=now()
        )
    rabbit.start("consult.cli", "worker", "--concurrency", "1")
    until(lambda: office.taken)
    assert [taken.to for taken in office.taken] == ["reader@example.org"]
