"""Device names for the list of sessions: browser and operating system, without versions."""

from __future__ import annotations

_BROWSERS = (
    ("edg", "Edge"), ("opr/", "Opera"), ("samsungbrowser/", "Samsung Internet"), ("firefox/", "Firefox"),
    ("fxios/", "Firefox"), ("crios/", "Chrome"), ("chrome/", "Chrome"), ("safari/", "Safari"),
)  # fmt: skip
"""Substrings of user agents. The first match counts, because most browsers also name others."""
_SYSTEMS = (
    ("android", "Android"), ("iphone", "iPhone"), ("ipad", "iPad"), ("cros ", "ChromeOS"), ("windows", "Windows"),
    ("mac os x", "macOS"), ("linux", "Linux"),
)  # fmt: skip


def describe_device(user_agent: str) -> str:
    """Return browser and operating system of a user agent, or an empty string if both are unknown.

    >>> describe_device("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox, Windows'
    >>> describe_device("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36 Edg/142.0")
    'Edge, Linux'
    >>> describe_device("curl/8.5.0")
    ''
    """
    agent = user_agent.casefold()
    parts = [next((name for mark, name in names if mark in agent), "") for names in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, parts))
