"""A site as a newcomer starts it, and a browser that reports what a person would not forgive."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    Request,
    Response,
    sync_playwright,
)

from tests.browser import chromium

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 90
LEFT_BEHIND = ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SIGNUP")


def copy_project(target: Path) -> None:
    """A copy of the files git knows, with the same virtual environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / ".venv").symlink_to(Path(sys.prefix))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """A running copy of the site, started by the second half of `make run`."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "site.log"

    def start(self) -> float:
        """Start it and wait for the first page. Returns seconds."""
        began = time.monotonic()
        base = {
            k: v for k, v in os.environ.items() if k not in LEFT_BEHIND and k != "ALLOWED_HOSTS"
        }
        base.pop("LAB_SEED_SECRET", None)
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.launch"],
                cwd=self.folder,
                env={**base, "PORT": str(self.port)},
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        while time.monotonic() - began < START_SECONDS:
            with suppress(httpx.HTTPError):
                if httpx.get(f"{self.address}/", timeout=2).status_code == 200:
                    return time.monotonic() - began
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"the site did not start:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> int | None:
        """Ctrl-C, as a person would."""
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise

    def processes(self) -> list[str]:
        """Command lines of everything that runs out of this copy."""
        listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
        marks = (str(self.folder), f"--port {self.port}")
        return [line for line in listed.stdout.splitlines() if any(m in line for m in marks)]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    copy_project(folder)
    site = Site(folder)
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium.find()
    assert path, "no Chromium: run make chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.flags())
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What the browser said that no page may make it say."""

    address: str
    found: list[str] = field(default_factory=list)

    def console(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type == "error" and "Failed to load resource" not in text:
            self.found.append(f"console: {text}")

    def page_error(self, error: Error) -> None:
        self.found.append(f"page error: {error}")

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.found.append(f"foreign request: {request.url}")

    def response(self, response: Response) -> None:
        if response.status >= 500:
            self.found.append(f"{response.status}: {response.url}")

    def watch(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", self.page_error)
        page.on("request", self.request)
        page.on("response", self.response)


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Open]:
    """Opens pages of a given width and theme. After the test, no complaint may be there."""
    complaints = Complaints(site.address)
    contexts: list[BrowserContext] = []

    def opened(*, width: int = 1280, dark: bool = False, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        complaints.watch(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints.found == []
