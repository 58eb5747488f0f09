"""The card of a trained model."""

import datetime
from collections.abc import Iterable, Mapping

from voxaffect.card import NOT_EXPORTED, BaselineHeadRecord, Card, SpeechDetectorRecord, Window
from voxaffect.card.scores import Calibration, Scores
from voxaffect.card.training import CorpusRecord, EncoderRecord, SplitRecord, TrainingRecord
from voxaffect.corpora import NO_LICENCE, Description
from voxaffect.models import EncoderFrontend
from voxaffect.settings.experiment import SHORTEST
from voxaffect.training.fit import Fitted
from voxaffect.training.prepared import Prepared
from voxaffect.training.pretrained import pretrained_record

LONGEST = 6.0
"""Seconds of the longest window of a recogniser; the longest clip of RAVDESS lasts 5.3."""


def card(
    prepared: Prepared,
    fitted: Fitted,
    *,
    corpora: Iterable[Description],
    versions: Mapping[str, str],
    scores: Scores | None = None,
    calibration: Calibration | None = None,
    baseline_head: BaselineHeadRecord | None = None,
    speech_detector: SpeechDetectorRecord | None = None,
) -> Card:
    """The card of a bundle, but for what `export` and `bundle.assemble` add of the model itself.

    Args:
        prepared: What was trained.
        fitted: What training gave.
        corpora: That the utterances are of.
        versions: Package -> version.
        scores: Of a benchmark of the same experiment; None where it has not been scored.
        calibration: None where it was not calibrated.
        baseline_head: None where there is none.
        speech_detector: Likewise.
    """
    experiment, split, train = prepared.experiment, prepared.split, prepared.train.utterances
    records = tuple(CorpusRecord(each.name, each.licence, each.language, each.cite, each.url) for each in corpora)
    settings = experiment.to_dict()
    # Names, not the paths of folders, which are private.
    settings["training"]["pretrained"] = [each.name for each in fitted.pretrained]
    encoder: EncoderRecord | None = None
    if isinstance(prepared.frontend, EncoderFrontend):
        files = prepared.frontend.files
        encoder = EncoderRecord(files.short_name, files.sha256, files.licence)
        settings["frontend"]["encoder"] = encoder.name
    training = TrainingRecord(
        corpora=records,
        utterances=sum(not each.copy for each in train),
        styles=tuple(sorted({each.style for each in train})),
        split=SplitRecord(
            split.name,
            split.speakers_apart,
            *(tuple(sorted(side)) for side in (split.train, split.dev, split.test)),
        ),
        epochs=fitted.epochs,
        best_epoch=fitted.best_epoch,
        copies=sum(bool(each.copy) for each in train),
        seconds=round(fitted.seconds),
        experiment=settings,
        pretrained=pretrained_record(fitted.pretrained),
        encoder=encoder,
    )
    return Card(
        classes=prepared.scheme.classes,
        scheme=experiment.training.scheme,
        sample_rate=experiment.input.sample_rate,
        window=Window(
            training=experiment.input.window,
            shortest=SHORTEST + (experiment.input.start or 0.0),
            longest=LONGEST,
            trim=experiment.input.trim,
            pad=experiment.input.pad,
            align=experiment.input.align,
        ),
        licence=_licence(training.all_corpora),
        model=NOT_EXPORTED,
        training=training,
        versions=dict(versions),
        created=datetime.datetime.now(datetime.UTC).date().isoformat(),
        scores=scores or Scores(),
        calibration=calibration,
        baseline_head=baseline_head,
        speech_detector=speech_detector,
    )


def _licence(corpora: Iterable[CorpusRecord]) -> str:
    """What the licences of the recordings make of the bundle.

    Examples:
        >>> _licence([CorpusRecord("emodb", "CC BY 4.0"), CorpusRecord("emovo", NO_LICENCE)])
        'none, must not be passed on: no licence is stated for emovo'
        >>> _licence([CorpusRecord("x", "CC BY 4.0, for research alone"), CorpusRecord("emodb", "CC BY 4.0")])
        'CC BY 4.0, for research alone'
    """
    licences = {each.name: each.licence for each in corpora}
    if unlicensed := sorted(name for name, licence in licences.items() if licence == NO_LICENCE):
        return f"none, must not be passed on: no licence is stated for {' and '.join(unlicensed)}"
    known = set(licences.values())
    wider = {each for each in known if any(other.startswith(f"{each}, ") for other in known)}
    return " and ".join(sorted(known - wider))
