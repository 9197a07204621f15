"""First half of `make run` and `make test`: a virtual environment with everything in it.

Runs on the system's Python before anything is installed: standard library only, and syntax that
an old Python 3 can read, so that it can say that it is too old.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST, NEWEST = (3, 11), (3, 13)
EVERYTHING = "worker,models,redis,dev"  # what `make test` installs; enough for every other command
NEEDED_MB = {"worker,redis": 900, EVERYTHING: 4000}
NO_COMPILER = ("command 'gcc' failed", "command 'cc' failed", "No such file or directory: 'cc'")


def stop(sentence: str) -> None:
    """Say what is wrong and what to do, and leave with an error."""
    sys.exit(f"\ncairn: {sentence}")


def check_machine(extras: str) -> None:
    found = sys.version_info[:2]
    if not OLDEST <= found <= NEWEST:
        stop(
            f"this is Python {found[0]}.{found[1]} ({sys.executable}). Cairn needs 3.11, 3.12 or "
            "3.13. Install one and say which: make PYTHON=python3.11 run"
        )
    if not os.access(ROOT, os.W_OK):
        stop(f"the project folder {ROOT} cannot be written to. Give your user write access.")
    free_mb = shutil.disk_usage(ROOT).free // 1_000_000
    needed_mb = 200 if PYTHON.exists() else NEEDED_MB[extras]
    if free_mb < needed_mb:
        stop(
            f"only {free_mb} MB are free where the project lies ({ROOT}); {needed_mb} MB are "
            "needed. Free some space and run the command again."
        )


def wanted(extras: str) -> str:
    """What the environment must have been built from: pyproject.toml, the extras, the Python."""
    made_of = (ROOT / "pyproject.toml").read_text() + extras + sys.version
    return hashlib.sha256(made_of.encode()).hexdigest()


def stamp(extras: str) -> Path:
    return VENV / f"cairn-{extras.replace(',', '-')}.stamp"


def is_ready(extras: str) -> bool:
    return any(
        stamp(built).exists() and stamp(built).read_text() == wanted(built)
        for built in (extras, EVERYTHING)
    )


def make_environment() -> None:
    """Create the virtual environment, or explain why Python cannot."""
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        stop(
            "Python could not make a virtual environment. On Debian or Ubuntu: apt install "
            f"python3-venv. It said: {(made.stdout + made.stderr).strip()[-300:]}"
        )


def install(extras: str) -> None:
    """Install the project with its extras. Packages come from pip's configured index or cache."""
    print("cairn: installing packages, once …", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    done = subprocess.run(
        [*pip, "-e", f".[{extras}]"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    shutil.rmtree(VENV, ignore_errors=True)  # nothing half-done stays behind
    sys.stderr.write(said[-2000:])
    stop(reason(said, extras))


def reason(said: str, extras: str) -> str:
    """One sentence for the person at the terminal, from what pip printed."""
    if any(sign in said for sign in NO_COMPILER):
        return (
            "a package has no ready build for this machine and no C compiler was found. "
            "On Debian or Ubuntu: apt install build-essential python3-dev"
        )
    if "No space left" in said:
        return f"the disk is full. Free about {NEEDED_MB[extras]} MB and try again."
    return "pip could not install the packages; its last lines are above. Is the network there?"


def prepare(extras: str) -> None:
    """Bring `.venv` to what pyproject.toml asks for; quick when it already is."""
    check_machine(extras)
    if is_ready(extras):
        return
    started = time.monotonic()
    if not PYTHON.exists():
        make_environment()
    install(extras)
    stamp(extras).write_text(wanted(extras))
    print(f"cairn: packages ready after {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    os.chdir(ROOT)
    prepare(sys.argv[1])
