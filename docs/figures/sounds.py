"""Which real sounds get no emotion, and which speech gets none: docs/how-to/recognize.md."""

from collections.abc import Callable

from figures.tables import result, table

TITLES = {
    "esc10": "ESC-10",
    "deeply-nonverbal": "sounds of mouths and throats",
    "emovo": "EMOVO",
    "emotale": "EmoTale",
    "librispeech-mini": "Mini LibriSpeech",
}


def sounds() -> str:
    """By kind."""
    found = result("sounds")
    rows = [
        [f"{TITLES[corpus]}: {_kind(name)}", str(each["recordings"]), _share(each)]
        for corpus, kinds in found["sounds"].items()
        for name, each in kinds.items()
    ]
    rows += [
        [
            f"speech: {TITLES[corpus]}" + ("" if line == "as it comes" else f", {line}"),
            str(each["recordings"]),
            _share(each),
        ]
        for line, corpora in found["speech"].items()
        for corpus, each in corpora.items()
    ]
    below = f"`{found['bundle']}`; `{found['command']}`; commit `{found['commit']}`."
    return table(["recordings", "how many", "no speech %"], rows, below, numbers=True)


def _kind(folder: str) -> str:
    return folder.split("_-_")[-1].replace("_", " ").replace("-", " ").lower()


def _share(each: dict[str, int]) -> str:
    return f"{100 * each['refused'] / each['recordings']:.1f}".removesuffix(".0")


BLOCKS: dict[str, Callable[[], str]] = {"sounds": sounds}
