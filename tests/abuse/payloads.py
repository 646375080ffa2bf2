# ruff: noqa: E501
"""Values, whole bodies and headers that attackers and broken programs send."""

from __future__ import annotations

TEXTS = (
    # nothing, and what no database takes
    "", " ", "\t\r\n", "\0", "a\0b", "\ud800", "a\udfffb", "\ufffe", "\x1b[2J", "\x7f",
    # numbers that are none, or too large
    "-1", "0", "-0", "1.5", "1e309", "NaN", "Infinity", "2147483647", "2147483648", "-2147483649", "9223372036854775807",
    "9223372036854775808", "9" * 5000, "0x10", "1_000", "٣", "１２", "²", "Ⅷ", "+1", "1 ", "01", "1,2", "1-2",
    # days that are none
    "2027-02-30", "0000-00-00", "9999-12-31T23:59:59Z", "9999-12-31", "10000-01-01", "0001-01-01", "24:00", "-1:-1",
    "2027-10-31T02:30", "1e3-01-01", "2027-W01-1",
    # long and nested
    "A" * 300, "A" * 100_000, "word " * 5000, "(" * 3000, "[" * 3000, "<b>" * 2000, "> " * 2000, "- " * 2000, "*" * 5000,
    "`" * 3000, '{"a":' * 1000, "e\u0301" * 3000, "a" + "\u0301" * 3000, "👩‍👩‍👧‍👦" * 200, "ﷺ" * 500, "\n" * 5000, "# " * 1000,
    # of other languages: SQL, templates, format strings, shells, regular expressions, search
    "'", '"', "\\", "' OR '1'='1' --", "1; SELECT pg_sleep(9)", "') UNION SELECT NULL--", "%", "_%", "%s%s%n%x",
    "%(a)s", "{0.__class__}", "{}", "{", "{{7*7}}", "${7*7}", "{% raise %}", "<%= 7*7 %>", "#{7*7}", "$(id)", "`id`",
    "| id", "(a+)+$", "[", "*", "(?P<", "\\p{X}", "(?i", "a{99999}", "& | !", ":*", "<->", '"open', "-", "a:b:c", "or",
    # of pages and addresses
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "&#0;", "&#xD800;", "]]>",
    "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "../../../../etc/passwd", "..", ".", "/",
    "file:///etc/passwd", "http://169.254.169.254/", "//elsewhere.example", "http://[", "http://[::1", "http://a:99999/",
    "https://exa mple.org", "\r\nSet-Cookie: a=b", "a\r\nBcc: b@example.org", "%00", "%ff", "%ed%a0%80", "%c0%af", "%",
    # of other scripts, and of spreadsheets and mail
    "\u202eabc", "\ufeff", "\u2028", "=cmd|' /C calc'!A0", "@", "@@", "a@b", f"{'a' * 300}@example.org",
    f"x@{'a.' * 200}org", "x@xn--a.example", "x@\u2603.example", "xn--", "en-US", "zz", "x-" * 100, "null", "true", "[]",
    '{"a": 1}', "whole", "None", "undefined", "0" * 64, "AAAA.BBBB.CCCC", "1.1", "1", "on", "remove", "add", "save", "next",
)  # fmt: skip
RAW = (b"\xff\xfe\xfd", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"caf\xe9", b"\x00", b"\x80" * 500)
"""Bytes that are no UTF-8, for where bytes can be sent."""

JSON = (
    b"", b"{", b"null", b"1", b'"text"', b"[]", b"[[]]", b"[1, 2]", b'[["a", "b", "c"]]', b"{}", b"true", b"NaN", b"1e999",
    b"\xff", b"[" * 20_000, b'{"a":' * 5000, b'{"body": null, "do": 1, "email": [], "q": {}}', b"9" * 5000,
    b'{"body": "\\ud800", "email": "\\u0000", "name": {"a": 1}}', b'{"a": 1, "a": 2}', b'{"": ""}', b'["do"]', b'{"do": [[]]}',
)  # fmt: skip
"""Whole bodies that say they are JSON."""

BOUNDARY = "aBoundary"
PARTS = (
    b"", b"--aBoundary--", b"--aBoundary\r\n", b"--other\r\n\r\n--other--", b"--aBoundary\r\n\r\n\r\n--aBoundary--\r\n",
    b'--aBoundary\r\nContent-Disposition: form-data\r\n\r\nx\r\n--aBoundary--\r\n',
    b'--aBoundary\r\nContent-Disposition: form-data; name="body"; filename="\xff\xfe"\r\n\r\nx\r\n--aBoundary--\r\n',
    b'--aBoundary\r\nContent-Disposition: form-data; name="body"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n+AGE-'
    b"\r\n--aBoundary--\r\n",
    b'--aBoundary\r\nContent-Disposition: form-data; name="body"\r\nContent-Type: text/plain; charset=none\r\n\r\n\xe9'
    b"\r\n--aBoundary--\r\n",
    b'--aBoundary\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n\r\n--aBoundary--\r\n',
    b"--aBoundary\r\n" + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\nx\r\n--aBoundary--\r\n",
    b'--aBoundary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 2000 + b"--aBoundary--\r\n",
    b'--aBoundary\r\nContent-Disposition: form-data; name="body"\r\n\r\nno end',
)  # fmt: skip
"""Whole bodies that say they are forms with files."""

HEADERS = (
    ("Accept-Language", "x" * 5000), ("Accept-Language", "*;q=2,en;q=a,;;,fr-"), ("Accept-Language", "ar;q=1e9"),
    ("Accept", "text/html;q=x, ;;"), ("Accept", "application/json"), ("Accept-Encoding", "br;q=a,gzip;q=,*"),
    ("Cookie", "session=" + "A" * 4000), ("Cookie", "session=eyJ.a.b; =; \xff"), ("Cookie", "a=\"\\777\"; session="),
    ("Range", "bytes=0-0,-1,5-2"), ("Range", "bytes=9999999999999999999-"), ("If-Range", "x"), ("If-None-Match", '"'),
    ("If-None-Match", 'W/"a", *'), ("If-Modified-Since", "Sun, 99 Foo 9999 99:99:99 GMT"), ("If-Match", "W/"),
    ("Referer", "http://["), ("Referer", "\xff"), ("Origin", "null"), ("Origin", "http://["), ("Sec-Fetch-Site", "\xff"),
    ("Host", "["), ("Host", "a b"), ("Host", ""), ("Host", "localhost:99999"), ("X-Forwarded-For", "unknown, ::, \xff"),
    ("X-Forwarded-Host", "elsewhere.example"), ("X-Forwarded-Proto", "gopher"), ("Authorization", "Basic \xff"),
    ("Authorization", "Bearer a"), ("Content-Type", "multipart/form-data"), ("Content-Type", "\xff/"),
    ("Content-Type", "application/x-www-form-urlencoded; charset=none"), ("Content-Length", "-1"), ("Content-Length", "x"),
    ("X-HTTP-Method-Override", "DELETE"), ("User-Agent", "\xff" * 300), ("User-Agent", ""), ("X-CSRFToken", "\xff"),
    ("Transfer-Encoding", "gzip"), ("Purpose", "prefetch"), ("If-Unmodified-Since", "-1"),
)  # fmt: skip

FILES = (
    ("", b""), ("a.txt", b""), ("../../a.md", b"# A\n\ntext"), ("a\0.md", b"# A"), ("\ud800.txt", b"x"), ("." * 300, b"x"),
    ("a.docx", b"PK\x03\x04" + b"\0" * 60), ("a.xml", b"<a>" * 5000), ("a.html", b"<p>\xff\xfe" + b"<div>" * 3000),
    ("a.pdf", b"%PDF-1.7\n%%EOF"), ("a.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 30), ("a.svg", b"<svg onload='alert(1)'/>"),
    ("a.csv", b"=1+1,\0,\xff\n" * 50), ("a.txt", b"\xef\xbb\xbf\x00\x01\x02"), ("a.md", b"#" * 5000), ("a.md", b"> " * 3000),
    ("a.xml", b"<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;&b;'>]><a>&c;</a>"), ("a", b"GIF89a" + b"\xff" * 20),
)  # fmt: skip
