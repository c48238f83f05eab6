"""Debian's headless Chromium, spoken to through chromedriver's own protocol."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

MISSING = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
]


class BrowserError(Exception):
    """What the browser says went wrong."""


class Browser:
    """One window."""

    def __init__(self, address: str, session: str) -> None:
        self._session = f"{address}/session/{session}"

    def open(self, page: Path, anchor: str = "") -> None:
        """Load a file anew."""
        self._post("url", {"url": "about:blank"})
        self._post("url", {"url": f"{page.as_uri()}{anchor}"})

    def run(self, script: str, *arguments: object) -> Any:
        """What a piece of JavaScript returns."""
        return self._post("execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, *arguments: object) -> Any:
        """What a piece of JavaScript hands to its last argument."""
        return self._post("execute/async", {"script": script, "args": list(arguments)})

    def devtools(self, command: str, **parameters: object) -> Any:
        """A command of the DevTools protocol."""
        return self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def keys(self, text: str) -> None:
        """Type on whatever has the focus."""
        strokes = [{"type": kind, "value": c} for c in text for kind in ("keyDown", "keyUp")]
        self._post("actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def click(self, selector: str) -> None:
        """Click where the first such element is."""
        found = self._post("element", {"using": "css selector", "value": selector})
        self._post(f"element/{next(iter(found.values()))}/click", {})

    def size(self, width: int, height: int) -> None:
        """Make the page so wide and high, narrower than a window can be, too."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def media(self, **features: str) -> None:
        """Pretend that the reader's system wants it so, such as `prefers-color-scheme`."""
        wanted = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.devtools("Emulation.setEmulatedMedia", features=wanted)

    def scripts(self, on: bool) -> None:
        """Whether pages loaded from here on may run scripts."""
        self.devtools("Emulation.setScriptExecutionDisabled", value=not on)

    def pdf(self) -> bytes:
        """The page on paper."""
        done = self.devtools("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(done["data"])

    def screenshot(self) -> bytes:
        """What is in sight, as PNG."""
        return base64.b64decode(self.devtools("Page.captureScreenshot", format="png")["data"])

    def log(self) -> list[str]:
        """Warnings and errors since it was asked last."""
        rows = self._post("se/log", {"type": "browser"})
        return [row["message"] for row in rows if row["level"] in ("SEVERE", "WARNING")]

    def _post(self, path: str, body: dict[str, object]) -> Any:
        return _ask(f"{self._session}/{path}", body)


@contextmanager
def browser() -> Iterator[Browser]:
    """A window that is closed at the end, the driver with it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address)
        chromium = {"binary": shutil.which("chromium"), "args": ARGUMENTS}
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": chromium,
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        made = _ask(f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})
        try:
            yield Browser(address, made["sessionId"])
        finally:
            urlopen(Request(f"{address}/session/{made['sessionId']}", method="DELETE"), timeout=30)
    finally:
        driver.terminate()
        driver.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urlopen(f"{address}/status", timeout=5) as answer:
                if json.load(answer)["value"]["ready"]:
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.1)
    raise BrowserError("chromedriver does not answer")


def _ask(url: str, body: dict[str, object]) -> Any:
    request = Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]
    except HTTPError as error:
        raise BrowserError(json.load(error)["value"]["message"]) from None
