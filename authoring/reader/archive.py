"""A pack in a zip file. Sizes are counted while unpacking, and no name of the file is used."""

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from authoring.reader.shelf import (
    MAX_ALL_BYTES,
    MAX_FILE_BYTES,
    MAX_FILES,
    Shelf,
    judge,
    printable,
)

MAX_ARCHIVE_BYTES = 50_000_000
MAX_RATIO = 100
PIECE = 65_536
ENTRY = b"PK\x01\x02"  # starts each entry of a zip file's table


class Unsafe(Exception):
    """The archive, or one file in it, is not unpacked. The text says why."""


@contextmanager
def shelf_of_zip(file: Path) -> Iterator[Shelf]:
    """The files of the archive, for as long as the context lasts."""
    shelf = Shelf()
    with TemporaryDirectory(prefix="pack-") as folder:
        try:
            require_small(file)
            with zipfile.ZipFile(file) as archive:
                unpack(archive, Path(folder), shelf)
        except Unsafe as unsafe:
            shelf.refuse(printable(file.name), str(unsafe))
        except OSError as error:
            shelf.refuse(printable(file.name), f"cannot be read: {error.strerror}.")
        except (zipfile.BadZipFile, ValueError):
            shelf.refuse(printable(file.name), "is not a zip file that can be read. Zip it again.")
        judge(shelf)
        yield shelf


def require_small(file: Path) -> None:
    if file.stat().st_size > MAX_ARCHIVE_BYTES:
        raise Unsafe(f"is larger than {MAX_ARCHIVE_BYTES:,} bytes. Make the pack smaller.")
    if file.read_bytes().count(ENTRY) > 2 * MAX_FILES:
        raise Unsafe(f"has more than {MAX_FILES:,} files. Make the pack smaller.")


def unpack(archive: zipfile.ZipFile, folder: Path, shelf: Shelf) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise Unsafe(f"has {len(entries):,} files. A pack has at most {MAX_FILES:,}.")
    top = common_folder([entry.filename for entry in entries])
    total = 0
    for number, entry in enumerate(entries):
        path = printable(entry.filename.removeprefix(top))
        try:
            require_plain(entry, path, shelf)
            target = folder / f"{number:05}"
            total += copy(archive, entry, target)
        except Unsafe as unsafe:
            shelf.refuse(path, str(unsafe))
            continue
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
            shelf.refuse(path, "cannot be unpacked. Zip it again.")
            continue
        if total > MAX_ALL_BYTES:
            raise Unsafe(f"unpacks to more than {MAX_ALL_BYTES:,} bytes. Make the pack smaller.")
        shelf.files[path] = target


def common_folder(names: list[str]) -> str:
    """Many programs put everything into one folder of the pack's name."""
    tops = {name.partition("/")[0] for name in names}
    is_wrapped = len(tops) == 1 and "pack.yaml" not in names
    return f"{tops.pop()}/" if is_wrapped else ""


def require_plain(entry: zipfile.ZipInfo, path: str, shelf: Shelf) -> None:
    mode = entry.external_attr >> 16
    name = printable(entry.filename)
    parts = name.split("/")
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Unsafe("is a link or a device. Put the file itself there.")
    if "" in parts or "\\" in name or ":" in name or any(part.startswith(".") for part in parts):
        raise Unsafe("is hidden, or leads out of the pack. Rename it.")
    if path in shelf.files:
        raise Unsafe("is in the archive twice. Keep one.")
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Unsafe("is encrypted or packed in an unusual way. Zip it plainly.")


def copy(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> int:
    """Unpack one file. What its header says about sizes is not believed."""
    most = min(MAX_FILE_BYTES, max(entry.compress_size * MAX_RATIO, PIECE))
    with archive.open(entry) as packed, target.open("wb") as file:
        return pour(packed, file, most)


def pour(packed: IO[bytes], file: IO[bytes], most: int) -> int:
    size = 0
    while piece := packed.read(PIECE):
        size += len(piece)
        if size > most:
            raise Unsafe(f"unpacks to more than {most:,} bytes. Make it smaller.")
        file.write(piece)
    return size
