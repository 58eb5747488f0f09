import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from voxaffect.augment import Gain, Masks, MixStyle, Mixup, Noise, Shift, Warp
from voxaffect.errors import SettingsError

RATE = 16_000
WAVEFORM = np.random.default_rng(0).standard_normal(RATE).astype(np.float32) * 0.1
SPECTROGRAM = np.random.default_rng(1).standard_normal((64, 150)).astype(np.float32)
seeds = st.integers(0, 2**32)


@pytest.mark.parametrize("augmentation", [Shift(0.5), Gain(6), Noise(10, 30, 1.0)])
@given(seed=seeds)
@settings(max_examples=20)
def test_the_same_draw_gives_the_same_clip_and_leaves_the_original(augmentation, seed):
    original = WAVEFORM.copy()

    def once() -> np.ndarray:
        drawn = augmentation.draw(np.random.default_rng(seed))
        return augmentation.apply(WAVEFORM, RATE, drawn)

    first = once()
    assert np.array_equal(first, once())
    assert first.shape == WAVEFORM.shape
    assert first.dtype == np.float32
    assert np.array_equal(original, WAVEFORM)


def test_shift_moves_and_fills_with_silence():
    later = Shift(1).apply(WAVEFORM, RATE, 0.25)
    assert np.array_equal(later[4000:], WAVEFORM[:-4000])
    assert not later[:4000].any()
    earlier = Shift(1).apply(WAVEFORM, RATE, -0.25)
    assert np.array_equal(earlier[:-4000], WAVEFORM[4000:])
    assert not earlier[-4000:].any()
    assert not Shift(9).apply(WAVEFORM, RATE, 5).any()


def test_gain_is_in_decibels():
    assert np.allclose(Gain(20).apply(WAVEFORM, RATE, 20.0), WAVEFORM * 10)


@given(st.floats(0, 40))
def test_noise_has_the_ratio_it_says(snr):
    noisy = Noise(0, 40, 1.0).apply(WAVEFORM, RATE, Noise(snr, snr, 1.0).draw(np.random.default_rng(0)))
    measured = 10 * np.log10(np.mean(WAVEFORM**2) / np.mean((noisy - WAVEFORM) ** 2))
    assert measured == pytest.approx(snr, abs=0.3)


def test_noise_comes_as_often_as_it_says():
    rng = np.random.default_rng(0)
    drawn = [Noise(10, 20, 0.3).draw(rng) for _ in range(2000)]
    assert sum(each.snr is not None for each in drawn) / 2000 == pytest.approx(0.3, abs=0.04)


def test_warp_of_nothing_is_nothing():
    drawn = Warp(0, 0).draw(np.random.default_rng(0), (64, 150))
    assert np.allclose(Warp(0, 0).apply(SPECTROGRAM, drawn), SPECTROGRAM, atol=1e-5)


def test_warp_agrees_with_numpy_interpolation():
    warp = Warp(0.2, 0.3)
    drawn = warp.draw(np.random.default_rng(3), (64, 150))
    rng = np.random.default_rng(3)
    mel, time = rng.uniform(0.8, 1.2), rng.uniform(0.7, 1.3)
    rows = np.clip(np.arange(64) * mel, 0, 63)
    columns = np.clip(74.5 + (np.arange(150) - 74.5) * time, 0, 149)
    step = np.stack([np.interp(rows, np.arange(64), column) for column in SPECTROGRAM.T], axis=1)
    expected = np.stack([np.interp(columns, np.arange(150), row) for row in step])
    assert np.allclose(warp.apply(SPECTROGRAM, drawn), expected, atol=1e-4)


@given(seeds, st.integers(0, 4), st.integers(0, 20), st.integers(0, 40))
@settings(max_examples=50)
def test_masks_blank_no_more_than_they_say(seed, count, mel, frames):
    masks = Masks(count, mel, frames)
    keep = masks.draw(np.random.default_rng(seed), (64, 150))
    assert set(np.unique(keep)) <= {0.0, 1.0}
    # A mask spans all of the other axis: what is not blank everywhere in a band or a frame is kept.
    bands, spans = keep.max(axis=1) == 0, keep.max(axis=0) == 0
    if not bands.all() and not spans.all():
        assert bands.sum() <= count * mel
        assert spans.sum() <= count * frames
        assert np.array_equal(keep == 0, bands[:, None] | spans[None, :])
    assert np.array_equal(masks.apply(SPECTROGRAM, keep) != 0, (keep == 1) & (SPECTROGRAM != 0))


@given(seeds, st.floats(0.05, 2))
def test_mixup_keeps_the_larger_share_and_labels_sum_to_one(seed, alpha):
    mixup = Mixup(alpha)
    partner, share = mixup.draw(np.random.default_rng(seed), 8)
    assert sorted(partner) == list(range(8))
    assert ((share >= 0.5) & (share <= 1)).all()
    labels = mixup.apply(np.eye(8), partner, share[:, None])
    assert np.allclose(labels.sum(axis=1), 1)


@given(seed=seeds)
@settings(max_examples=20)
def test_mixstyle_gives_statistics_between_ones_own_and_the_partners(seed):
    x = torch.from_numpy(np.random.default_rng(seed).normal(3, 2, (6, 5, 40)).astype(np.float32))
    x[3:] = 4 * x[3:] - 7
    style = MixStyle(0.5, 0.6)
    drawn = style.draw(np.random.default_rng(seed), 6)
    mixed = style.apply(x, torch.from_numpy(drawn.partner), torch.from_numpy(drawn.share)[:, None, None])
    for statistic in (lambda each: each.mean(-1), lambda each: each.std(-1)):
        own, other, share = statistic(x), statistic(x)[drawn.partner], torch.from_numpy(drawn.share)[:, None]
        assert torch.allclose(statistic(mixed), share * own + (1 - share) * other, atol=1e-2)
    # What is said stays what it was: a band's course is only scaled and moved.
    for clip, other in zip(x, mixed, strict=True):
        for band, moved in zip(clip, other, strict=True):
            assert np.corrcoef(band, moved)[0, 1] == pytest.approx(1, abs=1e-4)
    assert torch.allclose(mixed[drawn.share == 1], x[drawn.share == 1], atol=1e-4)


def test_mixstyle_comes_as_often_as_it_says():
    drawn = MixStyle(0.3, 0.25).draw(np.random.default_rng(0), 4000)
    assert np.mean(drawn.share < 1) == pytest.approx(0.25, abs=0.03)


def test_arrays_and_tensors_give_the_same():
    rng = np.random.default_rng(0)
    warp, masks, mixup = Warp(0.1, 0.1), Masks(2, 8, 20), Mixup(0.3)
    drawn, keep, mixed = warp.draw(rng, (64, 150)), masks.draw(rng, (64, 150)), mixup.draw(rng, 4)
    batch = np.stack([SPECTROGRAM * k for k in range(1, 5)])
    by_numpy = mixup.apply(masks.apply(warp.apply(batch, drawn), keep), mixed.partner, mixed.share[:, None, None])
    tensors = type(drawn)(*map(torch.from_numpy, drawn))
    by_torch = mixup.apply(
        masks.apply(warp.apply(torch.from_numpy(batch), tensors), torch.from_numpy(keep)),
        torch.from_numpy(mixed.partner),
        torch.from_numpy(mixed.share)[:, None, None],
    )
    assert np.allclose(by_numpy, by_torch.numpy(), atol=1e-4)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Gain(-1),
        lambda: Noise(30, 10, 0.5),
        lambda: Noise(0, 10, 1.5),
        lambda: Masks(-1, 1, 1),
        lambda: Shift(99),
        lambda: MixStyle(0),
        lambda: MixStyle(0.3, 2),
    ],
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(SettingsError, match="is out of range; choose"):
        wrong()


def test_an_error_names_the_setting_as_the_file_spells_it():
    with pytest.raises(SettingsError, match=r"^augment\.gain\.decibels=-1 is out of range; choose 0 to 60$"):
        Gain(-1)
