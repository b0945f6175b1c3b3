"""The points of a sweep as a Parquet file."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec

from verify.engine.sweep_run import Line

ROWS = 50_000
"""Rows in one group."""


def write_parquet(lines: Path, target: Path) -> None:
    """Convert a file of JSON lines: a column of text for each parameter, the status, the margin.

    The numbers stay text, since they are exact.
    """
    import pyarrow  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    temporary = target.with_name(f".{target.name}.new")
    with lines.open("rb") as file:
        names = list(msgspec.json.decode(file.readline())["over"])
        fields = [(name, pyarrow.string()) for name in (*names, "status", "margin")]
        schema = pyarrow.schema(fields)
        with parquet.ParquetWriter(temporary, schema) as writer:
            while rows := [
                msgspec.json.decode(line, type=Line) for line in itertools.islice(file, ROWS)
            ]:
                columns = {name: [row.point[name] for row in rows] for name in names}
                columns |= {"status": [row.status for row in rows]}
                table = pyarrow.table({**columns, "margin": [row.margin for row in rows]}, schema)
                writer.write_table(table)
    temporary.replace(target)
    lines.unlink()
