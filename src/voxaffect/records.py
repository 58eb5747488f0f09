"""Frozen dataclasses that are read from nested plain values, as JSON has them, and written as such.

What is read is checked: types, and that numbers are finite. None is left out of what is written, but within tuples and
where a record names the field among its `nulls`.
"""

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from voxaffect.errors import VoxaffectError

_DEEPEST = 20  # levels of nested plain values
_LARGEST = 1e18  # of a number; NaN and infinity are not below it either


class RecordError(VoxaffectError):
    """A value that a record cannot have: where it stands, and why not."""


class Record:
    """Base of frozen dataclasses that read and write themselves.

    Fields may be of str, int, float, bool, other dataclasses, tuples and mappings of these, Any, or optional.

    Attributes:
        nulls: Fields that are written where they are None, too: that there is no value is what they say.

    Examples:
        >>> @dataclasses.dataclass(frozen=True)
        ... class Point(Record):
        ...     x: float
        ...     name: str | None = None
        >>> Point.from_dict({"x": 1, "unknown": 2})
        Point(x=1.0, name=None)
        >>> Point(2.0).to_dict()
        {'x': 2.0}
    """

    nulls: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """From nested plain values; unknown keys are ignored.

        Raises:
            RecordError: A value is missing, of another type or out of range.
        """
        record: Self = _decoded(cls, values, "")
        return record

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values for JSON, without what is None."""
        plain: dict[str, Any] = _encoded(self)
        return plain


def refuse(condition: bool, reason: str) -> None:
    """Raise RecordError with this reason; of `__post_init__`."""
    if condition:
        raise RecordError(reason)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decoded(kind: Any, value: Any, place: str) -> Any:
    """A value as its type says; place: where it stands, as `.window.longest`."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _decoded(arguments[0], value, place)
    if dataclasses.is_dataclass(kind):
        return _record(kind, _typed(value, Mapping, "an object", place), place)
    if origin is tuple:
        items = _typed(value, list | tuple, "a list", place)
        if arguments[0] is float and all(type(item) is float and abs(item) < _LARGEST for item in items):
            return tuple(items)  # at once: a card has rows of thousands
        return tuple(_decoded(arguments[0], item, f"{place}[{number}]") for number, item in enumerate(items))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        pairs = _typed(value, Mapping, "an object", place).items()
        return {name: _decoded(arguments[1], item, f"{place}.{_shown(name)}") for name, item in pairs}
    if kind is Any:
        return _plain(value, place, _DEEPEST)
    words = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}[kind]
    value = _typed(value, int | float if kind is float else kind, words, place)
    if kind in (int, float):
        refuse(not abs(value) < _LARGEST, f"{place} is {_shown(value)}, no finite number")
    return float(value) if kind is float else value


def _record(kind: Any, values: Mapping[str, Any], place: str) -> Any:
    hints, fields = _hints(kind), {}
    for entry in dataclasses.fields(kind):
        if values.get(entry.name) is not None:
            fields[entry.name] = _decoded(hints[entry.name], values[entry.name], f"{place}.{entry.name}")
        elif entry.default is dataclasses.MISSING and entry.default_factory is dataclasses.MISSING:
            raise RecordError(f" lacks {f'{place}.{entry.name}'.lstrip('.')}")
    try:
        return kind(**fields)
    except RecordError as error:
        raise RecordError(f"{place}: {error}") from None


def _typed(value: Any, kind: Any, words: str, place: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise RecordError(f"{place} is {_shown(value)}, not {words}")
    return value


def _plain(value: Any, place: str, depth: int) -> Any:
    """Any plain value, if it is not nested too deeply to be written again."""
    refuse(depth == 0, f"{place} is nested too deeply")
    if isinstance(value, Mapping):
        return {name: _plain(item, place, depth - 1) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, place, depth - 1) for item in value]
    if isinstance(value, int | float):
        refuse(not abs(value) < _LARGEST, f"{place} holds {_shown(value)}, no finite number")
    return value


def _shown(value: object) -> str:
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        return "an object" if isinstance(value, Mapping) else "a list"
    text = repr(value) if not isinstance(value, int) or abs(value) < _LARGEST else "a number of many digits"
    return text if len(text) <= 40 else f"{text[:37]}..."


def _encoded(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        pairs = ((entry.name, getattr(value, entry.name)) for entry in dataclasses.fields(value))
        nulls = getattr(value, "nulls", ())
        return {name: _encoded(item) for name, item in pairs if item is not None or name in nulls}
    if isinstance(value, Mapping):
        return {name: _encoded(item) for name, item in value.items()}
    return [_encoded(item) for item in value] if isinstance(value, list | tuple) else value
