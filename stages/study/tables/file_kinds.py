"""What a file is, by its first bytes; what cannot be read is refused with a way out."""

import io
import zipfile
from pathlib import Path

from stages.study.errors import InputError

PANDAS = "pandas.{reader} reads it, and .to_csv(..., index=False) writes what can be read here"

#: How files begin that hold no table that can be read here: what they are, and what to do.
OTHERS = {
    b"%PDF": ("a PDF", "Export the table from where it was made"),
    b"SQLite format 3": ("an SQLite database", PANDAS.format(reader="read_sql")),
    b"\x89HDF": ("HDF5", PANDAS.format(reader="read_hdf")),
    b"\x93NUMPY": ("a NumPy array", "Write it as CSV, with names in the first line"),
    b"RDX": ("an R workspace", "In R, write.csv(NAME, FILE, row.names = FALSE) writes a CSV"),
    b"RDA": ("an R workspace", "In R, write.csv(NAME, FILE, row.names = FALSE) writes a CSV"),
    b"X\n\0": ("an R object", "In R, write.csv(readRDS(FILE), row.names = FALSE) writes a CSV"),
    b"$FL": ("an SPSS file", PANDAS.format(reader="read_spss")),
    b"<stata_dta>": ("a Stata file", PANDAS.format(reader="read_stata")),
    b"\0" * 12 + b"\xc2\xea\x81\x60": ("a SAS file", PANDAS.format(reader="read_sas")),
    b"ORC": ("ORC", PANDAS.format(reader="read_orc")),
    b"Obj\x01": ("Avro", "Write it as Parquet"),
    b"FEA1": ("an old Feather file", "pyarrow.feather.write_feather writes today's kind"),
    b"\x80\x03": ("a Python pickle", PANDAS.format(reader="read_pickle")),
    b"\x80\x04": ("a Python pickle", PANDAS.format(reader="read_pickle")),
    b"\x80\x05": ("a Python pickle", PANDAS.format(reader="read_pickle")),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", "Unpack it, or compress it by gzip"),
    b"7z\xbc\xaf": ("a 7z archive", "Unpack it, or compress it by gzip"),
    b"Rar!": ("a RAR archive", "Unpack it, or compress it by gzip"),
    b"PK\x03\x04": ("a zip archive", "Unpack it"),
    b"PK\x05\x06": ("an empty zip archive", "Make it anew, with the table in it"),
    b"\xff\xff\xff\xff": (
        "a stream of Arrow",
        "pyarrow.ipc.open_stream(FILE).read_pandas() reads it, and .to_parquet(...) writes Parquet",
    ),
    b"PAR1": ("Parquet", "Parquet compresses by itself; unpack it"),
    b"ARROW1": ("Feather", "Feather compresses by itself; unpack it"),
    b"\xd0\xcf\x11\xe0": ("an Excel workbook", "Unpack it"),
    b"version https://git-lfs": ("a pointer of Git LFS", "git lfs pull brings the file itself"),
}

#: The same of text, whatever its case and the blanks before it.
TEXTS = {
    "<!doctype html": ("a web page", "A download may have asked for a login"),
    "<html": ("a web page", "A download may have asked for a login"),
    "<?xml": ("XML", PANDAS.format(reader="read_xml")),
    "{": ("JSON", PANDAS.format(reader="read_json")),
    "[{": ("JSON", PANDAS.format(reader="read_json")),
    "[[": ("JSON", PANDAS.format(reader="read_json")),
    "@relation": ("ARFF", "sklearn.datasets.fetch_openml or scipy.io.arff reads it; write a CSV"),
    "%!ps": ("PostScript", "Export the table from where it was made"),
}

#: Of a tar archive, and where it stands.
TAR = (257, b"ustar")


def kind_of(file: io.BufferedReader) -> str:
    """Return ``parquet``, ``feather``, ``workbook`` or, of anything else, ``text``."""
    start = file.peek()
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"ARROW1"):
        return "feather"
    old = start.startswith(b"\xd0\xcf\x11\xe0")
    return "workbook" if old or (start.startswith(b"PK\x03\x04") and _has_sheets(file)) else "text"


def _has_sheets(file: io.BufferedReader) -> bool:
    if not file.seekable():
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return False
    finally:
        file.seek(0)
    return any(name.startswith("xl/") for name in names) or {"content.xml", "mimetype"} <= {*names}


def refuse(path: Path, sample: bytes, packed: str = "") -> None:
    """Raise an error that says what a file looks like, if it is none that can be read as text.

    Parameters
    ----------
    path : Path
    sample : bytes
        How the file begins.
    packed : str
        By what it was compressed, if it was.
    """
    found = next((own for magic, own in OTHERS.items() if sample.startswith(magic)), None)
    if sample[TAR[0] :].startswith(TAR[1]):
        found = ("a tar archive", "Unpack it, and name the table by data.path")
    text = sample[:200].decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip().lower()
    found = found or next((own for begin, own in TEXTS.items() if text.startswith(begin)), None)
    if found:
        within = f", inside {packed}" if packed else ""
        raise InputError(f"{path}: cannot be read: looks like {found[0]}{within}\n{found[1]}.")
