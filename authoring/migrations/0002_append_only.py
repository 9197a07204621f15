"""History stays as it was written: an UPDATE of these rows is an error in the database."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from roadmap.append_only import create_trigger, drop_trigger

# Model → columns that are derived and may be made again.
APPEND_ONLY: dict[str, set[str]] = {
    "Publication": set(),
    "Asset": set(),
}


def columns(apps: Apps, model: str) -> tuple[str, list[str]]:
    meta = apps.get_model("authoring", model)._meta
    free = APPEND_ONLY[model]
    return meta.db_table, [f.column for f in meta.local_concrete_fields if f.name not in free]


def create(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model in APPEND_ONLY:
        for statement in create_trigger(schema_editor.connection.vendor, *columns(apps, model)):
            schema_editor.execute(statement, params=None)


def drop(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for model in APPEND_ONLY:
        for statement in drop_trigger(schema_editor.connection.vendor, columns(apps, model)[0]):
            schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("authoring", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
