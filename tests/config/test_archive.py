"""A backup holds every row, and a restore proves it."""

import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from config import archive
from roadmap.models import Activity, ActivityProgress, Step

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict[str, list[str]]:
    return {m._meta.label_lower: list(archive.lines(m)) for m in archive.tables()}


@pytest.fixture
def lived_in(published: None) -> None:
    """A site with content, people and a little history."""
    ada = User.objects.create_user("ada@example.org", name="Ада 🪨", password="correct horse")
    for activity in Activity.objects.all():
        ActivityProgress.objects.create(user=ada, activity=activity, score=0.1 + 0.2)


@pytest.fixture
def saved(lived_in: None, tmp_path: Path) -> Path:
    path = tmp_path / "cairn.zip"
    call_command("backup", path, verbosity=0)
    return path


def test_a_restore_into_an_empty_database_gives_back_every_row(saved: Path) -> None:
    before = everything()
    assert before["roadmap.step"]
    call_command("flush", interactive=False, verbosity=0)

    call_command("restore", saved, verbosity=0)

    assert everything() == before


def test_new_rows_after_a_restore_do_not_collide_with_old_ones(saved: Path) -> None:
    call_command("flush", interactive=False, verbosity=0)
    call_command("restore", saved, verbosity=0)

    step = Step.objects.create(key="new", pack="x", title="New", position=99)
    user = User.objects.create_user("new@example.org")

    assert Step.objects.filter(pk=step.pk).count() == 1
    assert User.objects.filter(pk=user.pk).count() == 1


def test_a_database_with_people_in_it_is_never_overwritten(saved: Path) -> None:
    before = everything()

    with pytest.raises(CommandError, match="Restore into an empty one"):
        call_command("restore", saved)

    assert everything() == before


def test_a_damaged_backup_changes_nothing(saved: Path) -> None:
    saved.write_bytes(saved.read_bytes()[: saved.stat().st_size // 2])
    call_command("flush", interactive=False, verbosity=0)
    before = everything()

    with pytest.raises(CommandError, match="not a whole backup"):
        call_command("restore", saved)

    assert everything() == before


def edit(path: Path, name: str, old: bytes, new: bytes) -> None:
    with zipfile.ZipFile(path) as source:
        files = {n: source.read(n) for n in source.namelist()}
    assert old in files[name]
    files[name] = files[name].replace(old, new)
    with zipfile.ZipFile(path, "w") as target:
        for n, data in files.items():
            target.writestr(n, data)


def test_an_edited_row_is_noticed_and_nothing_is_kept(saved: Path) -> None:
    edit(saved, "roadmap.activityprogress.jsonl", b"0.30000000000000004", b"0.9")
    call_command("flush", interactive=False, verbosity=0)
    before = everything()

    with pytest.raises(CommandError, match="came back different"):
        call_command("restore", saved)

    assert everything() == before


def test_a_backup_of_another_version_says_which_migrations_differ(saved: Path) -> None:
    edit(saved, "manifest.json", b"roadmap.0001_initial", b"roadmap.0099_future")
    call_command("flush", interactive=False, verbosity=0)

    with pytest.raises(CommandError, match=r"roadmap\.0099_future"):
        call_command("restore", saved)


def test_a_backup_never_overwrites_a_file(saved: Path) -> None:
    with pytest.raises(CommandError, match="exists already"):
        call_command("backup", saved)


def test_a_backup_is_for_its_owner_only_and_names_its_tables(saved: Path) -> None:
    with zipfile.ZipFile(saved) as whole:
        manifest = json.loads(whole.read("manifest.json"))

    assert saved.stat().st_mode & 0o077 == 0
    assert "labs.labrun" in manifest["tables"]
    assert "sessions.session" not in manifest["tables"]


def test_a_folder_that_cannot_be_written_is_named(lived_in: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No backup was made"):
        call_command("backup", tmp_path / "missing" / "cairn.zip")
