"""An audformat database: a folder with db.yaml."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from voxaffect.corpora.own.row import ROLES, Row
from voxaffect.errors import CorpusError, SettingsError, missing_extra
from voxaffect.files import tables

_Span = tuple[str, float | None, float | None]


def rows(folder: Path, columns: Mapping[str, str]) -> Iterator[Row]:
    """Rows of an audformat database: of all its tables, put together.

    Where segmented tables hold labels, rows are their segments, with what tables of whole files say of the file.
    """
    pickled = next((path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".pkl"), None)
    if pickled is not None:  # reading it would run whatever code is in it
        raise SettingsError(f"{pickled}: is a pickled table, which may hold code; keep CSV or Parquet alone")
    header = read_header(folder)
    import audformat  # it is here: yaml comes with it

    try:
        # Not Database.load, whose own YAML loader runs what a header asks for.
        database = audformat.Database.load_header_from_yaml(header)
        for name, table in {**database.misc_tables, **database.tables}.items():  # the first may hold labels
            table.load(str(folder / f"db.{name}"))
        cells: dict[_Span, dict[str, str]] = {}
        sexes: dict[str, str] = {}
        for table in database.tables.values():
            for place, values in table.get().astype(object).iterrows():
                file, start, end = (place, None, None) if isinstance(place, str) else place
                span = (str(file), _seconds(start), _seconds(end))
                known = {str(key): str(value) for key, value in values.dropna().items()}
                cells.setdefault(span, {}).update(known)
        for scheme in database.schemes.values():
            for speaker, about in scheme.labels.items() if isinstance(scheme.labels, dict) else ():
                sex = about.get("gender", about.get("sex", "")) if isinstance(about, dict) else ""
                sexes[str(speaker)] = str(sex)
    except (
        OSError,
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise CorpusError(f"{folder}: cannot be read as audformat ({reason})") from None
    there = tuple(dict.fromkeys(key for values in cells.values() for key in values))
    column = tables.Table(folder / "db.yaml", there, ()).roles(columns, ROLES[1:], ("label",))
    labelled = {span: values for span, values in cells.items() if values.get(column["label"])}
    segmented = {file for file, start, _ in labelled if start is not None}
    for (file, start, end), values in sorted(labelled.items(), key=lambda item: (item[0][0], item[0][1] or 0.0)):
        if start is not None or file not in segmented:
            values = cells.get((file, None, None), {}) | values
            value: dict[str, Any] = {role: values.get(name, "") for role, name in column.items()}
            value["sex"] = value["sex"] or sexes.get(value["speaker"], "")
            value |= {"start": start, "end": end, "channel": None}
            yield Row(file if start is None else f"{file} from {start:g} s", file, folder / file, **value)


def _seconds(delta: Any) -> float | None:
    """Of a pandas.Timedelta; None where it is missing, which is the end of the file."""
    return None if delta is None or delta != delta else round(delta.total_seconds(), 9)


def read_header(folder: Path) -> dict[str, Any]:
    """What db.yaml says: plain values alone, and tables that lie in its folder.

    Raises CorpusError where it says anything else, MissingExtraError without audformat.
    """
    try:
        import audformat  # noqa: F401
        import yaml
    except ImportError as error:
        raise missing_extra("tables", error) from error
    path = folder / "db.yaml"
    try:
        header = yaml.load(path.read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise CorpusError(f"{path}: is not plain YAML ({reason}); remove that, a header holds no code") from None
    if not (isinstance(header, dict) and {"name", "source", "usage"} <= header.keys()):
        raise CorpusError(f"{path}: is no header of a database, which has a name, source and usage; write it anew")
    for kind in ("misc_tables", "tables"):
        for name in header[kind] if isinstance(header.get(kind), dict) else ():
            if set(str(name)) & set("/\\:"):
                raise CorpusError(f"{path}: table {name!r} could lie outside its folder; rename it without / \\ and :")
    # Names with _ are audformat's own: from which folder it reads is not for a header to say.
    return {key: value for key, value in header.items() if not str(key).startswith("_")}
