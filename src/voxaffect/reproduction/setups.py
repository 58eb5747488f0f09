"""The article's set-ups: who trains, who is tested, on which classes, with which copies, and what was published.

All are of RAVDESS, speech and song together. As published, validation clips are drawn from the speakers that train,
after augmentation, so that a clip and its copy come to lie on both sides; corrected, two men and two women validate
whom no training clip is of, and copies are made of training clips alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from voxaffect import labels, splits
from voxaffect.augment import augmented
from voxaffect.corpora import Utterance
from voxaffect.errors import SettingsError
from voxaffect.labels import Scheme
from voxaffect.settings import CopySettings
from voxaffect.splits import LEAKY, LeakySplit, Sides

CORPUS = "ravdess"
TEST = ("21", "22", "23", "24")
DEV = ("16", "17", "19", "20")
"""The actors that are tested, as published, and those that validate, where that is corrected."""

SHARE = 0.2
"""Of the clips that do not test: how many validate, as published."""

BEST = "best"
"""The row of the model that is ours: trained once, and heard on the test clips of every set-up."""

CORRECTED = "corrected"
MODES = (LEAKY, CORRECTED)


@dataclass(frozen=True)
class Published:
    """Accuracies and macro F1 in per cent, None where they are lost; earlier: those of an earlier run."""

    dev: float | None = None
    test: float | None = None
    f1: float | None = None
    earlier: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class SetUp:
    """One row of the article's table.

    sexes: of the speakers that it is about. copies: what is added to the clips. counts: clips in train, dev and test,
    as published; None where they were not. tested_trained: the test clips are among those that train and validate.
    corrected_as: the row whose correction this one's is too.
    """

    name: str
    title: str
    scheme: str
    published: Published
    counts: tuple[int, int, int] | None
    sexes: tuple[str, ...] = ("male",)
    experiment: str = "article"
    copies: CopySettings = field(default_factory=CopySettings)
    tested_trained: bool = False
    corrected_as: str = ""

    def result(self, mode: str) -> str:
        """The name of the result files of a mode."""
        return f"{(self.corrected_as if mode == CORRECTED else '') or self.name}-{mode}"

    def utterances(self, found: Sequence[Utterance]) -> list[Utterance]:
        """Those of the corpus's utterances that the set-up is about."""
        scheme = labels.scheme(self.scheme)
        return [each for each in found if each.sex in self.sexes and scheme.index_of(each) is not None]

    def leak(self) -> str:
        """What leaks in the set-up as published."""
        if self.tested_trained:
            return "the test clips train and validate"
        return "validation shares speakers" + (" and copies of clips" if self.copies.kinds else "") + " with training"

    def sides(self, found: Sequence[Utterance], mode: str, seed: int) -> tuple[list[Utterance], Sides]:
        """The utterances, copies included where the split is to divide them too, and the split.

        found: the whole corpus. mode: of MODES. seed: of the division as published, which was random.
        """
        chosen = self.utterances(found)
        test = [each for each in chosen if each.speaker in _speakers(TEST)]
        name = f"article-{self.name}-{mode}"
        if mode == CORRECTED:
            speaking = {each.speaker for each in chosen}
            dev = [speaker for speaker in _speakers(DEV) if speaker in speaking]
            return chosen, splits.by_speaker(name, chosen, dev=dev, test=sorted({each.speaker for each in test}))
        scheme = labels.scheme(self.scheme)
        pool = chosen if self.tested_trained else [each for each in chosen if each not in test]
        pool = [*pool, *augmented(pool, self.copies.kinds, self.copies.classes, scheme)]
        held = _stratified(pool, scheme, SHARE, np.random.default_rng(seed))
        train, dev_side = _partition(pool, held)
        known = {each.id: each for each in (*pool, *test)}
        return list(known.values()), LeakySplit(name, _by_speaker(train), _by_speaker(dev_side), _by_speaker(test))


_NOISE_SHIFT = CopySettings(("noise", "shift"))
_PITCH_NOISE = CopySettings(("pitch", "noise"))

_ALL = (
    SetUp(
        "ancestor-all",
        "10 classes (sex and emotion), nobody held out",
        "article-10",
        Published(50.27, 61.25, 60.04),
        (1504, 376, 320),
        ("female", "male"),
        # The article's report prints the longer of the two networks for both rows of ten classes.
        "ancestor-long",
        tested_trained=True,
        corrected_as="ancestor",
    ),
    SetUp(
        "ancestor",
        "10 classes (sex and emotion), actors 21-24 held out",
        "article-10",
        Published(47.12, 36.56, 34.52),
        (1248, 312, 320),
        ("female", "male"),
        "ancestor-long",
    ),
    SetUp("men-5", "men, 5 classes", "article-5", Published(51.25, 46.25, 45.38), (640, 160, 160)),
    SetUp("women-5", "women, 5 classes", "article-5", Published(64.47, 43.13, 43.33), (608, 152, 160), ("female",)),
    SetUp(
        "men-2",
        "men, 2 classes",
        "article-2",
        Published(74.38, 65.63, 64.28, (77.34, 75.0, 61.39)),
        (640, 160, 160),
    ),
    SetUp(
        "men-3",
        "men, 3 classes",
        "article-3",
        Published(60.23, 58.50, 52.67, (68.18, 60.80, 54.18)),
        (704, 176, 176),
    ),
    *(
        SetUp(
            f"men-5-{kind}",
            f"men, 5 classes, {kind}",
            "article-5",
            published,
            (1280, 320, 160),
            copies=CopySettings((kind,)),
        )
        for kind, published in (
            ("gain", Published(83.75, 38.13, 38.46)),
            ("pitch", Published(75.00, 40.00, 38.80)),
            ("shift", Published(72.19, 42.50, 41.94)),
            ("noise", Published(87.19, 40.00, 39.90)),
        )
    ),
    SetUp(
        "men-5-noise-shift",
        "men, 5 classes, noise and shift",
        "article-5",
        Published(91.25, 45.00, 45.26),
        (1920, 480, 160),
        copies=_NOISE_SHIFT,
    ),
    SetUp(
        "men-2-noise-shift",
        "men, 2 classes, noise and shift",
        "article-2",
        Published(85.52, 67.50, 66.75),
        (1920, 480, 160),
        copies=_NOISE_SHIFT,
    ),
    SetUp(
        "men-2-pitch-noise",
        "men, 2 classes, pitch and noise",
        "article-2",
        Published(86.46, 62.50, 59.74, (93.96, 66.88, 65.40)),
        (1920, 480, 160),
        copies=_PITCH_NOISE,
    ),
    SetUp(
        "men-2-noise-shift-positive",
        "men, 2 classes, noise and shift of positive clips only",
        "article-2",
        Published(),
        None,
        copies=CopySettings(("noise", "shift"), ("positive",)),
    ),
    SetUp(
        "men-2-pitch-noise-positive",
        "men, 2 classes, pitch and noise of positive clips only",
        "article-2",
        Published(),
        None,
        copies=CopySettings(("pitch", "noise"), ("positive",)),
    ),
)

SETUPS: dict[str, SetUp] = {each.name: each for each in _ALL}


def setup(name: str) -> SetUp:
    """The set-up of that name.

    Raises SettingsError for an unknown one.
    """
    if name not in SETUPS:
        raise SettingsError(f"row {name!r} is not known; choose among {', '.join(SETUPS)}")
    return SETUPS[name]


def _speakers(actors: Sequence[str]) -> list[str]:
    return [f"{CORPUS}/{actor}" for actor in actors]


def _stratified(pool: Sequence[Utterance], scheme: Scheme, share: float, rng: np.random.Generator) -> set[int]:
    """Indices of a random share of the clips, of each class in proportion; odd ones go to the largest remainders."""
    truth = np.array([scheme.index_of(each) for each in pool])
    exact = share * np.bincount(truth, minlength=len(scheme.classes))
    taken = np.floor(exact).astype(int)
    short = round(share * len(pool)) - taken.sum()
    taken[np.argsort(taken - exact, kind="stable")[:short]] += 1
    drawn = [rng.permutation(np.flatnonzero(truth == index))[:count] for index, count in enumerate(taken)]
    return set(np.concatenate(drawn).tolist())


def _partition(pool: Sequence[Utterance], held: set[int]) -> tuple[list[Utterance], list[Utterance]]:
    out = [each for index, each in enumerate(pool) if index not in held]
    return out, [each for index, each in enumerate(pool) if index in held]


def _by_speaker(utterances: Sequence[Utterance]) -> dict[str, tuple[str, ...]]:
    sides: dict[str, list[str]] = {}
    for each in utterances:
        sides.setdefault(each.speaker, []).append(each.id)
    return {speaker: tuple(ids) for speaker, ids in sides.items()}
