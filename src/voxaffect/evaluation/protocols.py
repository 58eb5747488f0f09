"""Set-ups by name: which recordings, which classes, who is tested when, and who validates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voxaffect import labels
from voxaffect.corpora import Corpus, Utterance
from voxaffect.errors import SettingsError, SplitError
from voxaffect.splits import Split


@dataclass(frozen=True, order=True)
class Part:
    """The utterances of one style of a corpus."""

    corpus: str
    style: str = "speech"

    def holds(self, utterance: Utterance) -> bool:
        """Whether the utterance is one of them."""
        return utterance.style == self.style and utterance.corpus == self.corpus


@dataclass(frozen=True)
class Fold:
    """One division.

    Attributes:
        trained, tested: What is trained and validated on, and what is tested on.
        dev: Speakers who validate.
        test: Speakers who are tested; None: all of what is tested on.
    """

    name: str
    trained: tuple[Part, ...]
    tested: tuple[Part, ...]
    dev: tuple[str, ...]
    test: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Protocol:
    """A set-up that scores can be compared under."""

    name: str
    title: str
    scheme: str
    folds: tuple[Fold, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that is trained or tested on."""
        return tuple(sorted({part for fold in self.folds for part in (*fold.trained, *fold.tested)}))

    @property
    def corpora(self) -> tuple[str, ...]:
        """The names of the corpora that must be there."""
        return tuple(dict.fromkeys(part.corpus for part in self.parts))

    def utterances(self, found: Iterable[Utterance]) -> list[Utterance]:
        """Those of the protocol's parts, of whatever emotion."""
        return [each for each in found if any(part.holds(each) for part in self.parts)]

    def refuse_incomplete(self, corpora: Mapping[str, Corpus]) -> None:
        """Refuse a release that is not complete: fewer clips make another score.

        Raises:
            CorpusError: A clip is missing.
        """
        for part in self.parts:
            corpora[part.corpus].check_complete([part.style], f"{self.name} needs")

    def splits(self, utterances: Iterable[Utterance], extra_classes: bool = False) -> list[Split]:
        """One split a fold.

        Args:
            utterances: Of the whole corpora.
            extra_classes: Whether emotions that the scheme has no class for are on the training side as well.

        Raises:
            SplitError: A speaker is missing.
        """
        chosen, scheme = self.utterances(utterances), labels.scheme(self.scheme)
        classed = [each for each in chosen if scheme.index_of(each) is not None]
        return [self._split(fold, chosen if extra_classes else classed, classed) for fold in self.folds]

    def _split(self, fold: Fold, trained_on: list[Utterance], scored: list[Utterance]) -> Split:
        """trained_on: what training clips are taken from; scored: what dev and test clips are."""
        name = f"{self.name}/{fold.name}"
        train = _by_speaker(trained_on, fold.trained)
        trained, tested = _by_speaker(scored, fold.trained), _by_speaker(scored, fold.tested)
        test = tuple(tested) if fold.test is None else fold.test
        for speaker, there in [*((each, trained) for each in fold.dev), *((each, tested) for each in test)]:
            if speaker not in there:
                raise SplitError(f"split {name}: speaker {speaker} has no utterance; load the whole corpus")
        apart = {*fold.dev, *test}
        return Split(
            name,
            {speaker: ids for speaker, ids in train.items() if speaker not in apart},
            {speaker: trained[speaker] for speaker in sorted(fold.dev)},
            {speaker: tested[speaker] for speaker in sorted(test)},
        )


def _by_speaker(utterances: Iterable[Utterance], parts: tuple[Part, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for each in utterances:
        if any(part.holds(each) for part in parts):
            found.setdefault(each.speaker, []).append(each.id)
    return {speaker: tuple(found[speaker]) for speaker in sorted(found)}


def _folds(
    dealt: Iterable[tuple[str, str, str]], trained: Part, tested: Part | None = None, but: tuple[str, ...] = ()
) -> tuple[Fold, ...]:
    """Folds of (name, test speakers, dev speakers), speakers without their corpus, parted by spaces.

    tested: what is tested on, where it is not what is trained on; but: speakers whom that does not have.
    """

    def whole(text: str) -> tuple[str, ...]:
        return tuple(f"{trained.corpus}/{each}" for each in text.split() if each not in but)

    return tuple(
        Fold(name, (trained,), (tested or trained,), dev=whole(dev), test=whole(test)) for name, test, dev in dealt
    )


_SPEECH, _SONG = Part("ravdess"), Part("ravdess", "song")
_CREMA, _EMODB = Part("crema-d"), Part("emodb")
_ACTORS = [f"{actor:02d}" for actor in range(1, 25)]
_EMODB_MEN, _EMODB_WOMEN = ("03", "10", "11", "12", "15"), ("08", "09", "13", "14", "16")

# Test speakers: Luna-Jimenez et al. 2021, "Multimodal Emotion Recognition on RAVDESS Dataset Using Transfer Learning".
# They publish no validation speakers. Ours are the first man and the first woman of the next fold.
_LUNA = (
    ("1", "02 05 14 15 16", "03 06"),
    ("2", "03 06 07 13 18", "11 10"),
    ("3", "10 11 12 19 20", "17 08"),
    ("4", "08 17 21 23 24", "01 04"),
    ("5", "01 04 09 22", "05 02"),
)
# Test speakers: Ma et al. 2024, "EmoBox: Multilingual Multi-corpus Speech Emotion Recognition Toolkit and Benchmark".
# Validation speakers as above; the second fold has no man, and the man of the first fold's is of the third.
_EMOBOX = (
    ("1", "01 11 20 21", "09 04"),
    ("2", "04 10 12 14", "08 09"),
    ("3", "08 09 19 23", "03 24"),
    ("4", "03 05 07 24", "02 15"),
    ("5", "02 15 16 18", "06 13"),
    ("6", "06 13 17 22", "01 20"),
)
# Each with the two actors after it, a man and a woman, as validation speakers.
_ALONE = tuple((actor, actor, f"{_ACTORS[place - 23]} {_ACTORS[place - 22]}") for place, actor in enumerate(_ACTORS))
# Dealt at random, men and women by themselves; validation speakers are the first four men and women of the next fold.
_CREMA_FOLDS = (
    (
        "1",
        "1005 1009 1011 1014 1018 1023 1024 1029 1043 1050 1055 1060 1063 1065 1077 1079 1081 1083 1085",
        "1003 1006 1008 1010 1017 1038 1040 1042",
    ),
    (
        "2",
        "1003 1006 1008 1010 1017 1021 1025 1028 1038 1040 1042 1047 1049 1057 1059 1062 1067 1086",
        "1013 1016 1019 1030 1039 1041 1054 1056",
    ),
    (
        "3",
        "1013 1016 1019 1030 1039 1041 1044 1051 1054 1056 1064 1068 1072 1073 1075 1076 1088 1089",
        "1002 1015 1020 1022 1026 1031 1046 1058",
    ),
    (
        "4",
        "1002 1015 1020 1022 1026 1031 1045 1046 1048 1058 1066 1069 1071 1074 1078 1080 1082 1084",
        "1001 1004 1007 1012 1027 1032 1033 1037",
    ),
    (
        "5",
        "1001 1004 1007 1012 1027 1032 1033 1034 1035 1036 1037 1052 1053 1061 1070 1087 1090 1091",
        "1005 1009 1011 1014 1018 1023 1024 1029",
    ),
)
# Each with the man and the woman after it as validation speakers.
_EMODB_FOLDS = tuple(
    sorted(
        (speaker, speaker, f"{_EMODB_MEN[place - 4]} {_EMODB_WOMEN[place - 4]}")
        for group in (_EMODB_MEN, _EMODB_WOMEN)
        for place, speaker in enumerate(group)
    )
)
# Who validates where several corpora are trained on: some men and as many women of each.
_VALIDATING = {
    _SPEECH: ("01", "02", "03", "04"),
    _CREMA: ("1003", "1006", "1008", "1010", "1017", "1038", "1040", "1042"),
    _EMODB: ("03", "08"),
}


def _leave_one_corpus_out(parts: tuple[Part, ...]) -> tuple[Fold, ...]:
    """Folds in which each part is tested whole, by a model trained on all other parts."""
    return tuple(_across(tested.corpus, tuple(part for part in parts if part != tested), (tested,)) for tested in parts)


def _pairs(parts: tuple[Part, ...]) -> tuple[Fold, ...]:
    """Folds in which each part is trained on by itself, and all others are tested whole."""
    return tuple(
        _across(f"from {trained.corpus}", (trained,), tuple(part for part in parts if part != trained))
        for trained in parts
    )


def _across(name: str, trained: tuple[Part, ...], tested: tuple[Part, ...]) -> Fold:
    dev = tuple(f"{part.corpus}/{speaker}" for part in trained for speaker in _VALIDATING[part])
    return Fold(name, trained, tested, dev)


_ALL = (
    Protocol("ravdess-luna5", "RAVDESS speech, 8 classes, 5 folds by speaker", "ravdess-8", _folds(_LUNA, _SPEECH)),
    Protocol("ravdess-emobox6", "RAVDESS speech, 8 classes, 6 folds by speaker", "ravdess-8", _folds(_EMOBOX, _SPEECH)),
    Protocol("ravdess-loso", "RAVDESS speech, 8 classes, one speaker left out", "ravdess-8", _folds(_ALONE, _SPEECH)),
    Protocol(
        "ravdess-song", "RAVDESS song, 6 classes, 5 folds by speaker", "ravdess-6", _folds(_LUNA, _SONG, but=("18",))
    ),
    Protocol(
        "ravdess-speech-to-song",
        "RAVDESS, trained on speech, tested on song of other speakers, 6 classes, 5 folds",
        "ravdess-6",
        _folds(_LUNA, _SPEECH, _SONG, but=("18",)),
    ),
    Protocol(
        "ravdess-song-to-speech",
        "RAVDESS, trained on song, tested on speech of other speakers, 6 classes, 5 folds",
        "ravdess-6",
        _folds(_LUNA, _SONG, _SPEECH),
    ),
    Protocol("crema-d-5fold", "CREMA-D, 6 classes, 5 folds by speaker", "crema-6", _folds(_CREMA_FOLDS, _CREMA)),
    Protocol("emodb-loso", "EMO-DB, 7 classes, one speaker left out", "emodb-7", _folds(_EMODB_FOLDS, _EMODB)),
    Protocol(
        "cross-common4",
        "trained on all corpora but one, tested on that one whole: RAVDESS speech, CREMA-D, EMO-DB; 4 classes",
        "common-4",
        _leave_one_corpus_out((_SPEECH, _CREMA, _EMODB)),
    ),
    Protocol(
        "pairs-common4",
        "trained on one corpus, tested on two others whole; 4 classes. To choose by: a pair knows nothing of the third",
        "common-4",
        _pairs((_SPEECH, _CREMA, _EMODB)),
    ),
)

PROTOCOLS: dict[str, Protocol] = {each.name: each for each in _ALL}


def protocol(name: str) -> Protocol:
    """The protocol of that name.

    Raises:
        SettingsError: There is none.

    Examples:
        >>> protocol("emodb-loso").corpora
        ('emodb',)
    """
    if name not in PROTOCOLS:
        raise SettingsError(f"protocol {name!r} is not known; choose one of {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]
