"""The one writer of spreadsheets: a cell that a person typed never becomes a formula."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

Rows = Sequence[Mapping[str, Any]]
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")  # noqa: RUF001  full-width forms count too


def csv_table(rows: Rows) -> bytes:
    """One table for spreadsheets: UTF-8 with BOM, every cell quoted, no cell a formula."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([cell(name) for name in names])
    writer.writerows([[cell(row.get(name)) for name in names] for row in rows])
    return text.getvalue().encode("utf-8-sig", errors="backslashreplace")


def cell(value: Any) -> str:
    """Numbers stay numbers, structures become JSON, text that starts a formula is disarmed."""
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def zip_tables(tables: Mapping[str, Rows]) -> bytes:
    """All tables in one archive: `everything.json`, and one CSV file each."""
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as files:
        whole = json.dumps(tables, ensure_ascii=False, indent=2)
        files.writestr("everything.json", whole.encode("utf-8", errors="backslashreplace"))
        for name, rows in tables.items():
            files.writestr(f"tables/{name}.csv", csv_table(rows))
    return archive.getvalue()
