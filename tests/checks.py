"""The static half of `make test`, cheapest first; stops at the first failure."""

import os
import subprocess
import sys
from pathlib import Path
from time import monotonic

ROOT = Path(__file__).resolve().parent.parent
TESTS = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
PRODUCTION = {
    "SECRET_KEY": "d3ploy-" + "k" * 60 + "!0123456789abcdefXYZ",
    "LAB_SEED_SECRET": "d3ploy-" + "s" * 60,
    "ALLOWED_HOSTS": "cairn.example.org",
    "DATABASE_URL": "sqlite:///:memory:",
    "DEMO": "false",
}
PROSE = "accounts authoring bench config content docs labs roadmap templates tests README.md"
CHECKS: list[tuple[str, list[str], dict[str, str]]] = [
    ("format", ["ruff", "format", "--check", "."], {}),
    ("lint", ["ruff", "check", "."], {}),
    ("spelling", ["codespell", *PROSE.split()], {}),
    ("import contracts", ["lint-imports"], TESTS),
    ("types", ["mypy", "."], {}),
    ("template lint", ["djlint", "--lint", "--quiet", "templates"], {}),
    ("system check", ["django-admin", "check"], TESTS),
    ("migrations", ["django-admin", "makemigrations", "--check", "--dry-run"], TESTS),
    ("deploy check", ["django-admin", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    ("content", ["django-admin", "check_pack"], TESTS),
]


def main() -> None:
    for name, words, extra in CHECKS:
        started = monotonic()
        base = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
        variables = {**os.environ, **base, **extra}
        command = [str(Path(sys.executable).with_name(words[0])), *words[1:]]
        done = subprocess.run(
            command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
        )
        print(
            f"{'ok  ' if done.returncode == 0 else 'FAIL'} {name} ({monotonic() - started:.1f} s)"
        )
        if done.returncode:
            sys.exit(f"{done.stdout}{done.stderr}\ncheck '{name}' failed; fix it and run again.")


if __name__ == "__main__":
    main()
