"""A protocol of one's own: a TOML file in the grammar of `protocols.toml`."""

import dataclasses
import os
import tomllib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxaffect import splits
from voxaffect.corpora import Labels, Utterance, any_unknown
from voxaffect.errors import SettingsError, VoxaffectWarning
from voxaffect.evaluation.protocols import PROTOCOLS, Fold, Part, Protocol
from voxaffect.labels import scheme as find_scheme
from voxaffect.labels import scheme_name
from voxaffect.text import closest, listed

_KEYS = ("title", "scheme", "labels", "trained", "tested", "folds", "seed")
_FOLD_KEYS = ("test", "dev", "trained", "tested")


@dataclass(frozen=True)
class OwnProtocol:
    """What a file says; corpora and speakers are looked up by `protocol`.

    Attributes:
        path: Of the file.
        tables: Its content, whose keys and types have been checked.
    """

    path: Path
    tables: Mapping[str, Any] = dataclasses.field(repr=False)

    @property
    def name(self) -> str:
        """The file's, without its ending."""
        return self.path.stem

    @property
    def labels(self) -> Labels | None:
        """Label -> emotion, or the path of a table of them; None: the file says nothing of them."""
        labels = self.tables.get("labels")
        return self.path.parent / labels if isinstance(labels, str) else labels

    def protocol(self, utterances: Sequence[Utterance]) -> Protocol:
        """The protocol, on these recordings.

        Raises:
            SettingsError: A corpus, speaker or class of the file is not among them, or speakers are unknown.
        """
        there = sorted({Part(each.corpus, each.style) for each in utterances})
        trained = self._parts(self.tables, "trained", there) or tuple(there)
        tested = self._parts(self.tables, "tested", there) or trained
        scheme = self.tables.get("scheme") or scheme_name(each.emotion for each in utterances)
        scheme = ",".join(scheme) if isinstance(scheme, list) else scheme
        classes = find_scheme(scheme)
        scored = [each for each in utterances if classes.index_of(each) is not None]
        if not scored:
            raise self._error(f"no recording has a class of scheme {scheme}; name others in scheme, or map labels")
        if any_unknown(each.speaker for each in scored):
            raise self._error("folds keep speakers apart, and these are unknown; name them by `columns` or `speaker`")
        folds = self.tables["folds"]
        if isinstance(folds, int):
            made = self._dealt(folds, scored, trained, tested)
        else:
            made = [self._fold(str(name), fold, scored, there, trained, tested) for name, fold in folds.items()]
        self._check(made, scored)
        return Protocol(self.name, self.tables.get("title", self.name), scheme, tuple(made))

    def _dealt(
        self, count: int, scored: Sequence[Utterance], trained: tuple[Part, ...], tested: tuple[Part, ...]
    ) -> list[Fold]:
        """Folds by speaker, of those who are tested."""
        judged = [each for each in scored if any(part.holds(each) for part in tested)]
        learnt = {each.speaker for each in scored if any(part.holds(each) for part in trained)}
        if apart := sorted({each.speaker for each in judged} - learnt):
            raise self._error(
                f"folds = {count} deals speakers who train in one fold and are tested in another, and {apart[0]} is "
                "only tested; write [folds.1] with dev, and test or none"
            )
        made = splits.k_folds(self.name, judged, count, seed=self.tables.get("seed", 0))
        return [
            Fold(str(number), trained, tested, tuple(fold.dev), tuple(fold.test)) for number, fold in enumerate(made, 1)
        ]

    def _fold(
        self,
        name: str,
        fold: Mapping[str, Any],
        scored: Sequence[Utterance],
        there: Sequence[Part],
        trained: tuple[Part, ...],
        tested: tuple[Part, ...],
    ) -> Fold:
        trained = self._parts(fold, "trained", there) or trained
        tested = self._parts(fold, "tested", there) or (trained if "trained" in fold else tested)

        def speakers(side: str, parts: tuple[Part, ...]) -> tuple[str, ...]:
            known = {each.speaker for each in scored if any(part.holds(each) for part in parts)}
            return tuple(self._speaker(each, known, f"folds.{name}.{side}") for each in _names(fold[side]))

        test = speakers("test", tested) if "test" in fold else None
        if test is None and set(tested) & set(trained):
            raise self._error(f"folds.{name} has no test, and what it is tested on is trained on; name its speakers")
        return Fold(name, trained, tested, speakers("dev", trained), test)

    def _parts(self, table: Mapping[str, Any], key: str, there: Sequence[Part]) -> tuple[Part, ...]:
        parts = tuple(Part(*name.split("/", 1)) for name in table.get(key, ()))
        for part in parts:
            if part not in there:
                names = listed([f"{each.corpus}/{each.style}" for each in there])
                raise self._error(f"{key}: there are no recordings {part.corpus}/{part.style}; the sources are {names}")
        return parts

    def _speaker(self, name: str, known: set[str], place: str) -> str:
        """The speaker of that name, with the corpus or without."""
        found = [name] if name in known else sorted(each for each in known if each.partition("/")[2] == name)
        if len(found) == 1:
            return found[0]
        if found:
            raise self._error(f"{place}: speaker {name} is in several corpora; write {' or '.join(found)}")
        near = closest(name, known) or closest(name, [each.partition("/")[2] for each in known])
        hint = f"did you mean {near}?" if near else f"speakers are {listed(sorted(known))}"
        raise self._error(f"{place}: speaker {name} has no recording with a class; {hint}")

    def _check(self, folds: Sequence[Fold], scored: Sequence[Utterance]) -> None:
        for fold in folds:
            if both := sorted(set(fold.dev) & set(fold.test or ())):
                raise self._error(f"folds.{fold.name}: speaker {both[0]} is in dev and in test; each is on one side")
        tested = {speaker for fold in folds for speaker in fold.test or ()}
        whole = [part for fold in folds if fold.test is None for part in fold.tested]
        parts = {part for fold in folds for part in fold.tested}
        judged = {each.speaker for each in scored if any(part.holds(each) for part in parts)}
        tested |= {each.speaker for each in scored if any(part.holds(each) for part in whole)}
        if left := sorted(judged - tested):
            count = f"{len(left)} of {len(judged)} speakers {'is' if len(left) == 1 else 'are'} tested in no fold"
            warnings.warn(f"{self.path}: {count}: {listed(left)}", VoxaffectWarning, stacklevel=4)

    def _error(self, reason: str) -> SettingsError:
        return SettingsError(f"{self.path}: {reason}")


def is_file(protocol: str | os.PathLike[str]) -> bool:
    """Whether that is the path of a TOML file, and no name.

    Examples:
        >>> is_file("mine.toml"), is_file("ravdess-luna5")
        (True, False)
    """
    return Path(protocol).suffix.lower() == ".toml"


def read_protocol(path: str | os.PathLike[str]) -> OwnProtocol:
    """Read a protocol of one's own.

    Raises:
        SettingsError: The file cannot be read, or a key or a value in it is not right.
    """
    path = Path(path)
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: is not TOML ({error})") from None
    if path.stem in PROTOCOLS:
        raise SettingsError(f"{path}: is called like the published protocol {path.stem}; rename the file")
    _check_keys(path, tables, _KEYS, "")
    _check_type(path, tables, {"title": str, "labels": (dict, str), "seed": int, "folds": (int, dict)})
    _check_type(path, tables, {"scheme": (str, list)})
    for key in ("trained", "tested", *(["scheme"] if isinstance(tables.get("scheme"), list) else [])):
        _check_names(path, tables, key, "")
    labels = tables.get("labels")
    if isinstance(labels, dict) and not all(isinstance(each, str) for each in labels.values()):
        raise SettingsError(f'{path}: labels maps a label to an emotion, as labels = {{ genervt = "angry" }}')
    folds = tables.get("folds")
    if folds is None or folds == {}:
        raise SettingsError(f"{path}: has no folds; write folds = 5, or a table [folds.1] with test and dev for each")
    if "seed" in tables and not isinstance(folds, int):
        raise SettingsError(f"{path}: seed deals speakers to folds = 5, and these folds name their speakers; remove it")
    for name, fold in folds.items() if isinstance(folds, dict) else ():
        if name in ("", ".", "..") or set(name) & set("/\\\0"):
            raise SettingsError(f"{path}: folds.{name} gives its name to a folder; name it without / and \\")
        if not isinstance(fold, dict):
            raise SettingsError(f"{path}: folds.{name} is no table; write [folds.{name}] with test and dev")
        _check_keys(path, fold, _FOLD_KEYS, f"folds.{name}.")
        for key in _FOLD_KEYS:
            _check_names(path, fold, key, f"folds.{name}.", text=key in ("test", "dev"))
        if not _names(fold.get("dev", "")):
            raise SettingsError(f"{path}: folds.{name} has no dev, the speakers who validate; name one or more")
        if "test" in fold and not _names(fold["test"]):
            raise SettingsError(f"{path}: folds.{name}.test names no speaker; name one or more")
    return OwnProtocol(path, tables)


def _names(value: str | Iterable[str]) -> list[str]:
    """Names in a list, or separated by spaces."""
    return value.split() if isinstance(value, str) else list(value)


def _check_keys(path: Path, table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    for key in table:
        if key not in known:
            near = closest(key, known)
            hint = f"did you mean {where}{near}?" if near else f"choose among {', '.join(known)}"
            raise SettingsError(f"{path}: {where}{key} is not known; {hint}")


def _check_type(path: Path, table: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    words = {str: "text", int: "a whole number", dict: "a table", list: "a list"}
    for key, kind in kinds.items():
        if key in table and (not isinstance(table[key], kind) or isinstance(table[key], bool)):
            wanted = " or ".join(words[each] for each in (kind if isinstance(kind, tuple) else (kind,)))
            raise SettingsError(f"{path}: {key} = {table[key]!r} is not {wanted}")


def _check_names(path: Path, table: Mapping[str, Any], key: str, where: str, *, text: bool = False) -> None:
    """Check that a value is a list of names, or also names separated by spaces."""
    value = table.get(key, [])
    if text and isinstance(value, str):
        return
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        wanted = "a list of names" if not text else "names separated by spaces, or a list of them"
        raise SettingsError(f"{path}: {where}{key} = {value!r} is not {wanted}")
