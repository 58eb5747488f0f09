import json
import shutil

import pytest

from voxaffect import bundle
from voxaffect.card import Card
from voxaffect.errors import BundleError

CONTENT = {
    "schema": 2,
    "classes": ["a", "b"],
    "scheme": "two",
    "sample_rate": 16000,
    "window": {"training": 3.0, "shortest": 0.5, "longest": 6.0},
    "licence": "none",
    "model": {"parameters": 1, "bytes": 0, "sha256": 64 * "0"},
    "training": {
        "corpora": [],
        "utterances": 0,
        "styles": [],
        "split": {"name": "all", "speaker_disjoint": True, "train": ["x/1"]},
        "epochs": 1,
        "best_epoch": 1,
    },
    "versions": {"voxaffect": "0"},
    "created": "2026-01-01",
}
CARD = Card.from_dict(CONTENT)


def made(model: bytes = b"graph") -> bundle.Bundle:
    return bundle.assemble("mine", model, CARD)


@pytest.fixture
def folder(tmp_path):
    return bundle.write(tmp_path / "mine", made())


def test_what_is_written_is_read(folder):
    found = bundle.read(folder)
    assert found == made()
    assert found.card.classes == ("a", "b")
    assert found.card.model.bytes == 5
    assert found.card.to_dict()["schema"] == 2


def test_a_new_one_replaces_the_old_and_nothing_else_stays(folder):
    bundle.write(folder, made(b"another"))
    assert bundle.read(folder).model == b"another"
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "model.onnx"]


def test_an_interruption_between_the_renames_restores_the_old_one(folder, monkeypatch):
    rename = bundle.Path.rename

    def interrupted(self, target):
        if self.name == "new":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(bundle.Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        bundle.write(folder, made(b"another"))
    monkeypatch.undo()
    assert bundle.read(folder).model == b"graph"
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_a_failed_write_leaves_the_old_one(folder, monkeypatch):
    def full(path, content):
        path.write_bytes(content[: len(content) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle, "_write", full)
    with pytest.raises(BundleError, match=r"No space left on device.*as it was"):
        bundle.write(folder, made(b"another"))
    assert bundle.read(folder).model == b"graph"
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_a_folder_with_other_things_is_not_replaced(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(BundleError, match="something else than a bundle"):
        bundle.write(tmp_path, made())
    assert (tmp_path / "thesis.tex").exists()


def test_nor_is_a_bundle_with_other_things_beside_it(folder):
    (folder / "notes.md").write_text("what I found")
    with pytest.raises(BundleError, match=r"something else than a bundle \(notes\.md\)"):
        bundle.write(folder, made(b"another"))


def _edit(folder, **changes):
    card = json.loads((folder / "card.json").read_text()) | changes
    (folder / "card.json").write_text(json.dumps(card))


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "model.onnx").write_bytes(b"grapH"), "SHA-256.*copy the whole folder again"),
        (lambda folder: (folder / "model.onnx").unlink(), "model.onnx is missing"),
        (lambda folder: (folder / "card.json").unlink(), "card.json is missing"),
        (lambda folder: (folder / "card.json").write_text("{"), "is not JSON"),
        (lambda folder: (folder / "card.json").write_text("[" * 200_000), "is not JSON"),
        (lambda folder: (folder / "card.json").write_text("[]"), "is not a bundle's card"),
        (lambda folder: _edit(folder, schema=3), "of schema 3, and this voxaffect reads up to 2; pip install -U"),
        (lambda folder: _edit(folder, model=None), "lacks model"),
        (lambda folder: _edit(folder, window=None), "lacks window"),
        (lambda folder: _edit(folder, training={}), r"lacks training\.corpora"),
        (lambda folder: shutil.rmtree(folder), "is not a bundle's folder"),
    ],
)
def test_a_damaged_bundle_is_refused_with_what_to_do(folder, damage, reason):
    damage(folder)
    with pytest.raises(BundleError, match=reason):
        bundle.read(folder)
