"""The article's set-ups: who trains, who is tested, on which classes, with which copies, and what was published.

All are of RAVDESS, speech and song together. As published, validation clips are drawn from the training speakers after
augmentation, so that a clip and its copy can lie on both sides. Corrected, two men and two women validate who do not
train, and only training clips are copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from voxaffect import labels, splits
from voxaffect.augment import augmented
from voxaffect.corpora import Utterance
from voxaffect.errors import check
from voxaffect.labels import Scheme
from voxaffect.settings import CopySettings
from voxaffect.splits import LEAKY, LeakySplit, Sides

CORPUS = "ravdess"
TEST = ("21", "22", "23", "24")
DEV = ("16", "17", "19", "20")
"""The actors that are tested, as published, and those that validate, where that is corrected."""

SHARE = 0.2
"""Of the clips that do not test: how many validate, as published."""

EPOCHS = 700
"""Of a row, as published."""

BEST = "best"
"""The row of our own model: trained once, and scored on the test clips of every set-up."""

CORRECTED = "corrected"
MODES = (LEAKY, CORRECTED)


@dataclass(frozen=True)
class Published:
    """Accuracies and macro F1 in per cent, None where they are lost."""

    dev: float | None = None
    test: float | None = None
    f1: float | None = None


@dataclass(frozen=True)
class SetUp:
    """One row of the article's table.

    Attributes:
        counts: Published numbers of clips in train, dev and test, if any.
        sexes: Of the speakers.
        copies: Augmented copies that are added to the clips.
        tested_trained: Whether the test clips also train and validate.
        corrected_as: The row whose corrected run is also this one's.
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

    def leak(self) -> str:
        """What leaks in the set-up as published."""
        if self.tested_trained:
            return "the test clips train and validate"
        return "validation shares speakers" + (" and copies of clips" if self.copies.kinds else "") + " with training"

    def sides(self, corpus: Sequence[Utterance], mode: str, seed: int) -> tuple[list[Utterance], Sides]:
        """The utterances, copies included where the split is to divide them too, and the split.

        Args:
            corpus: All its utterances.
            mode: One of `MODES`.
            seed: Of the published division, which was random.
        """
        scheme = labels.scheme(self.scheme)
        chosen = [each for each in corpus if each.sex in self.sexes and scheme.index_of(each) is not None]
        test = [each for each in chosen if each.speaker in _speakers(TEST)]
        name = f"article-{self.name}-{mode}"
        if mode == CORRECTED:
            speaking = {each.speaker for each in chosen}
            dev = [speaker for speaker in _speakers(DEV) if speaker in speaking]
            return chosen, splits.by_speaker(name, chosen, dev=dev, test=sorted({each.speaker for each in test}))
        pool = chosen if self.tested_trained else [each for each in chosen if each not in test]
        pool = [*pool, *augmented(pool, self.copies.kinds, self.copies.classes, scheme)]
        drawn = _stratified(pool, scheme, SHARE, np.random.default_rng(seed))
        train, dev_side = ([each for n, each in enumerate(pool) if (n in drawn) == dev] for dev in (False, True))
        known = {each.id: each for each in (*pool, *test)}
        return list(known.values()), LeakySplit(name, _by_speaker(train), _by_speaker(dev_side), _by_speaker(test))


def _with_copies(scheme: str, published: Published, *kinds: str, only: tuple[str, ...] = ()) -> SetUp:
    """A set-up of men with augmented copies, of clips of some classes or of all."""
    classes = scheme.removeprefix("article-")
    return SetUp(
        "-".join((f"men-{classes}", *kinds, *only)),
        f"men, {classes} classes, {' and '.join(kinds)}" + "".join(f" of {name} clips only" for name in only),
        scheme,
        published,
        # 640 clips train and 160 validate; each kind of copy adds as many.
        None if only else (640 * (1 + len(kinds)), 160 * (1 + len(kinds)), 160),
        copies=CopySettings(kinds, only),
    )


_TEN, _TWO, _FIVE = "article-10", "article-2", "article-5"
_BOTH = ("female", "male")
_ALL = (
    # The article's report prints the longer of the two networks for both rows of ten classes.
    SetUp(
        "ancestor-all",
        "10 classes (sex and emotion), nobody held out",
        _TEN,
        Published(50.27, 61.25, 60.04),
        (1504, 376, 320),
        _BOTH,
        "ancestor-long",
        tested_trained=True,
        corrected_as="ancestor",
    ),
    SetUp(
        "ancestor",
        "10 classes (sex and emotion), actors 21-24 held out",
        _TEN,
        Published(47.12, 36.56, 34.52),
        (1248, 312, 320),
        _BOTH,
        "ancestor-long",
    ),
    SetUp("men-5", "men, 5 classes", _FIVE, Published(51.25, 46.25, 45.38), (640, 160, 160)),
    SetUp("women-5", "women, 5 classes", _FIVE, Published(64.47, 43.13, 43.33), (608, 152, 160), ("female",)),
    SetUp("men-2", "men, 2 classes", _TWO, Published(74.38, 65.63, 64.28), (640, 160, 160)),
    SetUp("men-3", "men, 3 classes", "article-3", Published(60.23, 58.50, 52.67), (704, 176, 176)),
    _with_copies(_FIVE, Published(83.75, 38.13, 38.46), "gain"),
    _with_copies(_FIVE, Published(75.00, 40.00, 38.80), "pitch"),
    _with_copies(_FIVE, Published(72.19, 42.50, 41.94), "shift"),
    _with_copies(_FIVE, Published(87.19, 40.00, 39.90), "noise"),
    _with_copies(_FIVE, Published(91.25, 45.00, 45.26), "noise", "shift"),
    _with_copies(_TWO, Published(85.52, 67.50, 66.75), "noise", "shift"),
    _with_copies(_TWO, Published(86.46, 62.50, 59.74), "pitch", "noise"),
    _with_copies(_TWO, Published(), "noise", "shift", only=("positive",)),
    _with_copies(_TWO, Published(), "pitch", "noise", only=("positive",)),
)

SETUPS: dict[str, SetUp] = {each.name: each for each in _ALL}


def setup(name: str) -> SetUp:
    """The set-up of that name.

    Raises:
        SettingsError: There is none.
    """
    check(name in SETUPS, f"row {name!r} is not known; choose among {', '.join(SETUPS)}")
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


def _by_speaker(utterances: Sequence[Utterance]) -> dict[str, tuple[str, ...]]:
    sides: dict[str, list[str]] = {}
    for each in utterances:
        sides.setdefault(each.speaker, []).append(each.id)
    return {speaker: tuple(ids) for speaker, ids in sides.items()}
