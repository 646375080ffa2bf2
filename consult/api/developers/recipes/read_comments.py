"""Print every published comment of a consultation: python read_comments.py https://consult.example SLUG"""

import json
import sys
import urllib.request


def read_comments(site: str, slug: str) -> None:
    """Print one comment a line, and follow the list to its end."""
    first = address = f"{site}/api/v1/consultations/{slug}/comments?limit=200"
    while address:
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - the address is yours
            page = json.load(answer)
        for comment in page["data"]:
            print(comment["reference"], comment["provision"], comment["body"], sep="\t")  # noqa: T201
        address = page["next"] and f"{first}&cursor={page['next']}"


if __name__ == "__main__":
    read_comments(*sys.argv[1:])
