"""Check of the fingerprints of submissions: python3 verify_receipt.py DOWNLOAD.zip [FINGERPRINT [FILE …]]

DOWNLOAD.zip is from "Download submission data". FINGERPRINT is from a receipt. Each FILE is evidence as it was sent.

Check of the public record: python3 verify_receipt.py --head 312:9f86… ADDRESS

The argument of --head is the line in a receipt or digest. ADDRESS is https://SITE/log/head, with or without ?number=
at its end, or a file in which you saved the answer of that address for the number in the line.
"""

import hashlib
import http.client
import json
import re
import sys
import urllib.error
import urllib.request
import zipfile

HEAD = re.compile(r"[0-9]{1,19}:[0-9a-f]{64}")
results = []


def say(fits: bool, *words: str) -> None:
    results.append(fits)
    print("fits   " if fits else "DIFFERS", *words)


if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
    sys.exit(__doc__)
if sys.argv[1] == "--head":
    if len(sys.argv) != 4 or ":" not in sys.argv[2]:
        sys.exit(__doc__)
    line, where = sys.argv[2].strip(), sys.argv[3]
    if not HEAD.fullmatch(line):
        sys.exit(f"{line} is not such a line: it is a number, a colon, and 64 letters and digits.")
    number = line.partition(":")[0]
    try:
        if where.startswith(("http://", "https://")):  # also the address as it stands in a letter, with ?number=
            with urllib.request.urlopen(f"{where.partition('?')[0]}?number={number}", timeout=30) as answer:  # noqa: S310
                told = answer.read(200).decode("utf-8", "replace").strip()
        else:
            with open(where, encoding="utf-8") as kept_file:
                told = kept_file.read(200).strip()
        if not HEAD.fullmatch(told):
            sys.exit(f"{where} holds no such line. Give https://SITE/log/head, or a file with what stands there.")
    except urllib.error.HTTPError as error:
        if error.code != 404:
            sys.exit(f"{where} cannot be read: HTTP {error.code}")
        told = "nothing (HTTP 404)"
    except (OSError, ValueError, http.client.HTTPException) as error:
        sys.exit(f"{where} cannot be read: {error}")
    say(told == line, "the record up to entry", number, "- the site says", told)
    sys.exit(0 if all(results) else 1)
try:
    with zipfile.ZipFile(sys.argv[1]) as download:
        kept = [json.loads(download.read(name)) for name in download.namelist() if name != "account.json"]
except (OSError, zipfile.BadZipFile, ValueError) as error:
    sys.exit(f"{sys.argv[1]} is not such a download, or cannot be read: {error}")
entries = [(one, entry) for one in kept for entry in one["record"] if entry["fingerprint"]]
for one, entry in entries:
    if entry["content"] is None:
        print("unknown", entry["kind"], entry["at"], "what it was made of is not kept any more")
        continue
    words = json.dumps(entry["content"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    made = hashlib.sha256(bytes.fromhex(one["salt"]) + words.encode("utf-8")).hexdigest()
    say(made == entry["fingerprint"], entry["kind"], entry["at"], entry["fingerprint"])
for one in kept:
    sent = [entry["content"] for entry in one["record"] if "comments" in (entry["content"] or {})]
    said = [comment["body"] for comment in sent[-1]["comments"]] if sent else []
    say(said == [comment["body"] for comment in one["comments"]], one["reference"], "the words in the file")
for given in sys.argv[2:3]:
    say(given in [entry["fingerprint"] for _one, entry in entries], "the fingerprint that you gave is in the record")
for name in sys.argv[3:]:
    with open(name, "rb") as file:
        say(hashlib.sha256(file.read()).hexdigest() in json.dumps([entry["content"] for _one, entry in entries]), name)
sys.exit(0 if results and all(results) else 1)
