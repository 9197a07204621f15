"""The rules of the house that no linter knows."""

import ast
import re
import statistics
import tomllib
from pathlib import Path

import pytest

APPS = ["accounts", "authoring", "labs", "roadmap"]
MODULES = sorted(
    path
    for app in [*APPS, "config"]
    for path in Path(app).rglob("*.py")
    if "migrations" not in path.parts
)
TEMPLATES = sorted(Path("templates").rglob("*.html"))
OURS = [path for path in TEMPLATES if path.parts[1] not in {"allauth", "account", "mfa"}]
PARTS = [path for path in OURS if path.name.startswith("_")]
EVAL = r"hx-on|hx-vars|hx-ext|hx-boost|=[\"']js:|javascript:|hx-trigger=\"[^\"]*\[|\bstyle="


def functions(path: Path) -> list[ast.FunctionDef]:
    return [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]


def length(function: ast.FunctionDef) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_fits_in_one_reading(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400, "Split it by noun."
    long = [f.name for f in functions(path) if length(f) > 50]
    assert not long, f"{long}: give their parts names."


def test_most_functions_are_short() -> None:
    lengths = [length(function) for path in MODULES for function in functions(path)]

    assert statistics.median(lengths) <= 10
    assert statistics.quantiles(lengths, n=10)[-1] <= 28


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_says_what_it_is_for(path: Path) -> None:
    if path.name in {"__init__.py", "apps.py", "urls.py", "admin.py"}:
        return
    assert ast.get_docstring(ast.parse(path.read_text())), "Open it with one line."


@pytest.mark.parametrize("path", PARTS, ids=str)
def test_a_part_says_what_it_needs(path: Path) -> None:
    assert path.read_text().startswith("{#"), "Begin with a comment that names its context."


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_nothing_in_a_template_needs_eval_or_inline_style(path: Path) -> None:
    assert not re.search(EVAL, path.read_text())


def test_every_app_is_on_the_floor_plan() -> None:
    tools = tomllib.loads(Path("pyproject.toml").read_text())["tool"]
    packages = {path.parent.name for path in Path().glob("*/__init__.py")} - {"tests", "bench"}

    assert packages == set(tools["importlinter"]["root_packages"])


@pytest.mark.parametrize(
    "path", sorted(p for app in APPS for p in Path(app).glob("views*/**/*.py")), ids=str
)
def test_views_in_packages_reach_rows_by_an_access_function(path: Path) -> None:
    assert ".objects" not in path.read_text()


@pytest.mark.parametrize("app", APPS)
def test_views_reach_rows_by_an_access_function(app: str) -> None:
    views = Path(app, "views.py")

    assert not views.exists() or ".objects" not in views.read_text()


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_nobody_overrides_save_or_listens_to_signals(path: Path) -> None:
    tree = ast.parse(path.read_text())
    saves = [f.name for f in functions(path) if f.name in {"save", "delete"}]
    imports = [n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]

    assert not saves
    assert "django.db.models.signals" not in imports


@pytest.mark.parametrize("path", sorted(Path("static").rglob("*.*")), ids=str)
def test_static_files_are_ours_and_readable(path: Path) -> None:
    assert path.suffix in {".css", ".js", ".svg"}
    text = path.read_text()
    assert ".min." not in path.name
    assert "sourceMappingURL" not in text
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)
