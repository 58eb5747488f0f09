"""A Hugging Face dataset: an AudioFolder, Parquet, or a table for each split.

    AudioFolder     metadata.csv, .jsonl or .parquet in the folder or in the folders of its splits
    Parquet         all Parquet files, wherever they lie: the shards of one set
    tables          train.csv, test.csv and the like

A split is in the name of a table or of the folder that it lies in: `train/metadata.csv`,
`data/train-00000-of-00002.parquet`.
"""

import re
from pathlib import Path

from voxaffect.errors import CorpusError, SettingsError
from voxaffect.files import tables

_METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_SHARD = re.compile(r".+-[0-9]{5}-of-[0-9]{5}\.parquet")


def tables_of(folder: Path) -> dict[Path, str]:
    """The tables of a dataset -> the split that each is, if any; none where it is no dataset.

    Raises:
        SettingsError: It holds several datasets.
        CorpusError: It holds Arrow files.
    """
    found = [path for name in _METADATA for path in (*folder.glob(name), *folder.glob(f"*/{name}"))]
    if not found:
        visible = [path for path in folder.rglob("*") if "/." not in f"/{path.relative_to(folder).as_posix()}"]
        found = [path for path in visible if path.suffix.lower() == ".parquet"]
        sets = sorted({_set(path.parent, folder).relative_to(folder).as_posix() for path in found})
        if len(sets) > 1:
            raise SettingsError(f"{folder}: holds {len(sets)} sets, {', '.join(sets)}; name the folder of one")
        if not found and any(path.suffix.lower() == ".arrow" for path in visible):
            raise CorpusError(
                f"{folder}: holds Arrow files, as `save_to_disk` writes them; write Parquet by `to_parquet` instead"
            )
    if not found:
        named = [path for path in folder.iterdir() if path.suffix.lower() in tables.ENDINGS]
        found = [path for path in named if split_of(path, folder)]
    return {path: split_of(path, folder) for path in sorted(found)}


def split_of(path: Path, folder: Path) -> str:
    """The split that a table or recording is of, by its name or that of a folder that it lies in; empty: of none.

    Examples:
        >>> split_of(Path("hub/data/validation-00000-of-00001.parquet"), Path("hub"))
        'validation'
    """
    parts = path.relative_to(folder)
    names = [parts.stem, *(parent.name for parent in parts.parents)]
    words = [word for name in names for word in re.split(r"[^A-Za-z]+", name)]
    return next((word for word in words if word.lower() in tables.SIDES), "")


def is_shard(path: Path) -> bool:
    """Whether a file is one of the several that a set is written to, as `train-00000-of-00002.parquet`."""
    return bool(_SHARD.fullmatch(path.name))


def set_name(shard: Path) -> str:
    """What the set is called that a shard is of: as the folder that holds it."""
    folder = shard.resolve().parent
    return (folder.parent if folder.name == "data" else folder).name


def _set(folder: Path, root: Path) -> Path:
    """The folder of the set that the shards in a folder are of."""
    return _set(folder.parent, root) if folder != root and folder.name.lower() in tables.SIDES else folder
