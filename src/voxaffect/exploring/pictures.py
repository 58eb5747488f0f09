"""What a corpus and a recording look like: distributions, differences, the map of embeddings, and clips."""

from collections.abc import Sequence
from itertools import cycle
from typing import Any

import librosa
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap, to_rgba
from matplotlib.lines import Line2D

from voxaffect.audio import Waveform
from voxaffect.exploring import pitch
from voxaffect.exploring.drawing import picture
from voxaffect.exploring.measures import MEASURES, SAMPLE_RATE, active_frames
from voxaffect.exploring.survey import Survey
from voxaffect.html.colours import of_classes, plain

MARKS = {"female": ("o", "women", 0.18), "male": ("s", "men", -0.18)}
"""Mark of a sex (with its colour), its name, and its offset in a row."""

_SHAPES = "o^sDv<P>X*"
"""An emotion's mark on the map, in alphabetical order of those that are there."""

_WIDTH = 430
_RANGE = 60  # dB that a spectrogram shows: fainter energies are hardly audible, and noise takes space
_STEP = 2  # dB of one colour: finer ones are not visible and take space
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
    rows = sorted({contrast["emotion"] for contrast in contrasts}, reverse=True)
    with picture("level-by-emotion", "Level of each emotion less that of neutral, in dB", _WIDTH, 260) as drawn:
        (axes,) = drawn.axes()
        axes.axvline(0, color=plain("faint"), linewidth=1)
        for contrast in contrasts:
            sex = _sex(contrast["who"])
            _, _, aside = MARKS[sex]
            _interval(axes, contrast["difference"], contrast["interval"], rows.index(contrast["emotion"]) + aside, sex)
        _rows(axes, rows)
        axes.set_xlabel("dB above the same voice's neutral clips; 95 % interval")
        _legend(axes, [sex for sex in MARKS if any(_sex(contrast["who"]) == sex for contrast in contrasts)])
    return drawn.svg


def beyond_level(contrasts: Sequence[dict[str, Any]]) -> str:
    """An emotion against all others, as it is spoken and at equal level, a panel for each sex -> SVG.

    contrasts: those of a question of `observations.answer` that asks beyond level.
    """
    sexes = [sex for sex in ("male", "female") if any(_sex(contrast["who"]) == sex for contrast in contrasts)]
    rows = list(reversed([name for name in MEASURES if any(contrast["measure"] == name for contrast in contrasts)]))
    about = f"{contrasts[0]['emotion']} against all others: as spoken, and at equal level"
    with picture("beyond-level", about, _WIDTH, 260) as drawn:
        for axes, sex in zip(drawn.axes(1, len(sexes), sharex=True, sharey=True), sexes, strict=True):
            axes.axvline(0, color=plain("faint"), linewidth=1)
            for contrast in contrasts:
                if _sex(contrast["who"]) != sex or not contrast["difference"]:
                    continue
                row, spread = rows.index(contrast["measure"]), contrast["difference"] / contrast["standardised"]
                _interval(axes, *_scaled(contrast, spread), row + 0.15, sex)
                if "equal_level" in contrast:
                    _interval(axes, *_scaled(contrast["equal_level"], spread), row - 0.15, sex, hollow=True)
            _rows(axes, [MEASURES[name].title.split(",")[0] for name in rows])
            axes.set_title(MARKS[sex][1], fontweight="bold")
        marks = [Line2D([], [], **_marked(sexes[0], hollow)) for hollow in (False, True)]
        drawn.figure.legend(marks, ["as spoken", "at equal level"], loc="outside upper right", ncols=2)
        drawn.figure.supxlabel("deviations of one voice's clips", fontsize=11)
    return drawn.svg


def landscape(survey: Survey, places: npt.NDArray[np.floating]) -> str:
    """Clips as points, near each other where the model takes them for alike: (clips, 2) -> SVG.

    Colour and shape are the emotion's; women's clips are filled, men's hollow.
    """
    emotions, sexes = survey.labels("emotion"), survey.labels("sex")
    present, known = survey.present("emotion"), survey.present("sex")
    with picture("landscape", "Map of the clips' embeddings, by emotion and sex", _WIDTH, 400) as drawn:
        (axes,) = drawn.axes()
        keys = []
        for (emotion, name), shape in zip(of_classes(present).items(), cycle(_SHAPES), strict=False):
            style: dict[str, Any] = {"marker": shape, "color": plain(name), "markeredgewidth": 0.8, "linestyle": ""}
            for hollow in (False, True):
                chosen = (emotions == emotion) & ((sexes == "male") == hollow)
                axes.plot(*places[chosen].T, markersize=3.5, fillstyle="none" if hollow else "full", **style)
            keys.append(Line2D([], [], label=emotion, **style))
        for sex in known:
            style = {"marker": "o", "color": plain("ink"), "fillstyle": "none" if sex == "male" else "full"}
            keys.append(Line2D([], [], label=MARKS[sex][1], linestyle="", **style))
        axes.set(xticks=[], yticks=[], frame_on=False, aspect="equal")
        drawn.figure.legend(handles=keys, loc="outside lower center", ncols=4)
    return drawn.svg


def clip(name: str, about: str, waveform: Waveform, columns: int = 260) -> str:
    """Waveform, pitch, spectrogram, mel spectrogram and MFCC of a recording, under each other -> SVG.

    waveform: (samples,) float32 at 16 kHz. Silence is shaded in the waveform. columns: of the spectrograms,
    at most.
    """
    span = (0.0, len(waveform) / SAMPLE_RATE)
    hop = max(pitch.HOP_LENGTH, -(-len(waveform) // columns))
    padded = np.pad(waveform, (0, max(0, _N_FFT - len(waveform))))
    spectrum = np.abs(librosa.stft(padded, n_fft=_N_FFT, hop_length=hop)) ** 2
    mel = librosa.feature.melspectrogram(S=spectrum, sr=SAMPLE_RATE, n_mels=64)
    with picture(name, f"Waveform, pitch, spectrogram, mel and MFCC: {about}", _WIDTH, 540) as drawn:
        wave, voice, linear, mels, cepstrum = drawn.axes(5, sharex=True, height_ratios=(4, 3, 5, 5, 4))
        _waveform(wave, waveform, 2 * columns)
        voiced = np.where(active_frames(waveform), pitch.track(waveform), np.nan)
        times = (np.arange(len(voiced)) + 0.5) * pitch.HOP_LENGTH / SAMPLE_RATE
        voice.plot(times, voiced, color=plain("ink"), linewidth=1.5)
        voice.set_ylabel("Hz")
        voice.set_title("Pitch")
        image = linear.imshow(_decibels(spectrum), "magma", extent=(*span, 0, SAMPLE_RATE / 2000), **_IMAGE)
        linear.set_ylabel("kHz")
        linear.set_title("Spectrogram")
        mels.imshow(_decibels(mel), "magma", extent=(*span, 0, float(librosa.hz_to_mel(SAMPLE_RATE / 2))), **_IMAGE)
        mels.set_yticks(librosa.hz_to_mel(np.array([500, 1000, 2000, 4000])), ["0.5", "1", "2", "4"])
        mels.set_ylabel("kHz")
        mels.set_title("Mel spectrogram, 64 bands")
        drawn.figure.colorbar(image, ax=[linear, mels], label="dB re the loudest")
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
    rows = np.arange(len(hertz))
    with picture(name, about, _WIDTH, 240) as drawn:
        (axes,) = drawn.axes()
        cells = np.kron(worth, np.ones((16, 16)))  # or programs that smooth an image would smear a few large pixels
        _diverging(axes, 100 * cells, (seconds[0], seconds[-1], 0, len(worth)), "percentage points")
        axes.set_yticks(rows, [f"{edge / 1000:g}" for edge in hertz])
        axes.set_ylabel("kHz")
        axes.set_xlabel("seconds")
    return drawn.svg


# interpolation="none" has the array itself put into the SVG, a pixel a value.
_IMAGE: dict[str, Any] = {"origin": "lower", "aspect": "auto", "interpolation": "none"}


# Zero is clear and so of the page's colour, light or dark; both ends stand out from either by 3 to 1 or more.
_DIVERGING = ListedColormap(
    [to_rgba("#7a62d8" if step < 0 else "#d4700a", abs(step) ** 0.75) for step in np.linspace(-1, 1, 61)]
)


def _diverging(
    axes: Axes, values: npt.NDArray[np.floating], extent: tuple[float, float, float, float], unit: str
) -> None:
    """A map of values below and above zero, in steps, with its scale."""
    limit = float(np.abs(values).max()) or 1.0
    image = axes.imshow(values, _DIVERGING, vmin=-limit, vmax=limit, extent=extent, **_IMAGE)
    figure = axes.get_figure()
    assert figure is not None
    figure.colorbar(image, ax=axes, label=unit)


def _cepstrum(axes: Axes, mel: npt.NDArray[np.floating], span: tuple[float, float]) -> None:
    mfcc = librosa.feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=13)[1:]
    _diverging(axes, mfcc, (*span, 0.5, len(mfcc) + 0.5), "dB")
    axes.set_ylabel("coefficient")
    axes.set_title("MFCC 1 to 12 (0 is the level)")
    axes.set_xlabel("seconds")
    axes.set_xlim(*span)


def _waveform(axes: Axes, waveform: Waveform, columns: int) -> None:
    columns = min(len(waveform), columns)
    parts = np.array_split(waveform, columns)
    times = (np.arange(columns) + 0.5) * len(waveform) / columns / SAMPLE_RATE
    low, high = [part.min() for part in parts], [part.max() for part in parts]
    axes.fill_between(times, low, high, color=plain("ink"), linewidth=0.3)
    quiet = ~np.append(active_frames(waveform), False)
    edges = np.flatnonzero(np.diff(quiet, prepend=False, append=False)) * pitch.HOP_LENGTH / SAMPLE_RATE
    for start, end in edges.reshape(-1, 2):
        axes.axvspan(start, end, color=plain("line"), alpha=0.45, linewidth=0)
    axes.set_title("Waveform; silence shaded")


def _decibels(power: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """Decibels under the loudest value, in steps: (bands, frames) -> the same."""
    levels = librosa.power_to_db(power, ref=np.max, top_db=_RANGE)
    return np.round(levels / _STEP) * _STEP


def _spread(axes: Axes, row: int, sex: str, values: npt.NDArray[np.float64]) -> None:
    marker, _, aside = MARKS.get(sex, ("^", "", 0.0))
    colour = plain(f"sex-{sex}") if sex else plain("ink")
    low, quarter, middle, three, high = np.percentile(values, [5, 25, 50, 75, 95])
    axes.plot([low, high], [row + aside] * 2, color=colour, linewidth=1)
    axes.plot([quarter, three], [row + aside] * 2, color=colour, linewidth=4.5, alpha=0.45, solid_capstyle="butt")
    axes.plot(middle, row + aside, marker, color=colour, markersize=5)


def _interval(axes: Axes, value: float, interval: Sequence[float], y: float, sex: str, hollow: bool = False) -> None:
    axes.plot(interval, [y, y], color=plain(f"sex-{sex}"), linewidth=1.6)
    axes.plot(value, y, **_marked(sex, hollow))


def _marked(sex: str, hollow: bool = False) -> dict[str, Any]:
    colour = plain(f"sex-{sex}")
    face = plain("paper") if hollow else colour
    return {"color": colour, "marker": MARKS[sex][0], "markersize": 6, "markerfacecolor": face, "linestyle": ""}


def _legend(axes: Axes, sexes: Sequence[str]) -> None:
    if sexes:
        marks, names = [Line2D([], [], **_marked(sex)) for sex in sexes], [MARKS[sex][1] for sex in sexes]
        figure = axes.get_figure()
        assert figure is not None
        figure.legend(marks, names, loc="outside upper right", ncols=2)


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.grid(True)


def _scaled(estimate: dict[str, Any], spread: float) -> tuple[float, list[float]]:
    return estimate["difference"] / spread, [bound / spread for bound in estimate["interval"]]


def _sex(who: str) -> str:
    return "female" if who == "women" else "male"
