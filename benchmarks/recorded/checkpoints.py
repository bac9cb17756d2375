"""Write the checkpoints and architectures of the recorded runs: tiny, random, by transformers from a fixed seed.

`recorded_runs.py record` runs it as a program: `python checkpoints.py FOLDER`.
"""

import json
import sys
from pathlib import Path
from typing import Any

from words import BOS, EOS, PAD, VOCABULARY, write_tokenizer

SPECIAL = {"vocab_size": len(VOCABULARY), "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": EOS}
BLOCKS = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4}
ENCODER = {**SPECIAL, **BLOCKS, "max_position_embeddings": 40}
DISTILBERT = {"dim": 16, "hidden_dim": 24, "n_layers": 2, "n_heads": 4, "max_position_embeddings": 40}
DEBERTA = {"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8}
MODERNBERT = {"local_attention": 8, "cls_token_id": BOS, "sep_token_id": EOS, "attention_dropout": 0.1}
DECODER = {**ENCODER, "num_key_value_heads": 2, "attention_dropout": 0.1}
HEADED = {**DECODER, "head_dim": 4}
T5 = {"d_model": 16, "d_kv": 4, "d_ff": 24, "num_layers": 2, "num_heads": 4, "decoder_start_token_id": PAD}
RELATIVE = {"relative_attention_num_buckets": 8, "relative_attention_max_distance": 12}
BART = {"d_model": 16, "encoder_layers": 2, "decoder_layers": 2, "encoder_ffn_dim": 24, "decoder_ffn_dim": 20}
HEADS = {"encoder_attention_heads": 2, "decoder_attention_heads": 4, "max_position_embeddings": 40}
STARTS = {"decoder_start_token_id": BOS, "forced_eos_token_id": EOS, "attention_dropout": 0.1}
VIT = {**BLOCKS, "image_size": 8, "patch_size": 4, "num_channels": 1}
RESNET = {"embedding_size": 6, "hidden_sizes": [8, 16], "depths": [2, 1], "num_channels": 1}
GPT2 = {**SPECIAL, "n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 40}
CAUSAL, REWRITING, IMAGES = "AutoModelForCausalLM", "AutoModelForSeq2SeqLM", "AutoModelForImageClassification"
CHECKPOINTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bert": ("AutoModel", "bert", ENCODER),
    "roberta": ("AutoModel", "roberta", ENCODER),
    "distilbert": ("AutoModel", "distilbert", SPECIAL | DISTILBERT),
    "albert": ("AutoModel", "albert", {**ENCODER, "embedding_size": 8, "hidden_dropout_prob": 0.1}),
    "deberta-v2": ("AutoModel", "deberta-v2", ENCODER | DEBERTA),
    "modernbert": ("AutoModel", "modernbert", ENCODER | MODERNBERT),
    "masked-bert": ("AutoModelForMaskedLM", "bert", ENCODER),
    "llama": (CAUSAL, "llama", DECODER),
    "gpt2": (CAUSAL, "gpt2", GPT2),
    "qwen3": (CAUSAL, "qwen3", HEADED),
    "gemma2": (CAUSAL, "gemma2", {**HEADED, "query_pre_attn_scalar": 4, "sliding_window": 6}),
    "t5": (REWRITING, "t5", SPECIAL | T5 | RELATIVE),
    "bart": (REWRITING, "bart", SPECIAL | BART | HEADS | STARTS),
    "vit": (IMAGES, "vit", VIT),
    "resnet": (IMAGES, "resnet", RESNET),
}
"""Maps a folder's name to transformers' class, the model_type and the fields of its config."""
TOKENS = {"vocab_size": len(VOCABULARY), "embedding_size": 8, "pad_token_id": PAD, "classifier_dropout": 0.2}
CNN = {"image_size": [8, 8], "num_channels": 1, "block_channels": [4, 8], "hidden_size": 8, "classifier_dropout": 0.2}
ARCHITECTURES: dict[str, dict[str, Any]] = {
    "lstm": TOKENS | {"model_type": "lstm", "hidden_size": 8, "bidirectional": True, "embedding_dropout": 0.2},
    "text-cnn": TOKENS | {"model_type": "text-cnn", "num_filters": 4, "filter_widths": [2, 3]},
    "image-cnn": CNN | {"model_type": "image-cnn"},
    "gru-of-curves": {"model_type": "gru", "input_size": 3, "hidden_size": 8, "classifier_dropout": 0.1},
    "gru-of-series": {"model_type": "gru", "input_size": 4, "hidden_size": 8},
    "linear": {"model_type": "linear", "input_size": 5},
}
"""Maps a folder's name to its config.json; the folder has no weights."""
PIXELS = {"image_processor_type": "ViTImageProcessor", "do_rescale": True, "rescale_factor": 1 / 255}
SCALED = {"do_normalize": True, "image_mean": [0.5], "image_std": [0.5]}
SIZED = {"do_resize": True, "size": {"height": 8, "width": 8}, "resample": 2}
LABELS = {"id2label": {0: "bar", 1: "square"}, "label2id": {"bar": 0, "square": 1}}


def main(folder: Path) -> None:
    """Write every checkpoint and architecture into its own folder."""
    for name in CHECKPOINTS:
        write_checkpoint(folder / name, *CHECKPOINTS[name])
    for name, config in ARCHITECTURES.items():
        write_tokenizer(folder / name)
        (folder / name / "config.json").write_text(json.dumps(config))


def write_checkpoint(folder: Path, loader: str, family: str, fields: dict[str, Any]) -> None:
    """Write a model whose parameters all differ from their initialization."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    labels = LABELS if loader == IMAGES else {}
    model = getattr(transformers, loader).from_config(transformers.AutoConfig.for_model(family, **fields, **labels))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    model.save_pretrained(folder)
    if loader == IMAGES:
        (folder / "preprocessor_config.json").write_text(json.dumps(PIXELS | SCALED | SIZED))
    else:
        write_tokenizer(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
