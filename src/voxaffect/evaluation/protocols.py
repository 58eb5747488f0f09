"""Published set-ups by name: which corpus, which classes, who is tested when, and who validates."""

from collections.abc import Iterable
from dataclasses import dataclass

from voxaffect import labels, splits
from voxaffect.corpora import Corpus, Utterance
from voxaffect.errors import SettingsError
from voxaffect.splits import Split


@dataclass(frozen=True)
class Fold:
    """Speakers of one fold, without their corpus's name; all others train."""

    name: str
    test: tuple[str, ...]
    dev: tuple[str, ...]


@dataclass(frozen=True)
class Protocol:
    """A set-up that scores can be compared under. style: the kind of utterances it is about."""

    name: str
    title: str
    corpus: str
    style: str
    scheme: str
    folds: tuple[Fold, ...]

    def utterances(self, found: Iterable[Utterance]) -> list[Utterance]:
        """Those of the corpus's utterances that the protocol is about."""
        scheme = labels.scheme(self.scheme)
        return [each for each in found if each.style == self.style and scheme.index(each.emotion, each.sex) is not None]

    def refuse_incomplete(self, corpus: Corpus) -> None:
        """Raise CorpusError where a clip of the official release is not there: fewer clips make another score."""
        corpus.refuse_incomplete([self.style], f"{self.name} needs")

    def splits(self, utterances: Iterable[Utterance]) -> list[Split]:
        """One split a fold.

        Raises SplitError where a speaker is not there.
        """
        chosen = self.utterances(utterances)
        return [
            splits.by_speaker(f"{self.name}/{fold.name}", chosen, self._speakers(fold.dev), self._speakers(fold.test))
            for fold in self.folds
        ]

    def _speakers(self, names: Iterable[str]) -> list[str]:
        return [f"{self.corpus}/{name}" for name in names]


# Test speakers: Luna-Jimenez et al. 2021, "Multimodal Emotion Recognition on RAVDESS Dataset Using Transfer Learning".
# They publish no validation speakers. Ours are the first man and the first woman of the next fold.
_LUNA = (
    Fold("1", test=("02", "05", "14", "15", "16"), dev=("03", "06")),
    Fold("2", test=("03", "06", "07", "13", "18"), dev=("11", "10")),
    Fold("3", test=("10", "11", "12", "19", "20"), dev=("17", "08")),
    Fold("4", test=("08", "17", "21", "23", "24"), dev=("01", "04")),
    Fold("5", test=("01", "04", "09", "22"), dev=("05", "02")),
)

PROTOCOLS: dict[str, Protocol] = {
    "ravdess-luna5": Protocol(
        "ravdess-luna5", "RAVDESS speech, 8 classes, 5 folds by speaker", "ravdess", "speech", "ravdess-8", _LUNA
    ),
}


def protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises SettingsError for an unknown one.
    """
    if name not in PROTOCOLS:
        raise SettingsError(f"protocol {name!r} is not known; choose one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
