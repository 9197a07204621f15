"""Finds a Chromium for the browser tests, or gets one by the means the platform offers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The path of an installed Chromium or Chrome, or None."""
    named = [os.environ.get("CHROMIUM", ""), *NAMES]
    found = next((path for name in named if name and (path := shutil.which(name))), None)
    if found:
        return found
    if MAC.exists():
        return str(MAC)
    with sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
    return str(own) if own.exists() else None


def install() -> None:
    """Try Debian's package as root, then Playwright's download. Quiet unless both fail."""
    attempts: list[list[str]] = []
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts += [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-core", "fonts-noto-cjk"],
        ]
    attempts.append([sys.executable, "-m", "playwright", "install", "chromium"])
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in attempts:
        subprocess.run(command, env=variables, capture_output=True, check=False)
        if find():
            return


def flags() -> list[str]:
    """Root in a container has no sandbox to drop into."""
    return [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS


if __name__ == "__main__":
    if not find():
        print("cairn: installing Chromium for the browser tests …", flush=True)
        install()
    if not find():
        sys.exit(
            "cairn: the browser tests need Chromium or Chrome and none was found. Install one "
            "('apt install chromium', 'brew install --cask google-chrome') or set CHROMIUM to its "
            "path, and run make test again."
        )
