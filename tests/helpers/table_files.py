"""Tables as people have them, as bytes of files."""

import io
import zipfile
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

ROWS = 60


def plain(rows: int = ROWS, **columns: Any) -> pd.DataFrame:
    """Return a table of two numbers and the target that they tell, and of other columns."""
    rng = np.random.default_rng(24)
    a, b = rng.normal(0, 1, rows).round(2), rng.uniform(0, 50, rows).round(1)
    y = np.where(a + b / 25 > 1, "yes", "no")
    return pd.DataFrame({"a": a, "b": b, **columns, "y": columns.get("y", y)})


def among(*values: Any, rows: int = ROWS) -> list[Any]:
    """Return values by turns."""
    return [values[n % len(values)] for n in range(rows)]


def days(form: str) -> list[str]:
    """Return dates as text, in no order."""
    first = pd.Timestamp("2024-01-03")
    return [f"{first + pd.Timedelta(days=5 * (7 * n % ROWS)):{form}}" for n in range(ROWS)]


def csv(table: pd.DataFrame, encoding: str = "utf-8", **how: Any) -> bytes:
    """Return a table as text."""
    return table.to_csv(index=False, lineterminator=how.pop("end", "\n"), **how).encode(encoding)


def passengers() -> bytes:
    table = plain(
        name=[f"Smith, Mr. No{n}" for n in range(ROWS)],
        sex=among("male", "female", "male"),
        age=among("", 30, 41.5, 7),
        ticket=[f"PC 17{n:03}" for n in range(ROWS)],
        port=among("S", "C", "", "Q", "S"),
    )
    return csv(table.drop(columns=["b"]), end="\r\n")


def workbook() -> bytes:
    file, book = io.BytesIO(), openpyxl.Workbook()
    book.active.title = "notes"
    book.active.append(["made in May"])
    sheet, table = book.create_sheet("data"), plain()
    sheet.append(list(table))
    for row in table.itertuples(index=False):
        sheet.append(list(row))
    book.save(file)
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("export/table.csv", csv(plain()))
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    table = plain(
        kind=pd.Categorical(among("flat", "house", "loft")),
        new=among(True, False, None),
        sold=pd.to_datetime(days("%Y-%m-%d")),
    )
    table.to_parquet(file)
    return file.getvalue()


def twice() -> bytes:
    table = plain(c=1, d=2)
    table.index.name = None
    return table.to_csv(lineterminator="\n").replace("c,d", "c,c", 1).encode()


def comments() -> bytes:
    return b"# measured in May\n# a in mm\n" + csv(plain())


def wide() -> bytes:
    rng = np.random.default_rng(24)
    genes = pd.DataFrame(rng.normal(0, 1, (64, 6830)).round(2)).add_prefix("gene_")
    return csv(genes.assign(y=among("healthy", "ill", rows=64)))


def of_a_hundred() -> bytes:
    return csv(plain(404, y=np.arange(404) % 101))


HTML = b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n"
