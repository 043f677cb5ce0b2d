"""Uploaded files before anything opens them: size, magic, zip, gzip and SQLite held to account."""

import gzip
import re
import sqlite3
import stat
import zipfile
import zlib
from contextlib import closing
from pathlib import Path, PurePosixPath

from zones.area import AreaRefused, Fault

MOST_ENTRIES = 100
MOST_RATIO = 20
_FREE_RATIO_BYTES = 5_000_000  # below, a high ratio is an empty table, not a bomb
_STEPS = 20_000_000  # of SQLite's machine, a few seconds: then the check is given up
_SHAPE_PARTS = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
_PIECE = 1 << 20
# The whole of it up to the module: "using rtree" may also stand in a name or a remark.
_SPATIAL_INDEX = re.compile(
    r"""CREATE\s+VIRTUAL\s+TABLE\s+(?:"(?:[^"]|"")*"|\w+)\s+USING\s+rtree\s*\(""", re.IGNORECASE
)


def read_bounded(path: Path, *, most: int) -> bytes:
    """Read a file, gunzipped if it is gzip, but never more than `most` bytes; else AreaRefused."""
    check_size(path, most=most)
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    if not packed:
        return path.read_bytes()
    try:
        with gzip.open(path) as file:
            content = file.read(most + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise _refused(path, "the gzip file is damaged: copy it again.") from fault
    if len(content) > most:
        raise _refused(path, f"it unpacks to more than {most:,} bytes.")
    return content


def check_size(path: Path, *, most: int) -> None:
    """Raise AreaRefused above `most` bytes or for what is not a file."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise _refused(path, "it is not a file: save it to one first.")
    if found.st_size > most:
        raise _refused(path, f"it has {found.st_size:,} bytes; at most {most:,} are read.")


def unpack_shapefiles(path: Path, into: Path, *, most: int) -> list[Path]:
    """Unpack the shapefiles of a zip, flat, and return their .shp files in order of name.

    Refused (AreaRefused): more than 100 entries, absolute or climbing names, links, encryption,
    a ratio above 20, more than `most` bytes in all, counted as they are written.
    """
    check_size(path, most=most)
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_entries(path, entries, most=most)
            for entry in entries:
                name = PurePosixPath(entry.filename)
                if name.name.startswith("._"):
                    continue  # macOS packs each file's Finder notes beside it, under its suffix
                if name.suffix.lower() in _SHAPE_PARTS:
                    most -= _unpack(archive, entry, into, most=most)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError) as fault:
        raise _refused(path, "the zip file is damaged or encrypted: pack it again.") from fault
    shapes = sorted(into.glob("*.shp"))
    if not shapes:
        raise _refused(path, "the zip file holds no .shp file.")
    return shapes


def check_geopackage(path: Path, *, most: int) -> None:
    """Refuse (AreaRefused) what is no sound GeoPackage, before GDAL opens it.

    Opened read-only and immutable with an untrusted schema, so that none of its triggers can
    run; views and virtual tables other than the spatial index are refused, and the check itself
    is given up after a bounded number of steps (sqlite.org/security.html).
    """
    check_size(path, most=most)
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            raise _refused(path, "it is not a GeoPackage.")
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as database:
            _harden(database)
            if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                raise _refused(path, "the GeoPackage is damaged: export it again.")
            for kind, sql in database.execute(
                "SELECT type, coalesce(sql, '') FROM sqlite_schema WHERE type = 'view'"
                " OR (type = 'table' AND coalesce(rootpage, 0) = 0)"  # a virtual table
            ):
                if kind == "view" or not _SPATIAL_INDEX.match(sql):
                    raise _refused(path, "it holds views or virtual tables: export plain layers.")
    except (sqlite3.Error, UnicodeDecodeError) as fault:  # a name or a remark may be no text
        raise _refused(path, "the GeoPackage is damaged: export it again.") from fault


def _harden(database: sqlite3.Connection) -> None:
    steps = iter(range(_STEPS // 10_000))
    database.set_progress_handler(lambda: next(steps, None) is None, 10_000)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "query_only=ON", "mmap_size=0"):
        database.execute(f"PRAGMA {pragma}")


def _check_entries(path: Path, entries: list[zipfile.ZipInfo], *, most: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise _refused(path, f"it holds {len(entries)} files; at most {MOST_ENTRIES} are read.")
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in entry.filename:
            raise _refused(path, "a name in the zip file leads out of it.")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _refused(path, "the zip file holds a link.")
    size = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if size > most or (size > _FREE_RATIO_BYTES and size > MOST_RATIO * packed):
        raise _refused(path, f"it unpacks to {size:,} bytes: too many, or packed too tightly.")


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, into: Path, *, most: int) -> int:
    name = PurePosixPath(entry.filename)
    target = into / (name.stem + name.suffix.lower())
    if target.exists():
        raise AreaRefused([Fault(entry.filename, "Two layers of the zip have the same name.")])
    written = 0
    with archive.open(entry) as source, target.open("xb") as file:
        while piece := source.read(_PIECE):
            written += len(piece)
            if written > most:
                raise AreaRefused([Fault(entry.filename, "The zip unpacks to too many bytes.")])
            file.write(piece)
    return written


def _refused(path: Path, message: str) -> AreaRefused:
    return AreaRefused([Fault(path.name, f"The file cannot be read: {message}")])
