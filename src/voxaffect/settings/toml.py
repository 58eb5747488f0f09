"""Read experiments from TOML: by name or path, each setting overridable by its dotted name."""

import dataclasses
import difflib
import os
import tomllib
import types
import typing
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from voxaffect import migration
from voxaffect.errors import SettingsError, check
from voxaffect.settings.experiment import Experiment
from voxaffect.settings.frontends import FRONTENDS
from voxaffect.settings.networks import NETWORKS


def experiment_names() -> list[str]:
    """The experiments in the package, sorted."""
    return sorted(path.name.removesuffix(".toml") for path in _folder().iterdir() if path.name.endswith(".toml"))


def read_experiment(source: str | os.PathLike[str], overrides: Iterable[str] = ()) -> Experiment:
    """Read an experiment.

    A file may begin with `extends = "cnn"`: it then holds only what differs from that experiment, a name or a path.

    Args:
        source: The name of an experiment in the package, or the path of a TOML file.
        overrides: `training.epochs=3` and the like, each value in TOML's spelling.

    Returns:
        The experiment.

    Raises:
        SettingsError: A file, a name, a key or a value is not right.

    Examples:
        >>> read_experiment("cnn", ["training.epochs=3"]).training.epochs
        3
    """
    name, tables = _tables(source)
    for override in overrides:
        _override(tables, override)
    return experiment_from_tables({"name": name} | tables)


def experiment_from_tables(tables: Mapping[str, Any]) -> Experiment:
    """An experiment from nested plain values, as TOML, a card or a result file has them; defaults for what is missing.

    Raises:
        SettingsError: A key or a value is not right.
    """
    tables = migration.experiment(tables)
    model, features = str(tables.get("model")), tables.get("features", "log-mel")
    check(model in NETWORKS, f"model={model!r} is not known; choose one of {', '.join(NETWORKS)}")
    check(features in FRONTENDS, f"features={features!r} are not known; choose one of {', '.join(FRONTENDS)}")
    network = _build(NETWORKS[model].settings, tables.pop("network", {}), "network.")
    frontend = _build(FRONTENDS[features], tables.pop("frontend", {}), "frontend.")
    return typing.cast(Experiment, _build(Experiment, tables, "", network=network, frontend=frontend))


def _folder() -> Any:
    return resources.files("voxaffect") / "experiments"


def _tables(source: str | os.PathLike[str], seen: tuple[str, ...] = ()) -> tuple[str, dict[str, Any]]:
    """The name and the tables of an experiment, those that it extends included."""
    path = Path(source)
    try:
        if path.suffix == ".toml" or path.is_file():
            name, text = path.stem, path.read_text("utf-8")
        else:
            name, text = path.name, (_folder() / f"{source}.toml").read_text("utf-8")
        tables = migration.experiment(tomllib.loads(text))
    except FileNotFoundError:
        raise SettingsError(
            f"experiment {source}: no such file or name; choose one of {', '.join(experiment_names())} or a TOML file"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: is not TOML ({error})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"experiment {source}: cannot be read ({error})") from None
    base = tables.pop("extends", None)
    if base is None:
        return name, tables
    sibling = path.parent / str(base)
    base = os.fspath(sibling) if path.suffix == ".toml" and sibling.suffix == ".toml" else str(base)
    check(base not in seen, f"{source}: extends {base}, which extends it; name another experiment")
    return name, _merged(_tables(base, (*seen, base))[1], tables)


def _merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Tables of which the changes win, table by table."""
    tables = dict(base)
    for key, value in changes.items():
        below = tables.get(key)
        tables[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return tables


def _override(tables: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    check(bool(equals), f"setting {override!r} has no value; write it as training.epochs=3")
    key = key.strip()
    new = migration.SETTINGS.get(key)
    check(new is None, f"setting {key} is now {new}; write {new}={text}")
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text  # a bare word is meant as a string
    *parents, last = key.split(".")
    for parent in parents:
        tables = tables.setdefault(parent, {})
        check(isinstance(tables, dict), f"setting {override!r}: {parent} is not a table of settings")
    tables[last] = value


def _build(kind: type, table: Any, where: str, **ready: Any) -> Any:
    """A settings class from a table, by the class's annotations."""
    check(isinstance(table, Mapping), f"{where.rstrip('.')}={table!r} is not a table of settings")
    hints = typing.get_type_hints(kind)
    known = {field.name for field in dataclasses.fields(kind)} - set(ready)
    for key in table:
        if key not in known:
            raise SettingsError(f"setting {where}{key} is not known; {_suggestion(where, key, {*known, *ready})}")
    values = {key: _convert(hints[key], value, f"{where}{key}") for key, value in table.items()}
    try:
        return kind(**values, **ready)
    except TypeError as error:
        raise SettingsError(f"settings of {where.rstrip('.') or 'the experiment'}: {error}") from None


def _suggestion(where: str, key: str, known: set[str]) -> str:
    everywhere = [f"{where}{name}" for name in known] + _training_keys()
    close = difflib.get_close_matches(f"{where}{key}", everywhere, n=1, cutoff=0.75)
    same = [name for name in everywhere if name.rpartition(".")[2] == key]
    if same or close:
        return f"did you mean {(same or close)[0]}?"
    return f"choose among {', '.join(f'{where}{name}' for name in sorted(known))}"


def _training_keys() -> list[str]:
    """Dotted names of the settings that every experiment has."""

    def leaves(kind: Any, where: str) -> list[str]:
        hints = typing.get_type_hints(kind)
        return [
            leaf
            for name, hint in hints.items()
            for leaf in (leaves(hint, f"{where}{name}.") if dataclasses.is_dataclass(hint) else [f"{where}{name}"])
        ]

    return [name for name in leaves(Experiment, "") if "." in name]


def _convert(hint: Any, value: Any, name: str) -> Any:
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None or value is False:  # `augment.mixup=false` on the command line switches it off
            return None
        hint = next(option for option in options if option is not type(None))
        return _convert(hint, value, name)
    if dataclasses.is_dataclass(hint):
        return _build(typing.cast(type, hint), value, f"{name}.")
    if origin is Literal and value in options:
        return value
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_convert(options[0], item, name) for item in value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint in (int, str, bool) and type(value) is hint:
        return value
    words = {int: "a whole number", bool: "true or false", float: "a number", str: "text", tuple: "a list, as [16, 32]"}
    wanted = " or ".join(map(repr, options)) if origin is Literal else words.get(origin or hint, str(hint))
    raise SettingsError(f"setting {name}={value!r}: give {wanted}")
