"""What a corpus and a recording look like: distributions, differences, the map of embeddings, and clips."""

from collections.abc import Sequence
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from voxaffect.audio import Waveform
from voxaffect.exploring import pitch
from voxaffect.exploring.drawing import ink, picture
from voxaffect.exploring.measures import FRAME, MEASURES, SAMPLE_RATE, active_frames
from voxaffect.exploring.survey import Survey

MARKS = {"female": ("o", "women", 0.18), "male": ("s", "men", -0.18)}
"""How a sex is marked beside its colour, what it is called, and where it stands in its row."""

_WIDTH = 430
_RANGE = 60  # dB that a spectrogram shows: what is fainter is hardly heard, and noise weighs much
_STEP = 2  # dB that its colours tell apart: finer ones are not seen and weigh much
_N_FFT = 512


def distribution(survey: Survey, name: str) -> str:
    """One measure by emotion and sex: median, middle half, and percentiles 5 to 95 -> SVG."""
    measure, values = MEASURES[name], survey.values(name)
    emotions, sexes = survey.labels("emotion"), survey.labels("sex")
    rows, present = survey.present("emotion"), survey.present("sex")
    about = f"{measure.title} ({measure.unit}) by emotion and sex"
    with picture(f"distribution-{name}", about, 380, 60 + 24 * len(rows)) as drawn:
        (axes,) = drawn.axes()
        for row, emotion in enumerate(reversed(rows)):
            for sex in present or [""]:
                chosen = values[(emotions == emotion) & (sexes == sex) & np.isfinite(values)]
                if len(chosen):
                    _spread(axes, row, sex, chosen)
        _rows(axes, list(reversed(rows)))
        axes.set_xlabel(f"{measure.title}, {measure.unit}")
        _legend(axes, present)
    return drawn.svg


def level_by_emotion(contrasts: Sequence[dict[str, Any]]) -> str:
    """How much louder than neutral each emotion is, by sex, with intervals over speakers -> SVG.

    contrasts: `level_by_emotion` of `observations.answer`.
    """
    rows = sorted({each["emotion"] for each in contrasts}, reverse=True)
    with picture("level-by-emotion", "Level of each emotion less that of neutral, in dB", _WIDTH, 260) as drawn:
        (axes,) = drawn.axes()
        axes.axvline(0, color=ink("faint"), linewidth=1)
        for each in contrasts:
            sex = _sex(each["who"])
            _, _, aside = MARKS[sex]
            _interval(axes, each["difference"], each["interval"], rows.index(each["emotion"]) + aside, sex)
        _rows(axes, rows)
        axes.set_xlabel("dB louder than the same voice's neutral clips; 95 % interval over speakers")
        _legend(axes, [sex for sex in MARKS if any(_sex(each["who"]) == sex for each in contrasts)])
    return drawn.svg


def beyond_level(contrasts: Sequence[dict[str, Any]]) -> str:
    """An emotion against all others, as it is spoken and at equal level, a panel for each sex -> SVG.

    contrasts: those of a question of `observations.answer` that asks beyond level.
    """
    sexes = [sex for sex in ("male", "female") if any(_sex(each["who"]) == sex for each in contrasts)]
    rows = list(reversed([name for name in MEASURES if any(each["measure"] == name for each in contrasts)]))
    about = f"{contrasts[0]['emotion']} against all others: as spoken, and at equal level"
    with picture("beyond-level", about, _WIDTH, 260) as drawn:
        for axes, sex in zip(drawn.axes(1, len(sexes), sharex=True, sharey=True), sexes, strict=True):
            axes.axvline(0, color=ink("faint"), linewidth=1)
            for each in contrasts:
                if _sex(each["who"]) != sex or not each["difference"]:
                    continue
                row, spread = rows.index(each["measure"]), each["difference"] / each["standardised"]
                _interval(axes, *_scaled(each, spread), row + 0.15, sex)
                if "equal_level" in each:
                    _interval(axes, *_scaled(each["equal_level"], spread), row - 0.15, sex, hollow=True)
            _rows(axes, [MEASURES[name].title.split(",")[0] for name in rows])
            axes.set_title(MARKS[sex][1], fontweight="bold")
        marks = [Line2D([], [], **_marked(sexes[0], hollow)) for hollow in (False, True)]
        drawn.figure.legend(marks, ["as spoken", "at equal level"], loc="outside lower right", ncols=2, fontsize=9)
        drawn.figure.supxlabel("deviations of one voice's clips", fontsize=10, x=0.28)
    return drawn.svg


def landscape(survey: Survey, places: npt.NDArray[np.floating]) -> str:
    """Clips as points, near each other where the model takes them for alike: (clips, 2) -> SVG.

    The colour is the emotion's, the shape the sex's; each emotion's name stands above its clips.
    """
    emotions, sexes = survey.labels("emotion"), survey.labels("sex")
    with picture("landscape", "Map of the clips' embeddings, by emotion and sex", _WIDTH, 400) as drawn:
        (axes,) = drawn.axes()
        for emotion in survey.present("emotion"):
            for sex in ("female", "male", ""):
                chosen = (emotions == emotion) & (sexes == sex)
                marker = MARKS[sex][0] if sex else "^"
                axes.scatter(
                    places[chosen, 0], places[chosen, 1], s=13, c=_emotion(emotion), marker=marker, linewidths=0
                )
        for emotion in survey.present("emotion"):
            x, y = places[emotions == emotion].T
            box = {"facecolor": ink("paper"), "edgecolor": _emotion(emotion), "boxstyle": "round,pad=0.25"}
            at = (float(np.median(x)), float(np.percentile(y, 98)))
            axes.annotate(
                emotion, at, (0, 10), textcoords="offset points", ha="center", va="bottom", fontweight="bold", bbox=box
            )
        axes.set(xticks=[], yticks=[], frame_on=False, aspect="equal")
        marks = [
            Line2D([], [], marker=MARKS[sex][0], color=ink("faint"), linestyle="") for sex in survey.present("sex")
        ]
        names = [MARKS[sex][1] for sex in survey.present("sex")]
        drawn.figure.legend(marks, names, loc="outside lower right", ncols=2, fontsize=9)
    return drawn.svg


def clip(name: str, about: str, waveform: Waveform, width: float = _WIDTH) -> str:
    """Waveform, pitch, spectrogram, mel spectrogram and MFCC of a recording, under each other -> SVG.

    waveform: (samples,) float32 at 16 kHz. Silence is shaded in the waveform. width: points.
    """
    span = (0.0, len(waveform) / SAMPLE_RATE)
    columns = round(0.6 * width)
    hop = max(FRAME, -(-len(waveform) // columns))
    padded = np.pad(waveform, (0, max(0, _N_FFT - len(waveform))))
    spectrum = np.abs(librosa.stft(padded, n_fft=_N_FFT, hop_length=hop)) ** 2
    mel = librosa.feature.melspectrogram(S=spectrum, sr=SAMPLE_RATE, n_mels=64)
    with picture(name, f"Waveform, pitch, spectrogram, mel and MFCC: {about}", width, 520) as drawn:
        wave, voice, linear, mels, cepstrum = drawn.axes(5, sharex=True, height_ratios=(4, 3, 5, 5, 4))
        _waveform(wave, waveform, 2 * columns)
        heard = np.where(active_frames(waveform), pitch.track(waveform), np.nan)
        voice.plot((np.arange(len(heard)) + 0.5) * FRAME / SAMPLE_RATE, heard, color=ink("ink"), linewidth=1.5)
        voice.set_ylabel("Hz")
        voice.set_title("Pitch")
        linear.imshow(_decibels(spectrum), "magma", extent=(*span, 0, SAMPLE_RATE / 2000), **_IMAGE)
        linear.set_ylabel("kHz")
        linear.set_title("Spectrogram, dB")
        mels.imshow(_decibels(mel), "magma", extent=(*span, 0, float(librosa.hz_to_mel(SAMPLE_RATE / 2))), **_IMAGE)
        mels.set_yticks(librosa.hz_to_mel(np.array([500, 1000, 2000, 4000])), ["0.5", "1", "2", "4"])
        mels.set_ylabel("kHz")
        mels.set_title("Mel spectrogram, 64 bands, dB")
        _cepstrum(cepstrum, mel, span)
    return drawn.svg


def drivers(
    name: str,
    about: str,
    seconds: npt.NDArray[np.floating],
    hertz: npt.NDArray[np.floating],
    worth: npt.NDArray[np.floating],
) -> str:
    """What each cell of time and frequency is worth to an answer -> SVG.

    seconds: (times + 1,) and hertz: (bands + 1,) edges. worth: (bands, times); negative speaks against it.
    """
    limit = float(np.abs(worth).max()) or 1.0
    rows = np.arange(len(hertz))
    with picture(name, about, 720, 240) as drawn:
        (axes,) = drawn.axes()
        steps = np.round(worth / limit * 20) / 20
        axes.pcolormesh(seconds, rows, np.ma.masked_equal(steps, 0), cmap="PuOr_r", vmin=-1, vmax=1)
        axes.set_yticks(rows, [f"{edge / 1000:g}" for edge in hertz])
        axes.set_ylabel("kHz")
        axes.set_xlabel("seconds")
    return drawn.svg


# interpolation="none" has the array itself put into the SVG, a pixel a value.
_IMAGE: dict[str, Any] = {"origin": "lower", "aspect": "auto", "interpolation": "none"}


def _cepstrum(axes: Axes, mel: npt.NDArray[np.floating], span: tuple[float, float]) -> None:
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=13)[1:]
    limit = float(np.abs(mfcc).max()) or 1.0
    steps = np.round(mfcc / limit * 20) / 20
    axes.imshow(steps, "PuOr", vmin=-1, vmax=1, extent=(*span, 0.5, len(mfcc) + 0.5), **_IMAGE)
    axes.set_ylabel("coefficient")
    axes.set_title("MFCC 1 to 12 (0 is the level)")
    axes.set_xlabel("seconds")
    axes.set_xlim(*span)


def _waveform(axes: Axes, waveform: Waveform, columns: int) -> None:
    columns = min(len(waveform), columns)
    parts = np.array_split(waveform, columns)
    times = (np.arange(columns) + 0.5) * len(waveform) / columns / SAMPLE_RATE
    low, high = [each.min() for each in parts], [each.max() for each in parts]
    axes.fill_between(times, low, high, color=ink("ink"), linewidth=0.3)
    quiet = ~np.append(active_frames(waveform), False)
    edges = np.flatnonzero(np.diff(quiet, prepend=False, append=False)) * FRAME / SAMPLE_RATE
    for start, end in edges.reshape(-1, 2):
        axes.axvspan(start, end, color=ink("line"), alpha=0.45, linewidth=0)
    axes.set_title("Waveform; silence shaded")


def _decibels(power: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Decibels under the loudest value, in steps: (bands, frames) -> the same."""
    levels = librosa.power_to_db(power, ref=np.max, top_db=_RANGE)
    return np.round(levels / _STEP) * _STEP


def _spread(axes: Axes, row: int, sex: str, values: npt.NDArray[np.float64]) -> None:
    marker, _, aside = MARKS.get(sex, ("^", "", 0.0))
    colour = ink(f"sex-{sex}") if sex else ink("ink")
    low, quarter, middle, three, high = np.percentile(values, [5, 25, 50, 75, 95])
    axes.plot([low, high], [row + aside] * 2, color=colour, linewidth=1)
    axes.plot([quarter, three], [row + aside] * 2, color=colour, linewidth=4.5, alpha=0.45, solid_capstyle="butt")
    axes.plot(middle, row + aside, marker, color=colour, markersize=5)


def _interval(axes: Axes, value: float, interval: Sequence[float], y: float, sex: str, hollow: bool = False) -> None:
    axes.plot(interval, [y, y], color=ink(f"sex-{sex}"), linewidth=1.6)
    axes.plot(value, y, **_marked(sex, hollow))


def _marked(sex: str, hollow: bool = False) -> dict[str, Any]:
    colour = ink(f"sex-{sex}")
    face = ink("paper") if hollow else colour
    return {"color": colour, "marker": MARKS[sex][0], "markersize": 6, "markerfacecolor": face, "linestyle": ""}


def _legend(axes: Axes, sexes: Sequence[str]) -> None:
    if sexes:
        marks, names = [Line2D([], [], **_marked(sex)) for sex in sexes], [MARKS[sex][1] for sex in sexes]
        figure = axes.get_figure()
        assert figure is not None
        figure.legend(marks, names, loc="outside upper right", ncols=2, fontsize=9)


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.grid(True)


def _scaled(found: dict[str, Any], spread: float) -> tuple[float, list[float]]:
    return found["difference"] / spread, [each / spread for each in found["interval"]]


def _sex(who: str) -> str:
    return "female" if who == "women" else "male"


def _emotion(name: str) -> str:
    return ink(f"emotion-{name.replace(' ', '-')}")
