"""Checks of `consult doctor` that need the network: mail server, DNS records of the sender, reverse proxy."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from urllib.parse import SplitResult, urlsplit

import dns.exception
import dns.resolver

from consult.cli.maintenance.findings import CheckOutcome, DoctorFinding
from consult.core.settings import Settings
from consult.mail import wire
from consult.mail.wire import DeliveryResult, MailServerAway

_SECONDS = 10.0
_FORGED_HOST = "forged.invalid"
"""A host name that no site has: RFC 2606 reserves `.invalid`."""
_REDIRECTS = (301, 302, 303, 307, 308)


def check_mail(settings: Settings, send_to: str | None) -> Iterator[DoctorFinding]:
    """Yield the findings on the sign-in at the mail server and, if wanted, on a test e-mail."""
    url = settings.smtp_url.reveal()
    if not url:
        sentence = "E-mails are written to a folder and not sent."
        yield DoctorFinding("mail server", CheckOutcome.PROBLEM, sentence, "Set CONSULT_SMTP_URL.")
        return
    try:
        with wire.open_connection(url, _SECONDS) as connection:
            yield DoctorFinding("mail server", CheckOutcome.OK, "The mail server answers and accepts the sign-in.")
            if send_to:
                yield _send(connection, settings, send_to)
    except MailServerAway as error:
        sentence = f"The mail server cannot be used: {error}."
        yield DoctorFinding(
            "mail server", CheckOutcome.PROBLEM, sentence, "Check address, user and password in CONSULT_SMTP_URL."
        )
        return
    if wire.is_password_in_clear(url):
        yield DoctorFinding("mail server", CheckOutcome.PROBLEM, wire.IN_CLEAR_WARNING, "Use smtps://.")


def _send(connection: wire.SmtpTransport, settings: Settings, address: str) -> DoctorFinding:
    sender = parseaddr(settings.mail_from)[1]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, address, "Test e-mail from Consult"
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=settings.host)
    message.set_content("consult doctor sent this e-mail. Delivery works if you can read it.\n")
    outcome = connection.send(sender, address, "", message.as_bytes(policy=message.policy.clone(linesep="\r\n")))
    if outcome.result is DeliveryResult.SENT:
        return DoctorFinding(
            "test e-mail", CheckOutcome.OK, "The mail server accepted the test e-mail. Check that it arrives."
        )
    sentence = f"The mail server did not accept the test e-mail: {outcome.reason or outcome.result}."
    return DoctorFinding(
        "test e-mail", CheckOutcome.PROBLEM, sentence, "Check CONSULT_MAIL_FROM and the rules of the server."
    )


def check_domain(settings: Settings, dkim: str | None) -> Iterator[DoctorFinding]:
    """Yield the findings on the DNS records of the sender's domain that other mail servers ask for."""
    domain = parseaddr(settings.mail_from)[1].rpartition("@")[2]
    if "." not in domain:
        sentence = f"CONSULT_MAIL_FROM has the domain {domain}, which other mail servers refuse."
        yield DoctorFinding(
            "sender", CheckOutcome.PROBLEM, sentence, "Set CONSULT_MAIL_FROM to an address of your domain."
        )
        return
    yield _check_record("SPF", domain, "v=spf1", "Publish which servers may send: v=spf1 mx -all, for example.")
    yield _check_record("DMARC", f"_dmarc.{domain}", "v=DMARC1", "Publish a policy: v=DMARC1; p=none, for example.")
    if dkim:
        remedy = "Publish the public key of your mail server."
        yield _check_record("DKIM", f"{dkim}._domainkey.{domain}", "p=", remedy)


def find_texts(name: str) -> list[str]:
    """Return the TXT records of a name. Raises DNSException if no server answers."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(record.strings).decode(errors="replace") for record in answer]


def _check_record(kind: str, name: str, needle: str, remedy: str) -> DoctorFinding:
    try:
        texts = find_texts(name)
    except dns.exception.DNSException as error:
        sentence = f"{kind} could not be looked up: {type(error).__name__}."
        return DoctorFinding(kind, CheckOutcome.UNKNOWN, sentence, "Run this on a machine with DNS.")
    if any(needle in text for text in texts):
        return DoctorFinding(kind, CheckOutcome.OK, f"{name} has a record.")
    return DoctorFinding(
        kind, CheckOutcome.PROBLEM, f"{name} has no {kind} record, so e-mails may be treated as spam.", remedy
    )


def check_proxy(settings: Settings) -> Iterator[DoctorFinding]:
    """Yield the findings on the site at its public address: certificate, HTTPS, and headers that a visitor forges."""
    place = urlsplit(settings.base_url)
    try:
        status, headers = _ask(place)
    except ssl.SSLCertVerificationError as error:
        sentence = f"The certificate of {settings.base_url} is not valid: {error.verify_message}."
        yield DoctorFinding("reverse proxy", CheckOutcome.PROBLEM, sentence, "Install a certificate for this name.")
        return
    except (OSError, http.client.HTTPException) as error:
        sentence = f"{settings.base_url} does not answer from here ({type(error).__name__})."
        yield DoctorFinding(
            "reverse proxy", CheckOutcome.UNKNOWN, sentence, "Start consult web and the proxy, and check the DNS."
        )
        return
    yield _judge_answer(settings, status, headers)
    if settings.secure:
        yield _check_redirect(place)
    if settings.proxies and settings.trusted_hosts:
        yield _check_forged_host(place)


def _judge_answer(settings: Settings, status: int, headers: http.client.HTTPMessage) -> DoctorFinding:
    if status != 200:
        sentence = f"{settings.base_url}/robots.txt answers with status {status}."
        remedy = "Pass the Host header on (deploy/nginx.conf), and compare CONSULT_BASE_URL and CONSULT_HOSTS."
        return DoctorFinding("reverse proxy", CheckOutcome.PROBLEM, sentence, remedy)
    if settings.secure and "Strict-Transport-Security" not in headers:
        sentence = "The site answers without Strict-Transport-Security."
        return DoctorFinding(
            "reverse proxy", CheckOutcome.PROBLEM, sentence, "Let the proxy keep the headers of Consult."
        )
    return DoctorFinding("reverse proxy", CheckOutcome.OK, f"The site answers at {settings.base_url}.")


def _check_redirect(place: SplitResult) -> DoctorFinding:
    """Check that plain HTTP leads to HTTPS."""
    try:
        status, headers = _ask(place._replace(scheme="http", netloc=place.hostname or ""))
    except (OSError, http.client.HTTPException):
        return DoctorFinding("plain HTTP", CheckOutcome.OK, "The site does not answer without encryption.")
    if status in _REDIRECTS and headers.get("Location", "").startswith("https://"):
        return DoctorFinding("plain HTTP", CheckOutcome.OK, "Plain HTTP leads to HTTPS.")
    remedy = "Redirect port 80 to HTTPS: deploy/nginx.conf."
    return DoctorFinding("plain HTTP", CheckOutcome.PROBLEM, "The site answers without encryption.", remedy)


def _check_forged_host(place: SplitResult) -> DoctorFinding:
    """Check that the proxy replaces X-Forwarded-Host. Consult refuses a name that is not its own."""
    try:
        status, _headers = _ask(place, {"X-Forwarded-Host": _FORGED_HOST})
    except (OSError, http.client.HTTPException) as error:
        sentence = f"The headers of the proxy could not be checked ({type(error).__name__})."
        return DoctorFinding("forwarded headers", CheckOutcome.UNKNOWN, sentence, "Run consult doctor again.")
    if status == 200:
        return DoctorFinding(
            "forwarded headers", CheckOutcome.OK, "The proxy replaces the forwarded headers of visitors."
        )
    sentence = "The proxy passes on forwarded headers of visitors, so anybody can avoid the limits."
    remedy = "Set X-Forwarded-For, -Proto and -Host in the proxy: deploy/nginx.conf."
    return DoctorFinding("forwarded headers", CheckOutcome.PROBLEM, sentence, remedy)


def _ask(place: SplitResult, headers: dict[str, str] | None = None) -> tuple[int, http.client.HTTPMessage]:
    """Return status and headers of /robots.txt. Raises OSError and HTTPException."""
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = kind(place.hostname or "", place.port, timeout=_SECONDS)
    try:
        connection.request("GET", "/robots.txt", headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers
    finally:
        connection.close()
