import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from authoring.models import Publication
from authoring.reader import read_path
from tests.authoring.conftest import FILES

MakeZip = Callable[..., Path]


@pytest.fixture
def make_zip(tmp_path: Path) -> MakeZip:
    """Zips the small pack, with extra entries: (name or ZipInfo, bytes)."""

    def make(*extra: tuple[str | zipfile.ZipInfo, bytes], top: str = "") -> Path:
        file = tmp_path / "small.zip"
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in FILES.items():
                archive.writestr(top + name, text)
            for entry, data in extra:
                archive.writestr(entry, data)
        return file

    return make


def problems(file: Path) -> list[str]:
    return [str(problem) for problem in read_path(file).problems]


@pytest.mark.parametrize("top", ["", "cairn/"])
def test_a_zipped_pack_is_read_like_a_folder(make_zip: MakeZip, top: str) -> None:
    outcome = read_path(make_zip(top=top))

    assert outcome.problems == []
    assert outcome.pack is not None
    assert [one.key for one in outcome.pack.activities] == ["first-lesson", "first-quiz"]


@pytest.mark.django_db
def test_a_zipped_pack_can_be_published(make_zip: MakeZip) -> None:
    call_command("publish_pack", str(make_zip()))

    assert Publication.objects.get().pack == "small"


def link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("01-first-step/img/link.svg")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


NAMES = [
    ("../evil.yaml", "is hidden, or leads out of the pack"),
    ("01-first-step/../../evil.yaml", "is hidden, or leads out of the pack"),
    ("/etc/evil", "is hidden, or leads out of the pack"),
    ("C:/evil", "is hidden, or leads out of the pack"),
    ("a\\..\\evil", "is hidden, or leads out of the pack"),
    (".git/config", "is hidden, or leads out of the pack"),
    ("01-first-step/evil\x1b.md", "evil\\x1b.md: is hidden, or leads out of the pack"),
    ("01-first-step/more.zip", "not a content file"),
    ("PACK.yaml", "in case or accents only"),
]


@pytest.mark.parametrize(("name", "reason"), NAMES)
def test_a_hostile_name_is_refused(
    make_zip: MakeZip, tmp_path: Path, name: str, reason: str
) -> None:
    told = problems(make_zip((name, b"x")))

    assert any(reason in one for one in told), told
    assert [path.name for path in tmp_path.rglob("*")] == ["small.zip"]


def test_a_link_in_an_archive_is_refused(make_zip: MakeZip) -> None:
    assert problems(make_zip((link(), b"/etc/passwd"))) == [
        "01-first-step/img/link.svg: is a link or a device. Put the file itself there."
    ]


def test_a_bomb_is_stopped_while_it_unpacks(make_zip: MakeZip) -> None:
    bomb = ("01-first-step/img/bomb.svg", b"0" * 30_000_000)

    [told] = problems(make_zip(bomb))

    assert told.startswith("01-first-step/img/bomb.svg: unpacks to more than ")


def test_many_bombs_are_stopped_together(
    make_zip: MakeZip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authoring.reader.archive.MAX_ALL_BYTES", 100_000)
    many = [(f"01-first-step/img/p{n}.svg", bytes(range(256)) * 200) for n in range(5)]

    assert "unpacks to more than 100,000 bytes" in "\n".join(problems(make_zip(*many)))


def test_an_archive_with_many_files_is_refused(make_zip: MakeZip) -> None:
    many = [(f"01-first-step/img/p{number}.svg", b"") for number in range(2_001)]

    assert "A pack has at most 2,000" in problems(make_zip(*many))[0]


def test_the_same_name_twice_is_refused(make_zip: MakeZip) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = make_zip(("pack.yaml", b"slug: other"))

    assert "pack.yaml: is in the archive twice. Keep one." in problems(file)


def test_what_is_no_archive_is_refused(tmp_path: Path, make_zip: MakeZip) -> None:
    torn = make_zip().read_bytes()
    for name, data in (("a.zip", b""), ("b.zip", b"PK"), ("c.zip", torn[:-30])):
        (tmp_path / name).write_bytes(data)
        assert problems(tmp_path / name) == [
            f"{name}: is not a zip file that can be read. Zip it again."
        ]
    assert "cannot be read" in problems(tmp_path / "gone.zip")[0]


def test_damaged_bytes_are_problems_and_never_tracebacks(make_zip: MakeZip, tmp_path: Path) -> None:
    whole = make_zip().read_bytes()
    damaged = tmp_path / "damaged.zip"
    for place in range(0, len(whole), 37):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert read_path(damaged) is not None
