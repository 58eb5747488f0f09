"""What labels of one's own stand for: named by the caller, or known in `labels.toml`."""

import os
import re
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path

from voxaffect.errors import SettingsError
from voxaffect.files import tables
from voxaffect.labels import canonical_emotion, folded

Labels = Mapping[str, str] | str | os.PathLike[str]
"""Label -> emotion, or the path of a CSV or TSV of these two columns, with or without the header `label,emotion`."""

_SPECIAL = re.compile(r"[^\w=.,:+/-]")
"""What a shell may take for something else."""


class Renaming:
    """From labels to emotions. Case and accents of labels do not matter.

    Args:
        labels: As `Labels` says; a label that is named as itself is kept as it is. None: no label is renamed.

    Raises:
        SettingsError: One label stands for two emotions.
        TableError: The file cannot be read.

    Examples:
        >>> renaming = Renaming({"genervt": "anger", "Wut": "Wut"})
        >>> [renaming.emotion(label) for label in ("Genervt", "wut", "Freude", "on hold")]
        ['angry', 'Wut', 'happy', 'on hold']
    """

    def __init__(self, labels: Labels | None = None) -> None:
        named = labels.items() if isinstance(labels, Mapping) else _read(labels) if labels is not None else ()
        self._emotions: dict[str, str] = {}
        self._names: dict[str, str] = {}
        for label, emotion in named:
            target = emotion.strip() if folded(label) == folded(emotion) else canonical_emotion(emotion)
            if not label.strip() or not target:
                raise SettingsError(f"`labels` {label}={emotion}: names no label or no emotion; write LABEL=EMOTION")
            if self._emotions.setdefault(folded(label), target) != target:
                raise SettingsError(
                    f"`labels` {label}={emotion}: stands for {self._emotions[folded(label)]} already; name it once"
                )
            self._names[folded(label)] = label.strip()

    def emotion(self, label: str) -> str:
        """The emotion of a label."""
        return self._emotions.get(folded(label), canonical_emotion(label))

    def names(self, label: str) -> bool:
        """Whether the caller says what a label stands for."""
        return folded(label) in self._emotions

    def unused(self, labels: Iterable[str]) -> list[str]:
        """The names that are none of these labels."""
        there = {folded(label) for label in labels}
        return [name for key, name in self._names.items() if key not in there]

    def together(self, labels: Iterable[str]) -> dict[str, list[str]]:
        """Emotion -> the labels that are it only because all are known as names of it, where these are several."""
        named: dict[str, dict[str, str]] = {}
        for label in labels:
            if folded(label) not in self._emotions:
                named.setdefault(canonical_emotion(label), {}).setdefault(folded(label), label)
        return {emotion: sorted(names.values()) for emotion, names in sorted(named.items()) if len(names) > 1}


def example(emotions: Mapping[str, str]) -> str:
    """`labels` LABEL=EMOTION,... as it can be typed, for messages.

    Examples:
        >>> example({"genervt": "angry", "froh": "happy"}), example({"on hold": "on hold"})
        ('`labels` genervt=angry,froh=happy', "`labels` 'on hold=on hold'")
    """
    pairs = ",".join(f"{label}={emotion}" for label, emotion in emotions.items())
    return f"`labels` {shlex.quote(pairs) if _SPECIAL.search(pairs) else pairs}"


def _read(path: str | os.PathLike[str]) -> list[tuple[str, str]]:
    rows = tables.pairs(Path(path))
    header = bool(rows) and rows[0][1].lower() in tables.ROLES["label"]
    return rows[header:]
