"""Reads what semgrep found in the planted faults, and names each rule that found nothing."""

import json
import re
import sys
from pathlib import Path

found = {one["check_id"].split(".")[-1] for one in json.load(sys.stdin)["results"]}
rules = set(re.findall(r"^  - id: (\S+)", Path(sys.argv[1]).read_text(), re.M))
if missing := sorted(rules - found):
    sys.exit(f"semgrep does not find what is planted for: {', '.join(missing)}")
