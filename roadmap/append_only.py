"""SQL of the triggers that keep history as it was written. Pure.

An append-only row may be inserted and, when its person is erased, deleted; never changed.
"""

from collections.abc import Sequence


def create_trigger(vendor: str, table: str, columns: Sequence[str]) -> list[str]:
    """Statements after which an UPDATE of any of `columns` is an error.

    Columns left out are derived ones, such as rendered HTML, which may be made again.
    """
    listed = ", ".join(f'"{column}"' for column in columns)
    message = f"{table} is append-only"
    if vendor == "postgresql":
        return [
            """CREATE OR REPLACE FUNCTION refuse_update() RETURNS trigger AS $$
            BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23514'; END;
            $$ LANGUAGE plpgsql""",
            f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OF {listed} ON "{table}" '
            "FOR EACH ROW EXECUTE FUNCTION refuse_update()",
        ]
    return [
        f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OF {listed} ON "{table}" '
        f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
    ]


def drop_trigger(vendor: str, table: str) -> list[str]:
    suffix = f' ON "{table}"' if vendor == "postgresql" else ""
    return [f'DROP TRIGGER IF EXISTS "{table}_append_only"{suffix}']
