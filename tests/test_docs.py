"""The docs name what there is, and nothing that is not."""

import re
from importlib.metadata import version
from pathlib import Path

import pytest

from authoring.pack import Fact, LabFile, LessonHead, PackFile, QuizFile, StepFile
from labs.registry import all_exercises
from roadmap.policy import Policy

DOCS = [*sorted(Path("docs").rglob("*.md")), *(Path(n) for n in ("README.md", "CONTRIBUTING.md"))]
COMMANDS = sorted(
    path.stem
    for path in Path().glob("*/management/commands/*.py")
    if path.stem != "__init__" and ".venv" not in path.parts
)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_operators_guide_names_every_command(name: str) -> None:
    assert f"manage.py {name}" in Path("docs/operations.md").read_text()


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_the_docs_name_no_command_that_is_not_there(path: Path) -> None:
    named = set(re.findall(r"manage\.py (\w+)", path.read_text()))
    django = {"migrate", "createcachetable", "createsuperuser", "collectstatic"}

    assert named <= set(COMMANDS) | django


@pytest.mark.parametrize("slug", sorted(all_exercises()))
def test_the_exercises_page_names_every_exercise(slug: str) -> None:
    assert f"`{slug}`" in Path("docs/exercises.md").read_text()


@pytest.mark.parametrize("shape", [PackFile, Fact, StepFile, LessonHead, QuizFile, LabFile, Policy])
def test_the_pack_page_names_every_field(shape: type) -> None:
    guide = Path("docs/content-packs.md").read_text()
    fields = getattr(shape, "model_fields")  # noqa: B009  the type is one of several models

    assert [name for name in fields if f"`{name}`" not in guide] == []


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_every_link_of_the_docs_leads_somewhere(path: Path) -> None:
    prose = re.sub(r"`[^`]*`", "", path.read_text())
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose)
    local = [target for target in targets if "://" not in target]

    assert [target for target in local if not (path.parent / target).exists()] == []


@pytest.mark.parametrize("path", [*DOCS, Path("Makefile")], ids=str)
def test_every_make_word_of_the_docs_is_in_the_makefile(path: Path) -> None:
    words = set(re.findall(r"\bmake ([a-z-]+)\b", re.sub(r"`PORT=\d+ ", "`", path.read_text())))
    rules = set(re.findall(r"^([a-z-]+):", Path("Makefile").read_text(), re.MULTILINE))
    prose = {"a", "it", "sure", "them", "run"}

    assert words - prose <= rules


def test_htmx_is_the_file_that_was_read() -> None:
    """2.0.10 is what the traps of docs and tests were measured on; another is a decision."""
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"

    assert 'version:"2.0.10"' in htmx.read_text()
    assert version("django-htmx").startswith("1.29.")


def test_dependencies_are_all_explained_and_bounded() -> None:
    text = Path("pyproject.toml").read_text()
    listed = re.findall(r'^  "([a-z0-9-]+)(?:\[[^\]]*\])?([<>=~].*)?",', text, re.MULTILINE)
    page = Path("docs/dependencies.md").read_text().lower()

    assert len(listed) >= 30
    for name, bound in listed:
        assert name.startswith("types-") or name in page, name
        assert name.startswith("types-") or bound, f"{name} has no lower bound"
