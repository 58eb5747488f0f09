"""Fetch a corpus from its owners: checked, unpacked whole or not at all."""

import logging
import os
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voxaffect.corpora.base import Archive, Description
from voxaffect.errors import CorpusError, SettingsError, require

TRIES = 4
"""Times that an archive is asked for before a broken connection or a wrong checksum is believed."""

UNPACKED = 4
"""Times an archive's size that must be free before it is fetched: for itself and for what is in it, as WAV."""


@dataclass(frozen=True)
class Fetched:
    """What became of an archive. new: False where it had been unpacked before."""

    folder: Path
    new: bool


def download(
    description: Description,
    folder: str | os.PathLike[str],
    *,
    progress: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> list[Fetched]:
    """Download and unpack a corpus's archives, each into a folder of its own name below `folder`.

    What is there already is left alone.

    Args:
        description: The corpus.
        folder: Made if it is not there.
        progress: Whether to show bars on stderr.
        say: Called with a line for each archive that is begun.

    Raises:
        SettingsError: The owners do not publish the corpus so; the message says how they do.
        CorpusError: The disk is too full, the connection fails, or what arrives is not what the owners published.
        MissingExtraError: A library of the extra `download` is not installed.
    """
    if not description.archives:
        raise SettingsError(f"{description.title} cannot be fetched by a program; {description.obtain}")
    require("download")
    place = Path(folder)
    made = not place.exists()
    try:
        return [_fetch(archive, place, progress, say) for archive in description.archives]
    except CorpusError:
        if made and not any(place.iterdir()):
            place.rmdir()
        raise


def _fetch(archive: Archive, folder: Path, progress: bool, say: Callable[[str], None]) -> Fetched:
    target = folder / archive.folder
    if target.exists():
        return Fetched(target, new=False)
    folder.mkdir(parents=True, exist_ok=True)
    _check_space(folder, UNPACKED * archive.bytes, archive.name)
    say(f"{archive.name}, {archive.bytes / 1e6:.0f} MB, from {archive.url}")
    packed = _retrieve(archive, folder, progress)
    part = folder / f"{archive.folder}.part"
    shutil.rmtree(part, ignore_errors=True)  # what an interrupted unpacking left
    try:
        with zipfile.ZipFile(packed) as content:
            _check_space(folder, sum(member.file_size for member in content.infolist()), f"what is in {archive.name}")
            content.extractall(part)
        # Some archives hold one folder of their own name.
        inside = list(part.iterdir())
        whole = inside[0] if len(inside) == 1 and inside[0].name == archive.folder else part
        whole.rename(target)
    except (zipfile.BadZipFile, OSError) as error:
        raise CorpusError(f"{packed}: cannot be unpacked ({error}); check the space and try again") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    packed.unlink()
    return Fetched(target, new=True)


def _retrieve(archive: Archive, folder: Path, progress: bool) -> Path:
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.ERROR)
    store = pooch.create(
        folder,
        base_url="",
        registry={archive.name: f"md5:{archive.md5}"},
        urls={archive.name: archive.url},
        retry_if_failed=TRIES - 1,
    )
    try:
        return Path(store.fetch(archive.name, downloader=pooch.HTTPDownloader(progressbar=progress)))
    except requests.exceptions.RequestException as error:
        reason = str(error).split("\n", 1)[0]
        raise CorpusError(
            f"{archive.url}: {TRIES} times in vain ({reason}); check the connection, or fetch it by hand into {folder}"
        ) from None
    except ValueError:  # pooch's word for a wrong checksum
        raise CorpusError(
            f"{archive.url}: what arrives is not what was published, its MD5 is not {archive.md5}; try again later, or "
            f"see {archive.url.rsplit('/files/', 1)[0]} for a newer release"
        ) from None


def _check_space(folder: Path, needed: int, what: str) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise CorpusError(
            f"{folder}: has {free / 1e6:.0f} MB free, and {what} needs {needed / 1e6:.0f} MB; make room, or name "
            "another folder"
        )
