"""Many files on all cores: every result is saved at once, so that an interrupted run goes on.

The results do not depend on the number of workers, nor on interruptions.
"""

import functools
import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from voxaffect import audio, processes
from voxaffect.audio.folders import special
from voxaffect.errors import SettingsError, VoxaffectError, VoxaffectWarning, check
from voxaffect.files import parquet, tables
from voxaffect.files.atomic import naming, write_text
from voxaffect.inference.results import Recognition, Segment, by_start
from voxaffect.inference.schema import json_row
from voxaffect.inference.timeline import TimelineRun


class FileRecognizer(Protocol):
    """What is needed of a recogniser; a `Recognizer` is one."""

    def recognize(self, source: str, /, *, channel: int | None) -> Recognition:
        """The emotion of a file."""

    def timeline_run(self, source: str, /, *, mix: bool) -> TimelineRun:
        """The timeline of a file, to iterate over."""

    def identity(self) -> dict[str, Any]:
        """Plain values that are the same if and only if results are."""


@dataclass(frozen=True)
class FileResult:
    """The results of a file.

    Attributes:
        file: As it was named.
        results: A `Recognition`, or segments sorted by start and channel; of a damaged file, as far as it goes.
        error: Why there is none, or none after these; None: there was no error.
        duration: Seconds that were processed; None: none.
        channels: That were processed, by number; None: all of them mixed.
        warning: What is wrong with a recording that was used anyway; None: nothing.
    """

    file: str
    results: tuple[Recognition | Segment, ...]
    error: str | None = None
    duration: float | None = None
    channels: tuple[int | None, ...] = ()
    warning: str | None = None

    def to_dicts(self) -> list[dict[str, Any]]:
        """The rows of `schema.json_row`: one for each result, and one for the error."""
        rows = [result.to_dict() for result in self.results]
        return rows if self.error is None else [*rows, json_row(file=self.file, error=self.error)]


@dataclass(frozen=True)
class Job:
    """What is done with every file.

    Attributes:
        recognizer: That does it.
        timeline: Give segments rather than one emotion.
        mix: With `timeline`: mix all channels into one.
        channel: Without `timeline`: the channel, counted from 0; None: the mix of all.

    Raises:
        SettingsError: These do not go together.
    """

    recognizer: FileRecognizer
    timeline: bool = False
    mix: bool = False
    channel: int | None = None

    def __post_init__(self) -> None:
        check(self.timeline or not self.mix, "`mix` is of `timeline`; a whole recording's channels are mixed anyway")
        both = "`channel` is of whole recordings, and `timeline` has all channels; leave one out"
        check(self.channel is None or not self.timeline, both)


def files(sources: Sequence[str]) -> list[str]:
    """The recordings that sources name, once, in the order of the sources and by name in a folder.

    Args:
        sources: Files, folders with all below them, patterns as `calls/**/*.wav`, or lists: a text file with a name a
            line, or a table with a column of them. What a folder holds besides is counted in a `VoxaffectWarning`.

    Raises:
        SettingsError: A source names nothing.
    """
    recordings: dict[str, str] = {}
    for source in sources:
        names = list(_named(source))
        if not names:
            raise SettingsError(f"{source}: there is no recording in it; name files, a folder, a pattern or a list")
        for name in names:
            recordings.setdefault(os.path.abspath(name), name)  # noqa: PTH100 (a link is a name of its own)
    return list(recordings.values())


def recognize_file(file: str, job: Job) -> FileResult:
    """The results of a file, and its error if it has one."""
    if (kind := special(Path(file))) and kind != "broken link":
        remedy = "many recordings are read from files; `voxaffect recognize` takes this one"
        return FileResult(file, (), f"{file}: is a {kind}; {remedy}")
    if not job.timeline:
        answers = list[Recognition]()
        error = _error(file, lambda: answers.append(job.recognizer.recognize(file, channel=job.channel)))
        about = [(one.duration, (one.channel,), one.warning) for one in answers]
        return FileResult(file, tuple(answers), error, *(about[0] if about else ()))
    runs = list[TimelineRun]()

    def process() -> None:
        runs.append(job.recognizer.timeline_run(file, mix=job.mix))
        for _ in runs[0]:
            pass

    error = _error(file, process)
    if not runs:
        return FileResult(file, (), error)
    record = runs[0].record
    channels = (None,) if job.mix else tuple(range(record.channels))
    return FileResult(file, by_start(record.segments), error, record.duration, channels, runs[0].warning)


def _error(file: str, process: Callable[[], None]) -> str | None:
    """Why a file cannot be processed, or not to its end."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VoxaffectWarning)  # the result has them, and whoever gets it issues them
            process()
    except VoxaffectError as refused:
        return str(refused)
    except Exception as unforeseen:  # whatever is wrong with one file must not stop the rest
        return f"{file}: {type(unforeseen).__name__}: {unforeseen}; leave it out, or report it"
    return None


class Journal:
    """A file that holds what is done, a line a recording, and so tells what need not be done again.

    A line that was not written to its end, since the process or the machine died, is ignored.
    """

    def __init__(self, path: Path, job: Job) -> None:
        self.path, self._kind = path, (Segment if job.timeline else Recognition)
        from voxaffect import provenance  # here, as it takes long to import

        version = provenance.versions().get("voxaffect")
        about = {"version": version, **job.recognizer.identity(), "timeline": job.timeline, "mix": job.mix}
        about["channel"] = job.channel
        self._head = json.dumps(about, sort_keys=True)

    def read(self) -> dict[str, FileResult]:
        """The files that need not be recognised again: those without an error that have not changed.

        Raises:
            SettingsError: It is damaged, or was written with another model or other settings.
        """
        damaged = SettingsError(f"{self.path}: is damaged; delete it to begin anew")
        try:
            head, *lines = self.path.read_text("utf-8").split("\n")
            if "timeline" not in json.loads(head):
                raise damaged
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError):
            raise damaged from None
        if head != self._head:
            other = "another bundle or other settings, or by another version"
            raise SettingsError(f"{self.path}: was made with {other}; delete it to begin anew")
        try:
            return self._done(lines)
        except (ValueError, KeyError, TypeError, AttributeError):  # whatever damage makes of it
            raise damaged from None

    def _done(self, lines: Sequence[str]) -> dict[str, FileResult]:
        done = {}
        for line in lines[:-1]:  # after the last line's end comes nothing, or part of a line
            content = json.loads(line)
            if content["error"] is None and content["stamp"] == _stamp(content["file"]):
                results = tuple(self._kind.from_fields(values) for values in content["results"])
                about = {**content, "results": results, "channels": tuple(content["channels"])}
                del about["stamp"]
                done[content["file"]] = FileResult(**about)
        return done

    def begin(self, done: Mapping[str, FileResult]) -> None:
        """Write it anew with what is done, without part of a line at its end."""
        write_text(self.path, "".join(f"{line}\n" for line in [self._head, *map(_line, done.values())]))

    def add(self, result: FileResult) -> None:
        """A file is done."""
        with naming(self.path), self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(_line(result) + "\n")


def run(
    names: Sequence[str],
    job: Job,
    *,
    workers: int = 1,
    journal: Journal | None = None,
    progress: Callable[[FileResult], None] | None = None,
) -> list[FileResult]:
    """Recognise the files that the journal does not hold yet.

    Args:
        names: Of the files.
        job: What is done with them.
        workers: Processes; 1: this one.
        journal: Where results are saved, and read from; it is left with those of `names`.
        progress: Called with every result as it is done.

    Returns:
        The results of all files, in the order of `names`.

    Raises:
        WorkerError: A worker died.
        OSError: The journal has no room.
    """
    if workers < 1:
        raise SettingsError(f"`workers`={workers}: choose at least 1")
    done = journal.read() if journal else {}
    done = {name: done[name] for name in names if name in done}
    if journal:
        journal.begin(done)
    for result in _results([name for name in names if name not in done], job, workers):
        if journal:
            journal.add(result)
        done[result.file] = result
        if progress:
            progress(result)
    return [done[name] for name in names]


def _results(names: Sequence[str], job: Job, workers: int) -> Iterator[FileResult]:
    """In the order in which they are done."""
    workers = min(workers, len(names))
    with processes.Pool(workers if workers > 1 else 0) as pool:
        for _, result in pool.map_unordered(functools.partial(recognize_file, job=job), names):
            if result.warning:
                warnings.warn(f"{result.file}: {result.warning}", VoxaffectWarning, stacklevel=2)
            yield result


def _line(result: FileResult) -> str:
    fields = [one.to_fields() for one in result.results]
    return json.dumps({**vars(result), "stamp": _stamp(result.file), "results": fields})


def _stamp(file: str) -> str:
    try:
        stat = Path(file).stat()
    except (OSError, ValueError):
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _named(source: str) -> Iterator[str]:
    path = Path(source)
    if path.is_dir():
        listing = audio.recordings(path)
        if listing.skipped:
            warnings.warn(f"{source}: {listing}", VoxaffectWarning, stacklevel=3)
        yield from map(os.fspath, listing.recordings)
    elif path.suffix.lower() in tables.ENDINGS:
        table = tables.read(path)
        there = table.roles({}, ("file", "start", "end"), ("file",))
        if there["start"] and there["end"]:
            whole = "whole recordings are recognised, not from start to end; `voxaffect recognize --segments` does that"
            warnings.warn(f"{source}: {whole}", VoxaffectWarning, stacklevel=3)
        column = there["file"]
        unpacked = parquet.unpack(path, column) if column in table.embedded else [None] * len(table.rows)
        for place, (_, row) in zip(unpacked, table.rows, strict=True):
            yield os.fspath(place or tables.locate(path.parent, row[column]))
    elif path.suffix.lower() in (".txt", ".lst"):
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise SettingsError(f"{source}: is not UTF-8 text; save it as such") from None
        yield from (os.fspath(path.parent / line.strip()) for line in lines if line.strip())
    elif path.exists():
        yield source
    elif any(sign in source for sign in "*?["):
        root = Path(path.anchor or ".")
        pattern = os.fspath(path.relative_to(root)) if path.anchor else source
        yield from sorted(os.fspath(path) for path in root.glob(pattern) if path.is_file())
    else:
        raise SettingsError(f"{source}: does not exist; name files, a folder, a pattern or a list")
