"""Print every published comment of a consultation: python read_comments.py https://consult.example SLUG"""

import json
import sys
import urllib.request

site, slug = sys.argv[1:]
address = f"{site}/api/v1/consultations/{slug}/comments?limit=200"
while address:
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - the address is yours
        page = json.load(answer)
    for comment in page["data"]:
        print(comment["reference"], comment["provision"], comment["body"], sep="\t")  # noqa: T201
    more = page["next"]
    address = more and f"{site}/api/v1/consultations/{slug}/comments?limit=200&cursor={more}"
