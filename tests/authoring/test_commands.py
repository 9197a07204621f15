from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from authoring.models import Publication
from tests.authoring.conftest import QUIZ, WritePack

pytestmark = pytest.mark.django_db
QUIZ_PATH = "01-first-step/02-first-quiz.quiz.yaml"
STRAY: dict[str, str | bytes | None] = {"notes.txt": "x", QUIZ_PATH: QUIZ.replace("id: two", "id:")}


def run(*words: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*map(str, words), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_good_pack_is_told_in_numbers(write_pack: WritePack) -> None:
    out, _ = run("check_pack", write_pack())

    assert out == (
        "small: nothing wrong: 1 steps, 1 lessons, 1 quizzes, 2 questions, 0 labs, "
        "1 facts, 1 pictures\n"
    )


def test_all_problems_are_printed_and_counted(write_pack: WritePack) -> None:
    out = StringIO()

    with pytest.raises(CommandError, match="2 problems"):
        call_command("check_pack", str(write_pack(STRAY)), stdout=out)

    assert f"{QUIZ_PATH}:20: bank.1.id: nothing is not a text. Write a text.\n" in out.getvalue()
    assert "notes.txt: not a file of a pack." in out.getvalue()


def test_a_warning_is_printed_and_does_not_fail(write_pack: WritePack) -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'

    out, _ = run("check_pack", write_pack({"01-first-step/img/more.svg": svg}))

    assert out.startswith("warning: 01-first-step/img/more.svg: is not shown anywhere.\n")
    assert "nothing wrong" in out


def test_checking_changes_nothing(write_pack: WritePack) -> None:
    run("check_pack", write_pack())

    assert not Publication.objects.exists()


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="1 problem"):
        run("check_pack", tmp_path / "gone")


def test_a_pack_is_published_once(write_pack: WritePack) -> None:
    folder = write_pack()

    first, _ = run("publish_pack", folder, "--note", "First.", "--by", "Ada")
    again, _ = run("publish_pack", folder)

    assert first.startswith("small: published: 1 pictures, 3 added, 4 moved.")
    assert again == "small: nothing changed.\n"
    publication = Publication.objects.get()
    assert (publication.note, publication.by) == ("First.", "Ada")


def test_a_broken_pack_is_not_published(write_pack: WritePack) -> None:
    err = StringIO()

    with pytest.raises(CommandError, match="2 problems"):
        call_command("publish_pack", str(write_pack(STRAY)), stderr=err)

    assert "notes.txt" in err.getvalue()
    assert not Publication.objects.exists()


def test_without_a_path_the_settings_say_which(write_pack: WritePack, settings: object) -> None:
    settings.CONTENT_PACKS = [str(write_pack())]  # type: ignore[attr-defined]

    assert run("check_pack")[0].startswith("small: nothing wrong")
    assert run("publish_pack")[0].startswith("small: published")
