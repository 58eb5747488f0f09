"""Build an encoder's modules from its files."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from voxaffect.errors import check
from voxaffect.models.encoder import waveform, whisper
from voxaffect.models.encoder.files import PREPROCESSOR, SAMPLE_RATE, EncoderFiles
from voxaffect.models.encoder.layers import Layers, Rows


@dataclass(frozen=True, eq=False)
class Parts:
    """An encoder's modules, each in evaluation mode.

    Args:
        input: Waveform to what the convolutions take.
        convolutions: From there to hidden state 0.
        layers: As many as were asked for.
        final: The normalisation after the last of all layers; None where that was not asked for, or has none.
        dim: Size of a hidden state.
    """

    input: nn.Module
    convolutions: whisper.Convolutions | waveform.Convolutions
    layers: tuple[nn.Module, ...]
    final: nn.Module | None
    dim: int


def read(files: EncoderFiles, count: int, sample_rate: int) -> Parts:
    """Read an encoder's convolutions and its first `count` layers.

    Args:
        files: The encoder's.
        count: At most `files.layers`.
        sample_rate: Hz of the waveforms it shall take.

    Raises:
        SettingsError: It takes another rate; its files are damaged; the memory is full.
    """
    given = {"input.sample_rate": sample_rate, PREPROCESSOR: files.preprocessor.get("sampling_rate", SAMPLE_RATE)}
    for where, rate in given.items():
        check(
            rate == SAMPLE_RATE,
            f"frontend.encoder={files.name}: {where} says {rate} Hz, and encoders take {SAMPLE_RATE}; set it to "
            f"{SAMPLE_RATE}",
        )
    with files.reading(files.weights[0]):
        return (_whisper if files.kind == "whisper" else _of_waveforms)(files, count, sample_rate)


def _whisper(files: EncoderFiles, count: int, sample_rate: int) -> Parts:
    from transformers import WhisperConfig
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    config = WhisperConfig(**{**files.config, "encoder_layers": count})
    with torch.device("meta"):
        encoder = WhisperEncoder._from_config(config, attn_implementation="sdpa")
    wanted = dict(encoder.state_dict())
    tensors = files.tensors(("model.encoder.", "encoder."), wanted)
    table = tensors["embed_positions.weight"]
    # Half precision leaves a two-thousandth.
    if config.scale_embedding or not torch.allclose(whisper.positions(*table.shape), table, rtol=0, atol=2e-3):
        raise ValueError("its positions are not Whisper's")
    encoder.load_state_dict(tensors, assign=True)
    encoder.eval()
    return Parts(
        whisper.LogMel(config.num_mel_bins, sample_rate),
        whisper.Convolutions(encoder.conv1, encoder.conv2),
        tuple(encoder.layers),
        encoder.layer_norm if count == files.layers else None,
        config.d_model,
    )


def _of_waveforms(files: EncoderFiles, count: int, sample_rate: int) -> Parts:
    from transformers import AutoConfig, AutoModel

    settings = {**files.config, "num_hidden_layers": count}
    config = AutoConfig.for_model(settings.pop("model_type"), **settings)
    with torch.device("meta"):
        model = AutoModel.from_config(config, attn_implementation="eager" if files.kind == "wavlm" else "sdpa")
    used = ("feature_extractor.", "feature_projection.", "encoder.")
    wanted = {name: each for name, each in model.state_dict().items() if name.startswith(used)}
    tensors = files.tensors((f"{model.base_model_prefix}.",), wanted)
    model.load_state_dict(tensors, assign=True, strict=False)
    model.eval()
    for module in model.modules():  # a weight in two factors, which only training needs
        if torch.nn.utils.parametrize.is_parametrized(module):
            torch.nn.utils.parametrize.remove_parametrizations(module, "weight")
    encoder, after = model.encoder, bool(getattr(config, "do_stable_layer_norm", False))
    return Parts(
        waveform.Standardised() if files.standardised else nn.Identity(),
        waveform.Convolutions(
            model.feature_extractor,
            model.feature_projection,
            encoder.pos_conv_embed,
            nn.Identity() if after else encoder.layer_norm,
            list(zip(config.conv_kernel, config.conv_stride, strict=True)),
        ),
        tuple(encoder.layers),
        encoder.layer_norm if after and count == files.layers else None,
        config.hidden_size,
    )


def joined(files: EncoderFiles, layers: Sequence[Any], final: nn.Module | None, first: Any = None) -> Layers:
    """Successive layers as one module.

    Args:
        files: The encoder's.
        layers: Its layers.
        final: The normalisation after the last of all; None: none.
        first: The encoder's first layer, where it is not among them.
    """
    relative = files.kind == "wavlm"
    if relative and layers:
        layers[0].attention.rel_attn_embed = Rows((first or layers[0]).attention.rel_attn_embed.weight)
    return Layers(layers, final, relative=relative)
