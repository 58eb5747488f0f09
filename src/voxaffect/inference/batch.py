"""Many files on all cores: what each gives is kept at once, and the table is written when all are done.

The table does not depend on how many workers there were, nor on how often they were interrupted.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from voxaffect import audio
from voxaffect.errors import SettingsError, VoxaffectError, WorkerError
from voxaffect.files import tables
from voxaffect.inference import recognizer as inference
from voxaffect.inference.recognizer import Recognizer
from voxaffect.processes import Pool


@dataclass(frozen=True)
class Job:
    """How every file is heard. bundle, baseline, threshold, accuracy: as `inference.recognizer.load` takes them.

    timeline: a row for every segment of speech rather than one for the file. mix: of all channels as one.
    """

    bundle: str | None = None
    baseline: str | None = None
    threshold: float | None = None
    accuracy: float | None = None
    timeline: bool = False
    mix: bool = False

    def recognizer(self) -> Recognizer:
        """Raises what `inference.recognizer.load` raises."""
        return inference.load(self.bundle, 1, self.baseline, self.threshold, self.accuracy)


class Heard(NamedTuple):
    """What a file gave. rows: column -> value. error: why it gave nothing, or nothing more; else empty.

    stamp: of the file as it was then, its size and its time.
    """

    file: str
    rows: list[dict[str, Any]]
    error: str
    stamp: str


def files(sources: Sequence[str]) -> list[str]:
    """The recordings that are meant, each once, in the order of the sources and by name in a folder.

    sources: files, folders with all below them, patterns as `calls/**/*.wav`, or lists: a text file with a name a line,
    or a table with a column of them.

    Raises SettingsError where one of them means nothing.
    """
    found: dict[str, str] = {}
    for source in sources:
        names = list(_named(source))
        if not names:
            raise SettingsError(f"{source}: there is no recording in it; name files, a folder, a pattern or a list")
        for name in names:
            found.setdefault(os.path.abspath(name), name)  # noqa: PTH100 (a link is a name of its own)
    return list(found.values())


def hear(file: str, recognizer: Recognizer, job: Job) -> Heard:
    """What a file gives; a bad one gives an error."""
    rows: list[dict[str, Any]] = []
    error, stamp = "", _stamp(file)
    try:
        if job.timeline:
            for segment in recognizer.timeline(file, job.mix):
                about = {name: getattr(segment, name) for name in ("start", "end", "channel", "emotion", "confidence")}
                rows.append({**about, **segment.probabilities})
        else:
            known = recognizer.recognize(file)
            about = {"emotion": known.emotion, "confidence": known.confidence, "duration": known.duration}
            rows.append({**about, **known.probabilities})
    except VoxaffectError as refused:
        error = str(refused)
    except Exception as unforeseen:  # whatever is wrong with one file, the others are heard
        error = f"{file}: {type(unforeseen).__name__}: {unforeseen}; leave it out, or report it"
    return Heard(file, sorted(rows, key=lambda row: (row.get("start", 0), row.get("channel", 0))), error, stamp)


def columns(job: Job, classes: Sequence[str]) -> dict[str, type]:
    """Of the table: name -> kind of value, after the file and before the error."""
    shares = dict.fromkeys(classes, float)
    if job.timeline:
        return {"start": float, "end": float, "channel": int, "emotion": str, "confidence": float, **shares}
    return {"emotion": str, "confidence": float, "duration": float, **shares}


class Journal:
    """What has been heard so far, a line a file, beside the table that will be written.

    A line that was not written to its end, since the process or the machine died, counts for nothing.
    """

    def __init__(self, table: Path, job: Job, model: str) -> None:
        """model: SHA-256 of the bundle's graph."""
        self.path = table.with_name(f"{table.name}.partial")
        normal = job.baseline and Path(job.baseline).read_text("utf-8")
        self._head = json.dumps({**asdict(job), "baseline": normal, "model": model}, sort_keys=True)

    def read(self) -> list[Heard]:
        """What is in it. Raises SettingsError where it was written with other settings."""
        try:
            head, *lines = self.path.read_text("utf-8").split("\n")
        except FileNotFoundError:
            return []
        except UnicodeDecodeError:
            head, lines = "", []
        if head != self._head:
            raise SettingsError(
                f"{self.path}: was made with another bundle or other settings; give the same, or delete it"
            )
        whole = lines[:-1]  # after the last line's end comes nothing, or part of a line
        return [Heard(**json.loads(line)) for line in whole]

    def known(self) -> dict[str, Heard]:
        """Of its files those that need not be heard again."""
        return {each.file: each for each in self.read() if not each.error and each.stamp == _stamp(each.file)}

    def write(self, heard: Sequence[Heard]) -> None:
        """All that is known, anew: without part of a line at its end."""
        from voxaffect.files.atomic import write_text

        write_text(self.path, "".join(line + "\n" for line in [self._head, *map(_line, heard)]))

    def add(self, heard: Heard) -> None:
        """A file is done."""
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(_line(heard) + "\n")

    def remove(self) -> None:
        """The table is written."""
        self.path.unlink(missing_ok=True)


def hear_all(
    names: Sequence[str], job: Job, cores: int, journal: Journal, one_more: Callable[[Heard], None]
) -> list[Heard]:
    """Hear those that the journal does not hold yet -> all of them, in the order of `names`.

    Those that were bad, or are no longer what they were, are heard again.

    Raises WorkerError where a worker dies, OSError where the journal has no room.
    """
    known = journal.known()
    left = [name for name in names if name not in known]
    journal.write(list(known.values()))
    for heard in _each(left, job, min(cores, len(left))):
        journal.add(heard)
        known[heard.file] = heard
        one_more(heard)
    return [known[name] for name in names]


def _each(names: Sequence[str], job: Job, cores: int) -> Iterator[Heard]:
    """In the order in which they are done."""
    if not names:
        return
    try:
        with Pool(0 if cores <= 1 else cores, initializer=_begin, initargs=(job,)) as pool:
            for _, heard in pool.map_unordered(_hear, names):
                yield heard
    except WorkerError as error:
        raise WorkerError(f"{error}; leave the file out, and --resume goes on") from None


_recognizer: Recognizer
_job: Job


def _begin(job: Job) -> None:
    global _recognizer, _job  # of a worker process: to load a bundle for every file would cost more than to hear it
    _recognizer, _job = job.recognizer(), job


def _hear(name: str) -> Heard:
    return hear(name, _recognizer, _job)


def _line(heard: Heard) -> str:
    return json.dumps(heard._asdict())


def _stamp(file: str) -> str:
    try:
        stat = Path(file).stat()
    except (OSError, ValueError):
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _named(source: str) -> Iterator[str]:
    path = Path(source)
    if path.is_dir():
        yield from map(os.fspath, audio.recordings(path))
    elif path.suffix.lower() in tables.ENDINGS:
        table = tables.read(path)
        column = table.roles({}, ("file",), ("file",))["file"]
        yield from (os.fspath(path.parent / row[column]) for _, row in table.rows)
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
        yield from sorted(os.fspath(each) for each in root.glob(pattern) if each.is_file())
    else:
        raise SettingsError(f"{source}: does not exist; name files, a folder, a pattern or a list")
