"""The static half of `make test`, cheapest first; stops at the first failure."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
TESTS = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
PRODUCTION = {
    "SECRET_KEY": "d3ploy-" + "k" * 60 + "!0123456789abcdefXYZ",
    "LAB_SEED_SECRET": "d3ploy-" + "s" * 60,
    "ALLOWED_HOSTS": "cairn.example.org",
    "DEMO": "false",
}
PROSE = "accounts authoring bench config content docs labs pebble roadmap templates tests README.md"
CHECKS: list[tuple[str, list[str], dict[str, str]]] = [
    ("format", ["ruff", "format", "--check", "."], {}),
    ("lint", ["ruff", "check", "."], {}),
    ("spelling", ["codespell", *PROSE.split()], {}),
    ("import contracts", ["lint-imports"], TESTS),
    ("types", ["mypy", "."], {}),
    ("template lint", ["djlint", "--lint", "--quiet", "templates"], {}),
    ("system check", ["django-admin", "check"], TESTS),
    ("migrations", ["django-admin", "makemigrations", "--check", "--dry-run"], TESTS),
    ("migrate", ["django-admin", "migrate", "--verbosity", "0"], PRODUCTION),
    ("deploy check", ["django-admin", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ("content", ["django-admin", "check_pack"], PRODUCTION),
]


def main() -> None:
    with TemporaryDirectory(prefix="cairn-checks-") as folder:
        base = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "PYTHONPATH": str(ROOT),
        }
        for name, words, extra in CHECKS:
            run(name, words, {**os.environ, **base, **extra})


def run(name: str, words: list[str], variables: dict[str, str]) -> None:
    started = monotonic()
    command = [str(Path(sys.executable).with_name(words[0])), *words[1:]]
    done = subprocess.run(
        command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    failed = done.returncode != 0
    print(f"{'FAIL' if failed else 'ok  '} {name} ({monotonic() - started:.1f} s)", flush=True)
    if failed:
        sys.exit(f"{done.stdout}{done.stderr}\ncheck '{name}' failed; fix it and run again.")


if __name__ == "__main__":
    main()
