"""Print the TXT records of a domain as a JSON list.

It is a separate script so that web processes do not load a DNS resolver.
"""

from __future__ import annotations

import json
import sys

import dns.exception
import dns.resolver

_SECONDS = 4.0


def resolve_text_records(domain: str) -> list[str]:
    """Return the TXT records, or an empty list if the lookup fails."""
    try:
        answers = dns.resolver.resolve(domain, "TXT", lifetime=_SECONDS)
    except dns.exception.DNSException:
        return []
    return ["".join(part.decode("utf-8", "replace") for part in record.strings) for record in answers]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(resolve_text_records(sys.argv[1])))
