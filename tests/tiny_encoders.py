"""Encoders of two or three narrow layers with random weights, written as transformers writes them."""

import json
from pathlib import Path
from typing import Any

import torch

LAYERS = 3


def write(folder: Path, kind: str, seed: int = 0, **settings: Any) -> Any:
    """Write an encoder -> transformers' own model, in evaluation mode."""
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    torch.manual_seed(seed)
    if kind == "whisper":
        sizes = {f"{side}_{name}": size for side in ("encoder", "decoder") for name, size in
                 (("layers", LAYERS), ("attention_heads", 2), ("ffn_dim", 48))}  # fmt: skip
        tokens = {"vocab_size": 9, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
        model = transformers.WhisperModel(transformers.WhisperConfig(d_model=24, **sizes, **tokens, **settings))
    else:
        sizes = {
            "hidden_size": 24,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": 2,
            "intermediate_size": 48,
            "conv_dim": (8, 8, 8),
            "conv_kernel": (10, 8, 4),
            "conv_stride": (8, 8, 5),
            "num_conv_pos_embeddings": 16,
            "num_conv_pos_embedding_groups": 4,
        }
        config = transformers.AutoConfig.for_model(kind, **(sizes | settings))
        model = transformers.AutoModel.from_config(config)
    for parameter in model.parameters():  # transformers begins with weights so small that layers hardly differ
        parameter.data += 0.05 * torch.randn_like(parameter)
    if kind == "whisper":
        from voxaffect.models.encoder.whisper import positions

        table = model.encoder.embed_positions.weight
        table.data = positions(*table.shape)
    model.save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(
        json.dumps({"sampling_rate": 16_000, "do_normalize": kind != "wavlm"})
    )
    return model.eval()
