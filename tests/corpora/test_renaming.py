import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxaffect import corpora, labels
from voxaffect.corpora.own.renaming import Renaming
from voxaffect.errors import SettingsError, TableError, VoxaffectWarning

from .test_own import sound, table

NAMES = {
    "angry": ["Wütend", "wuetend", "ÄRGER", "rabbia", "złość", "zlosc", "Злость", "colère", "vred", "분노", "ira"],
    "bored": ["Langeweile", "noia", "kedsomhed", "nuda"],
    "disgust": ["Ekel", "disgusto", "dégoût", "asco", "отвращение"],
    "fearful": ["Angst", "paura", "strach", "страх", "miedo", "공포"],
    "happy": ["Freude", "gioia", "radość", "РАДОСТЬ", "alegria", "joie", "glad", "glæde", "glaede", "기쁨"],
    "neutral": ["neutro", "neutre", "neutralny", "нейтральный", "중립"],
    "pleasantly surprised": ["pleasant_surprise", "Pleasant-Surprise"],
    "sad": ["traurig", "tristezza", "smutek", "грусть", "triste", "슬픔", "ked af det"],
    "surprised": ["Überraschung", "ueberraschung", "sorpresa", "zaskoczenie", "удивленный", "놀람"],
}


@pytest.mark.parametrize(("emotion", "names"), NAMES.items())
def test_emotions_have_names_in_the_languages_of_corpora(emotion, names):
    assert [labels.canonical_emotion(name) for name in names] == [emotion] * len(names)


def test_a_name_is_of_one_emotion_in_all_languages():
    emotions = {}
    for language in labels._TABLES["names"].values():
        for emotion, names in language.items():
            assert emotion in labels.EMOTIONS
            for name in names:
                emotions.setdefault(labels.folded(name), set()).add(emotion)
                assert labels.canonical_emotion(name) == emotion
    assert {name: known for name, known in emotions.items() if len(known) > 1} == {}


@given(st.text())
def test_any_label_is_an_emotion_or_stays_as_it_is(label):
    assert labels.canonical_emotion(label) in (*labels.EMOTIONS, label.strip())


def test_a_scheme_of_names_has_a_class_for_their_emotions():
    scheme = labels.scheme("Freude, Trauer, on hold")
    assert [scheme.index(emotion) for emotion in ("happy", "sad", "on hold", "angry")] == [0, 1, 2, None]
    both = labels.scheme("Wut, Ärger")  # of one emotion: only what is called so is in either
    assert [both.index(emotion) for emotion in ("Wut", "Ärger", "angry")] == [0, 1, None]


def test_labels_stand_for_what_the_caller_says():
    renaming = Renaming({"Genervt": "anger", "froh": "happy", "Wut": "Wut", "calm": "neutral"})
    labelled = ["genervt", "FROH", "wut", "Calm", "Freude", "on hold"]
    assert [renaming.emotion(label) for label in labelled] == ["angry", "happy", "Wut", "neutral", "happy", "on hold"]
    assert renaming.unused(["GENERVT", "wut"]) == ["froh", "calm"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "label,emotion\ngenervt,angry\nfroh,happy\n"),
        ("a.csv", "genervt,angry\nfroh,happy\n"),
        ("a.tsv", "genervt\tangry\r\n\r\nfroh\thappy\r\n"),
        ("a.csv", "\ufeffgenervt;angry;a note\nfroh;happy;\n"),
    ],
)
def test_labels_from_a_table_of_two_columns(tmp_path, name, text):
    (tmp_path / name).write_bytes(text.encode())
    renaming = Renaming(tmp_path / name)
    assert [renaming.emotion(label) for label in ("genervt", "froh", "label")] == ["angry", "happy", "label"]


@pytest.mark.parametrize(
    ("given", "kind", "reason"),
    [
        ({"a": "angry", "A": "sad"}, SettingsError, "`labels` A=sad: stands for angry already"),
        ({"a": " "}, SettingsError, "names no label or no emotion"),
        ("a,angry\nb\n", TableError, "line 2 has not two cells"),
    ],
)
def test_labels_that_cannot_be_used(tmp_path, given, kind, reason):
    if isinstance(given, str):
        (tmp_path / "names.csv").write_text(given)
        given = tmp_path / "names.csv"
    with pytest.raises(kind, match=reason) as raised:
        Renaming(given)
    assert "\n" not in str(raised.value)


def clips(folder: Path, moods: dict[str, int]) -> Path:
    rows = [(f"{mood}-{number}.wav", mood, "x", "") for mood, count in moods.items() for number in range(count)]
    for name, *_ in rows:
        sound(folder / name)
    return table(folder / "mine.csv", rows=rows)


def test_sources_say_what_became_of_labels(tmp_path):
    mine = clips(tmp_path, {"Wut": 1, "ärgerlich": 2, "froh": 1})
    with pytest.warns(VoxaffectWarning) as caught:
        loaded = corpora.load_sources(mine, labels={"froh": "happy", "fröhlich": "happy"})
    assert sorted(clip.emotion for clip in loaded.utterances) == ["angry", "angry", "angry", "happy"]
    assert loaded.corpora[0].labels == {"Wut": 1, "ärgerlich": 2, "froh": 1}
    told = [str(each.message) for each in caught]
    assert told == [
        "`labels` names fröhlich: no recording has that label; there are Wut, froh, ärgerlich",
        "the labels Wut and ärgerlich all count as angry; `labels` ärgerlich=ärgerlich keeps one apart",
    ]


def test_nothing_is_said_of_labels_that_are_clear(tmp_path, recwarn):
    corpora.load_sources(clips(tmp_path, {"Anger": 1, "anger": 1, "Freude": 1}))
    assert [str(each.message) for each in recwarn] == []


def test_labels_without_a_class_are_listed_with_a_remedy(tmp_path):
    utterances = corpora.load_sources(clips(tmp_path, {"angyr": 2, "froh": 1, "calm": 1})).utterances
    scheme = labels.scheme("common-4")
    said = corpora.sources.without_class(utterances, scheme)
    assert said == "2 angyr, 1 calm, 1 froh; name an emotion by `labels` angyr=angry"


def test_every_slip_has_its_proposal(tmp_path):
    utterances = corpora.load_sources(clips(tmp_path, {"Freud": 3, "traurg": 2, "wütned": 1, "xyz": 1})).utterances
    said = corpora.sources.without_class(utterances, labels.scheme("common-4"))
    assert said.endswith("; name an emotion by `labels` Freud=Freude,traurg=traurig,wütned=wütend")


def test_short_names_of_corpora_are_known_where_they_are_clear():
    short = ["ang", "hap", "neu", "sad", "fea", "dis", "sur", "NEU", "exc", "fru", "oth", "xxx"]
    assert [labels.canonical_emotion(each) for each in short] == [
        *("angry", "happy", "neutral", "sad", "fearful", "disgust", "surprised", "neutral"),
        *("exc", "fru", "oth", "xxx"),
    ]


def test_json_arrays_are_tables(tmp_path):
    sound(tmp_path / "a.wav")
    (tmp_path / "mine.json").write_text(json.dumps([{"path": "a.wav", "emotion": "Freude", "speaker": "x"}]))
    assert [clip.emotion for clip in corpora.load_own(tmp_path / "mine.json").utterances] == ["happy"]
