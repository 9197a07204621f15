"""Backup and restore: every row of the site in one file that any supported database can read.

The file is a zip with a manifest and one file of JSON lines per table. Each table's sha256 stands
in the manifest, so a restore can prove that it holds what was saved. Left out: sessions and the
cache (people log in again), and what migrations make by themselves.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils.timezone import now

from accounts.models import User

FORMAT = 1
LEFT_OUT = {"sessions.session", "admin.logentry"}


class ArchiveError(Exception):
    """The backup cannot be made or restored. Shown to the operator as it is."""


@dataclass(frozen=True)
class Report:
    rows: int
    tables: dict[str, str]  # table → sha256 of its lines


def tables() -> list[type[models.Model]]:
    """Every model with rows of its own, the automatic many-to-many tables included."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.label_lower not in LEFT_OUT]


def lines(model: type[models.Model]) -> Iterator[str]:
    """The table's rows as JSON, in the order of their keys."""
    names = [field.name for field in model._meta.local_concrete_fields]
    for row in model._base_manager.order_by("pk").iterator(chunk_size=500):
        [plain] = serializers.serialize("python", [row], fields=names)
        yield json.dumps([plain["pk"], plain["fields"]], default=as_text, sort_keys=True)


def as_text(value: Any) -> str:
    """Times to the microsecond: Django's own encoder keeps milliseconds only."""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def applied_migrations() -> list[str]:
    recorded = MigrationRecorder(connection).applied_migrations()
    return sorted(f"{app}.{name}" for app, name in recorded)


def backup(path: Path) -> Report:
    """Write everything to `path`, as it was at one moment. A half-written file never stays."""
    partial = path.with_suffix(".partial")
    digests: dict[str, str] = {}
    rows = 0
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive, one_moment():
            for model in tables():
                label = model._meta.label_lower
                digests[label], count = save_table(archive, model)
                rows += count
            manifest = {
                "format": FORMAT,
                "made_at": now().isoformat(),
                "migrations": applied_migrations(),
                "tables": digests,
            }
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        partial.chmod(0o600)
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    return Report(rows, digests)


@contextmanager
def one_moment() -> Iterator[None]:
    """A transaction in which all tables are seen as of the same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def save_table(archive: zipfile.ZipFile, model: type[models.Model]) -> tuple[str, int]:
    sha, count = hashlib.sha256(), 0
    with archive.open(f"{model._meta.label_lower}.jsonl", "w", force_zip64=True) as file:
        for line in lines(model):
            data = line.encode() + b"\n"
            sha.update(data)
            file.write(data)
            count += 1
    return sha.hexdigest(), count


def restore(path: Path) -> Report:
    """Fill an empty, migrated database from a backup, or change nothing.

    Raises:
        ArchiveError: the file is damaged, the database is not empty, or it is of another version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = read_manifest(archive)
            check_target(manifest)
            with transaction.atomic():
                rows = load_tables(archive, manifest)
    except (OSError, zipfile.BadZipFile, KeyError, json.JSONDecodeError) as error:
        raise ArchiveError(f"{path} is not a whole backup: {error}. Nothing was changed.") from None
    return Report(rows, manifest["tables"])


def read_manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest.get("format") != FORMAT:
        raise ArchiveError(f"This backup has format {manifest.get('format')}; {FORMAT} is read.")
    return manifest


def check_target(manifest: dict[str, Any]) -> None:
    if User.objects.exists():
        raise ArchiveError(
            "The database has accounts in it. Restore into an empty one: point DATABASE_URL at a "
            "new database and run manage.py migrate first."
        )
    here, there = set(applied_migrations()), set(manifest["migrations"])
    if here != there:
        raise ArchiveError(
            "The backup is of another version. Install the version it was made with, restore, "
            f"then upgrade. Only here: {sorted(here - there)}. Only there: {sorted(there - here)}."
        )


def load_tables(archive: zipfile.ZipFile, manifest: dict[str, Any]) -> int:
    """Insert every row, check every digest, set the sequences. Runs inside one transaction."""
    models_here = tables()
    for model in reversed(models_here):
        with connection.cursor() as cursor:  # no signals, no cascades: the database is empty
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608  our own table
    rows = sum(load_table(archive, model) for model in models_here)
    for model in models_here:
        sha = hashlib.sha256()
        for line in lines(model):
            sha.update(line.encode() + b"\n")
        if sha.hexdigest() != manifest["tables"][model._meta.label_lower]:
            raise ArchiveError(f"{model._meta.label} came back different. Nothing was changed.")
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models_here):
            cursor.execute(statement)
    return rows


def load_table(archive: zipfile.ZipFile, model: type[models.Model]) -> int:
    count = 0
    with archive.open(f"{model._meta.label_lower}.jsonl") as file:
        for line in io.TextIOWrapper(file, encoding="utf-8"):
            pk, fields = json.loads(line)
            row = {"model": model._meta.label_lower, "pk": pk, "fields": fields}
            for parsed in serializers.deserialize("python", [row]):
                models.Model.save_base(parsed.object, raw=True, force_insert=True)
            count += 1
    return count
