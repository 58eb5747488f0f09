"""Praat's TextGrid, in its long and its short form."""

import re
from collections.abc import Iterator
from pathlib import Path

from voxaffect.errors import TranscriptError
from voxaffect.files.transcripts.given import GivenSegment, spoken

# Praat reads free-standing numbers and quoted text in their order; every other word is for people.
_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"'
    r"|(?<!\S)(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?!\S)"
    r"|(?P<flag><exists>|<absent>)"
    r"|(?<!\S)!.*"
)


def text_grid(path: Path, text: str) -> Iterator[GivenSegment]:
    """The intervals that are not empty, tier by tier; a tier is a speaker. Points have no duration and are left out.

    Raises:
        TranscriptError: It is no TextGrid, or something in it is wrong.
    """
    tokens = _Tokens(path, text)
    if not re.match(r"ooTextFile", tokens.text()) or tokens.text() != "TextGrid":
        raise tokens.error("is not a TextGrid; save it by Praat as text")
    tokens.number(), tokens.number()  # the limits of all
    for _ in range(tokens.count() if tokens.flag() else 0):
        kind, name = tokens.text(), tokens.text()
        if kind not in ("IntervalTier", "TextTier"):
            raise tokens.error(f"has a tier of kind {kind!r}; tiers are IntervalTier or TextTier")
        tokens.number(), tokens.number()  # the limits of the tier
        for _ in range(tokens.count()):
            start = tokens.number()
            where = f"line {tokens.line}"
            if kind == "TextTier":
                tokens.text()
                continue
            end, label = tokens.number(), tokens.text().strip()
            if label:
                yield spoken(path, where, start, end, name, label)


class _Tokens:
    """The numbers and texts of a TextGrid, one after the other."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, text
        self._matches = (match for match in _TOKEN.finditer(text) if match.lastgroup)
        self._seen, self.line = 0, 1

    def text(self) -> str:
        return self._next("text").replace('""', '"')

    def number(self) -> str:
        return self._next("number")

    def count(self) -> int:
        text = self.number()
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise self.error(f"has {text!r} where a count should be; save it by Praat as text")
        return int(text)

    def flag(self) -> bool:
        return self._next("flag") == "<exists>"

    def error(self, what: str) -> TranscriptError:
        return TranscriptError(f"{self._path}: line {self.line} {what}")

    def _next(self, kind: str) -> str:
        match = next(self._matches, None)
        if match is None:
            raise TranscriptError(f"{self._path}: ends before all of its tiers; save it by Praat as text")
        self.line += self._text.count("\n", self._seen, match.start())
        self._seen = match.start()
        if match.lastgroup != kind:
            raise self.error(f"has {match[0][:40]!r} where a {kind} should be; save it by Praat as text")
        return match[kind]
