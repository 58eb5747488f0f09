"""Names in the source are the field's words: the glossary in docs/architecture.md."""

import ast
import re
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "voxaffect"

INSTEAD = {
    "hear": "forward, recognize",
    "hears": "forward, recognize",
    "heard": "embedding, prediction, recording",
    "ears": "front end",
    "said": "prediction, row",
    "says": "prediction, row",
    "told": "input, feature",
    "tells": "distinguishes",
    "felt": "probabilities",
    "moment": "step",
    "moments": "steps",
    "strangers": "other corpora",
}
"""A word that stood for many things -> the terms that it stood for."""


def names(path: Path) -> set[str]:
    """Names of functions, classes, parameters, variables and attributes."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name):
                found.add(name)
    return found


def words(name: str) -> set[str]:
    """`heardBy_ears` -> {"heard", "by", "ears"}."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}


def test_no_private_word_is_a_name():
    private = [
        f"{path.relative_to(SOURCE)}: {name}, say {INSTEAD[word]}"
        for path in sorted(SOURCE.rglob("*.py"))
        for name in sorted(names(path))
        for word in words(name) & set(INSTEAD)
    ]
    assert private == []


def test_every_kind_of_name_is_looked_at(tmp_path):
    source = tmp_path / "source.py"
    source.write_text("class Heard:\n    async def hear(self, told):\n        said = self.ears_of\n")
    assert names(source) >= {"Heard", "hear", "told", "said", "ears_of"}
    assert words("ears_of") == {"ears", "of"}
    assert words("_HeardBy") == {"heard", "by"}
    assert words("MOMENTS") == {"moments"}
