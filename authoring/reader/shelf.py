"""The files of a pack: names are judged, nothing is followed, everything is counted."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from authoring.pack import Problem

MAX_FILES = 2_000
MAX_FILE_BYTES = 20_000_000
MAX_ALL_BYTES = 200_000_000
ACTIVITY = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)\.(?:(lesson)\.md|(quiz|lab)\.yaml)")
FOLDER = re.compile(r"(\d\d)-([a-z0-9]+(?:-[a-z0-9]+)*)")
PICTURE = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*\.(svg|png)")
CALIBRATION = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.json")
ROOT_FILES = ("pack.yaml", "facts.yaml")
NAMES = "Name it NN-slug.lesson.md, NN-slug.quiz.yaml or NN-slug.lab.yaml, or move it to img/."


@dataclass
class Shelf:
    """Path in the pack → the file that holds it, and what is wrong with the names."""

    files: dict[str, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: str, text: str) -> None:
        self.problems.append(Problem(path, 0, "", text))

    def read(self, path: str) -> bytes | None:
        try:
            with self.files[path].open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            self.refuse(path, f"cannot be read: {error.strerror}. Check its permissions.")
            return None
        if len(data) > MAX_FILE_BYTES:
            self.refuse(path, f"is larger than {MAX_FILE_BYTES:,} bytes. Make it smaller.")
            return None
        return data

    def text(self, path: str) -> str | None:
        """The text of a file, its lines ended as on Unix."""
        data = self.read(path)
        if data is None:
            return None
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            self.problems.append(Problem(path, line, "", "is not UTF-8 here. Save it as UTF-8."))
            return None
        if "\0" in text:
            line = text[: text.index("\0")].count("\n") + 1
            self.problems.append(Problem(path, line, "", "holds a NUL. Take it out."))
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n")


def shelf_of_folder(folder: Path) -> Shelf:
    shelf = Shelf()
    if not folder.is_dir():
        shelf.refuse(folder.name or str(folder), "is not a folder. Name the folder of a pack.")
        return shelf
    for path, file in walk(folder, folder, shelf):
        if len(shelf.files) >= MAX_FILES:
            shelf.refuse(
                path, f"is file number {MAX_FILES + 1:,}. A pack has at most {MAX_FILES:,}."
            )
            break
        shelf.files[path] = file
    judge(shelf)
    return shelf


def walk(root: Path, folder: Path, shelf: Shelf) -> Iterator[tuple[str, Path]]:
    """Every plain file below a folder, three levels deep. Links are named, never followed."""
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        shelf.refuse(shown(folder, root), f"cannot be read: {error.strerror}. Check permissions.")
        return
    for entry in entries:
        path = shown(entry, root)
        reason = unwalkable(entry, path)
        if reason:
            shelf.refuse(path, reason)
        elif entry.is_dir():
            yield from walk(root, entry, shelf)
        else:
            yield path, entry


def unwalkable(entry: Path, path: str) -> str:
    """Why nobody goes there, or nothing."""
    if entry.name.startswith("."):
        return "is hidden. Take it out of the pack."
    if entry.is_symlink():
        return "is a link. Put the file itself there."
    if entry.is_dir():
        deep = path.count("/") >= 2
        return "is too deep. A pack has steps, and img/ inside them." if deep else ""
    return "" if entry.is_file() else "is neither a file nor a folder. Take it out."


def shown(path: Path, root: Path) -> str:
    """The path inside the pack, safe to print: odd bytes and control signs are escaped."""
    return printable(path.relative_to(root).as_posix())


def printable(name: str) -> str:
    text = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def judge(shelf: Shelf) -> None:
    """Take off the shelf what no pack may hold, with a reason each."""
    seen: dict[str, str] = {}
    total = 0
    for path in list(shelf.files):
        plain = unicodedata.normalize("NFC", path).casefold()
        reason = misnamed(path)
        if plain in seen:
            reason = f"differs from {seen[plain]} in case or accents only. Rename one."
        seen.setdefault(plain, path)
        total += size(shelf.files[path])
        if total > MAX_ALL_BYTES:
            reason = f"makes the pack larger than {MAX_ALL_BYTES:,} bytes. Take something out."
        if reason:
            shelf.refuse(path, reason)
            del shelf.files[path]


def size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # reading it will say why


def misnamed(path: str) -> str:
    """Why no pack has a file of this name, or nothing."""
    folder, _, name = path.rpartition("/")
    if not folder:
        known = name in ROOT_FILES
        wanted = "not a file of a pack. There are pack.yaml, facts.yaml and folders NN-slug/."
    elif folder == "calibrations":
        known = bool(CALIBRATION.fullmatch(name))
        wanted = "not a calibration. Name it exercise.json."
    else:
        return misplaced(folder, name)
    return "" if known else wanted


def misplaced(folder: str, name: str) -> str:
    step, _, inside = folder.partition("/")
    if not FOLDER.fullmatch(step):
        return f"is in {step}/, which is no step. Name the folder NN-slug, such as 01-start."
    if inside == "img":
        hint = "not a picture. Name it in small letters, .svg or .png."
        return "" if PICTURE.fullmatch(name) else hint
    if inside:
        return "is too deep. A step has its files, and pictures in img/."
    if name == "step.yaml" or ACTIVITY.fullmatch(name):
        return ""
    return f"not a content file. {NAMES}"
