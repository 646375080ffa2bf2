"""A setting that would be ignored, or would switch off what it sets, is refused in one sentence."""

from __future__ import annotations

import hashlib
import secrets

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from limits import parse_many

from consult.core.secret_strength import find_weakness
from consult.core.settings import Secret, Settings, SettingsError, _is_limit, variable_names


def refusal() -> str:
    """Return the error for an environment; empty if it is accepted."""
    try:
        Settings()
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("CONSULT_SMPT_URL", "Did you mean CONSULT_SMTP_URL?"),
        ("CONSULT_FILLING_LIMIT", "Did you mean CONSULT_FILING_LIMIT?"),
        ("CONSULT_SEALKEY", "Did you mean CONSULT_SEAL_KEY?"),
        ("consult_smtp_url", "Did you mean CONSULT_SMTP_URL?"),
        ("CONSULT_DATABASE_POOLS", "Did you mean CONSULT_DATABASE_POOL?"),
        ("CONSULT_SMTP_PORT", "Did you mean CONSULT_SMTP_URL?"),
        ("CONSULT_COLOUR", "All settings are in docs/settings.md."),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_name_that_is_nearest(
    monkeypatch: pytest.MonkeyPatch, name: str, near: str
) -> None:
    monkeypatch.setenv(name, "587 hidden-word")
    assert refusal() == f"There is no setting {name}. {near}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONSULT_TEST_DATABASE_URL", "postgresql://x"), ("CONSULT_BENCH_REDIS_URL", "x"), ("CONSULT_CHROMIUM", "x"),
        ("CONSULT_PG_BIN", "/usr/bin"), ("CONSULT_SERVICE_HOST", "10.0.0.1"), ("CONSULT_SERVICE_PORT", "80"),
        ("CONSULT_SERVICE_PORT_HTTP", "80"), ("CONSULT_PORT", "tcp://10.0.0.1:80"),
        ("CONSULT_PORT_80_TCP_ADDR", "10.0.0.1"), ("CONSULT_WEB_PORT", "tcp://10.0.0.1:80"),
        ("CONSULTANT_NAME", "Ada"), ("CONSUL_HTTP_ADDR", "x"),
    ],
)  # fmt: skip
def test_what_tests_and_other_tools_set_is_left_alone(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert refusal() == ""


@pytest.mark.parametrize("value", ["100000", "300", "many", "300 per fortnight", "0 per hour", "-5 per hour",
                                   "5 per 0 hours", "1,000 per hour", "5 per hour each"])  # fmt: skip
def test_a_limit_that_would_limit_nothing_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CONSULT_FILING_LIMIT", value)
    assert refusal() == (
        "CONSULT_FILING_LIMIT cannot be used. Use the form 300 per hour, with second, minute, hour, day, month or year."
    )


NEARLY = r"[0-9]{1,3} ?(/|per|a)? ?[0-9]? ?(hours?|minute|week|days|s)( ?[;,|] ?[0-9] per day)?"


@given(st.from_regex(NEARLY, fullmatch=True))
@example("300 per hour")
@example("10/minute; 50 per 2 hours")
def test_a_limit_that_is_taken_is_one_that_is_counted(value: str) -> None:
    if _is_limit(value):
        found = parse_many(value)
        assert len(found) == len(value.replace(",", ";").replace("|", ";").split(";"))
        assert all(each.amount > 0 for each in found)


@pytest.mark.parametrize(
    ("name", "value", "instead"),
    [
        ("SMTP_TIMEOUT", "0", "Use 1 or more."), ("SMTP_TIMEOUT", "nan", "Use 1 or more."),
        ("SMTP_TIMEOUT", "inf", "Use 1 or more."), ("SMTP_TIMEOUT", "-60", "Use 1 or more."),
        ("SMTP_TIMEOUT", "60000", "Use 3600 or less."),
        ("PROXIES", "-1", "Use 0 or more."), ("PROXIES", "8080", "Use 10 or less."),
        ("MODERATOR_IDLE", "1000000000000", "Use 1440 or less."), ("MODERATOR_SESSION", "0", "Use 1 or more."),
        ("DATABASE_POOL", "0", "Use 1 or more."), ("WORKER_CONCURRENCY", "100000", "Use 256 or less."),
        ("SMALLEST_GROUP", "0.5", "Use a whole number."),
        ("DEMO", "ture", "Use true or false."), ("LOG_LEVEL", "LOUD", "Use DEBUG, INFO, WARNING, ERROR or CRITICAL."),
        ("MAIL_FROM", "Consult", "Use the form Name <name@example.org>."),
        ("MAIL_FROM", "a@b\nBcc: c@d", "Use the form Name <name@example.org>."),
        ("HOSTS", "https://a.example", "Use the form consult.example.org, www.example.org, without https://."),
        ("HOSTS", "a.example,", "Use the form consult.example.org, www.example.org, without https://."),
        ("FILES_URL", "s3:///folder", "Use the form file:///folder or s3://key:secret@bucket/folder."),
    ],
)  # fmt: skip
def test_a_value_that_would_break_what_it_sets_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, instead: str
) -> None:
    monkeypatch.setenv(f"CONSULT_{name}", value)
    assert refusal() == f"CONSULT_{name} cannot be used. {instead}"


def test_a_setting_that_is_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in variable_names():
        monkeypatch.delenv(name, raising=False)
    chosen = Settings()
    for name in variable_names():
        monkeypatch.setenv(name, "")
    assert repr(Settings()) == repr(chosen)


def test_hosts_and_senders_of_every_usual_kind_are_taken() -> None:
    hosts = "consult.example.org, .example.org,localhost:8000, [::1]:80, 10.0.0.1"
    assert Settings(hosts=hosts, mail_from="Consultas <a.b+c@mail.example.org>").trusted_hosts[1] == ".example.org"
    assert Settings(mail_from="noreply@example.org").mail_from == "noreply@example.org"


GOOD_KEY = "f0c5d1b94e7a2836f5d90b1c7e4a8263"
COMMAND = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"


def production(**given: object) -> str:
    """Return the error for an environment of production."""
    try:
        Settings(
            **{"secret_key": Secret(GOOD_KEY), "base_url": "https://consult.example.org"} | given
        ).require_production()
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "key",
    [
        "a" * 32, "ab" * 40, "0123456789" * 4, "changeme" * 5, "please-Change-Me-before-production!",
        "abcdefghijklmnopqrstuvwxyz012345",
        "password-password-password-passw", "112112112112112112112112112112112", "my-secret-key-is-long-enough-here",
    ],
)  # fmt: skip
def test_a_key_that_can_be_guessed_is_refused_with_the_command_for_a_good_one(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("CONSULT_BASE_URL", "https://consult.example.org")
    said = production(secret_key=Secret(key))
    assert said.startswith("CONSULT_SECRET_KEY can be guessed: ")
    assert COMMAND in said
    assert key not in said


@given(st.binary(min_size=24, max_size=64))
def test_a_key_drawn_at_random_is_taken(drawn: bytes) -> None:
    for key in (secrets.token_urlsafe(48), secrets.token_hex(32), hashlib.sha256(drawn).hexdigest()):
        assert find_weakness(key) == ""


@pytest.mark.parametrize(
    "address",
    ["https://consult.example.org", "http://consult.example.org", "https://198.51.101.7", "https://[2a00::7]"],
)
def test_the_demo_is_refused_at_a_public_address(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("CONSULT_BASE_URL", address)
    assert production(base_url=address, demo=True).startswith("CONSULT_DEMO shows every e-mail to everyone")
    assert production(base_url=address) == ""


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8000", "https://localhost", "https://192.168.1.20", "https://[::1]:8443", "http://demo:8000",
     "https://demo.local", "https://reading-room.internal"],
)  # fmt: skip
def test_the_demo_runs_at_a_private_address_with_tls_or_without(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("CONSULT_BASE_URL", address)
    assert production(base_url=address, demo=True) == ""
