"""Plans of language models: stored ones, drawn ones with transformers' initial scales, and a file of weights."""

import json
from pathlib import Path
from typing import Any

import folders
import numpy as np
import pytest
import torch
import transformers
from folders import plan, write_bert, write_config
from safetensors.numpy import load_file, save_file

from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, LanguageModelHead, plan_language_model, plan_model, with_generation
from ftcore.text.special_tokens import special_tokens
from ftcore.text.tokenizer_training import trained_tokenizer
from tests import tiny

LLAMA = {
    "vocab_size": len(tiny.VOCABULARY),
    "hidden_size": 96,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 32,
    "pad_token_id": 0,
}
SIZES = {"n_embd": 96, "n_head": 2, "n_layer": 3, "n_positions": 32}
GPT2 = {"vocab_size": len(tiny.VOCABULARY), "eos_token_id": 3, **SIZES}
T5 = {"vocab_size": len(tiny.VOCABULARY), "d_model": 96, "d_kv": 24, "d_ff": 160, "num_layers": 2, "num_heads": 2}
BART = {
    "vocab_size": len(tiny.VOCABULARY),
    "d_model": 96,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "encoder_attention_heads": 2,
    "decoder_attention_heads": 2,
    "max_position_embeddings": 32,
    "pad_token_id": 1,
    "bos_token_id": 2,
    "eos_token_id": 3,
    "decoder_start_token_id": 2,
    "init_std": 0.05,
}
SCRATCH: dict[str, tuple[str, dict[str, Any]]] = {
    "gpt2": ("AutoModelForCausalLM", GPT2),
    "llama": ("AutoModelForCausalLM", LLAMA),
    "gemma2": ("AutoModelForCausalLM", {**LLAMA, "head_dim": 24, "query_pre_attn_scalar": 24}),
    "bert": ("AutoModelForMaskedLM", {**folders.BERT, "hidden_size": 96}),
    "t5": ("AutoModelForSeq2SeqLM", T5),
    "mt5": ("AutoModelForSeq2SeqLM", {**T5, "feed_forward_proj": "gated-gelu"}),
    "bart": ("AutoModelForSeq2SeqLM", BART),
    "marian": ("AutoModelForSeq2SeqLM", {**BART, "decoder_vocab_size": len(tiny.VOCABULARY)}),
}
TRAINED = {"train": "bpe", "vocabulary": 300}


@pytest.mark.parametrize("kind", SCRATCH)
def test_new_parameters_are_drawn_as_transformers_draws_them(kind: str, tmp_path: Path) -> None:
    """Of each parameter: which are 0 or 1, and else the standard deviation, to what its size allows."""
    auto, fields = SCRATCH[kind]
    folder = write_config(tmp_path / "net", kind, **fields)
    found = plan(tmp_path, folder, from_scratch={"architecture": "net"})
    torch.manual_seed(0)
    model = getattr(transformers, auto).from_config(transformers.AutoConfig.from_pretrained(folder))
    wanted = model.state_dict()
    assert found.new == tuple(one.name for one in found.network.tensors)
    for parameter in found.network.tensors:
        value, theirs = found.tensors[parameter.name], wanted[parameter.name].numpy()
        assert value.shape == theirs.shape
        if parameter.initial == "normal":
            # Each of the two deviations is off by 1 / sqrt(2 n) of itself.
            assert abs(value.std() / theirs.std() - 1) < 6 / np.sqrt(value.size), parameter.name
            assert (parameter.zero_row is None) == theirs.any(axis=-1).all()
        else:
            np.testing.assert_array_equal(value, theirs, err_msg=parameter.name)


@pytest.mark.parametrize("kind", SCRATCH)
def test_a_network_from_scratch_has_its_tokenizers_vocabulary(kind: str, tmp_path: Path) -> None:
    auto, fields = SCRATCH[kind]
    write_config(tmp_path / "net", kind, **fields)
    tokenizer = trained_tokenizer(["le chat lit", "un élève"] * 4, "bpe", 270, ["texts"])
    found = plan(tmp_path, tokenizer, from_scratch={"architecture": "net", "tokenizer": TRAINED})
    assert found.network.head.outputs == special_tokens(tokenizer).vocabulary == 270
    model = folders.loaded(found, tmp_path / "result", auto)
    config = model.config
    assert (config.vocab_size, config.pad_token_id, config.bos_token_id, config.eos_token_id) == (270, 0, 2, 3)
    if config.is_encoder_decoder:
        assert config.decoder_start_token_id == model.generation_config.decoder_start_token_id == 2
    assert len(transformers.AutoTokenizer.from_pretrained(tmp_path / "result")) == 270
    again = plan_language_model(tmp_path / "result")
    assert again.network.tensors == found.network.tensors


def test_the_seed_draws(tmp_path: Path) -> None:
    folder = write_config(tmp_path / "net", "llama", **LLAMA)
    model = {"from_scratch": {"architecture": "net"}}
    first, again, other = (plan(tmp_path, folder, seed=seed, **model) for seed in (0, 0, 1))
    table = "model.embed_tokens.weight"
    np.testing.assert_array_equal(first.tensors[table], again.tensors[table])
    assert not np.array_equal(first.tensors[table], other.tensors[table])


@pytest.mark.slow
@pytest.mark.parametrize("task", ["Model", "ForPreTraining"])
def test_an_encoder_has_a_masked_language_model(task: str, tmp_path: Path) -> None:
    """Of an encoder alone the head is drawn, and its last linear map is the token table."""
    folder = write_bert(tmp_path / "bert", task)
    found = plan(tmp_path, folder, pretrained="bert")
    assert bool(found.new) == (task == "Model")
    assert all(name.startswith("cls.predictions.") for name in found.new)
    assert found.network.head.tied
    model = folders.loaded(found, tmp_path / "result", "BertForMaskedLM")
    ids = [[2, 7, 4, 9, 3]]
    wanted = model(torch.tensor(ids)).logits.detach().numpy()
    given = folders.batch(input_ids=ids, token_type_ids=[[0] * 5])
    for backend in backends.names():
        assert relative(folders.logits(found, given, backend), wanted) <= 1e-5
    assert not (tmp_path / "result" / "generation_config.json").exists()


def test_a_masked_head_that_lacks_a_tensor_is_refused(tmp_path: Path) -> None:
    folder = write_bert(tmp_path / "bert", "ForMaskedLM")
    tensors = load_file(folder / "model.safetensors")
    del tensors["cls.predictions.bias"]
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks tensor 'cls\.predictions\.bias'"):
        plan(tmp_path, folder, pretrained="bert")


def test_a_file_of_weights_takes_the_place_of_a_folders(tmp_path: Path) -> None:
    folder = write_config(tmp_path / "net", "gpt2", **GPT2)
    drawn = plan(tmp_path, folder, from_scratch={"architecture": "net"}, seed=5)
    wrapped = {f"module.{name}": torch.tensor(value) for name, value in drawn.tensors.items()}
    torch.save({"state_dict": wrapped}, tmp_path / "net.pt")
    found = plan(tmp_path, folder, from_scratch={"architecture": "net"}, weights="net.pt")
    assert (found.new, found.source) == ((), tmp_path / "net.pt")
    for name, value in drawn.tensors.items():
        np.testing.assert_array_equal(found.tensors[name], value)


def test_what_a_folder_says_of_generation_is_kept(tmp_path: Path) -> None:
    folder = write_config(tmp_path / "net", "gpt2", **GPT2)
    drawn = plan(tmp_path, folder, from_scratch={"architecture": "net"})
    folders.loaded(drawn, tmp_path / "stored", "AutoModelForCausalLM")
    said = {"num_beams": 4, "eos_token_id": [3, 4]}
    (tmp_path / "stored" / "generation_config.json").write_text(json.dumps(said))
    folders.loaded(plan(tmp_path, folder, pretrained="stored"), tmp_path / "result", "AutoModelForCausalLM")
    assert json.loads((tmp_path / "result" / "generation_config.json").read_text()) == said


def test_the_languages_of_a_spec_are_said_in_both_files(tmp_path: Path) -> None:
    folder = write_config(tmp_path / "net", "mbart", **BART)
    drawn = plan(tmp_path, folder, from_scratch={"architecture": "net"})
    found = with_generation(drawn, {"decoder_start_token_id": 7, "forced_bos_token_id": 9})
    assert found.network.parameters == drawn.network.parameters
    model = folders.loaded(found, tmp_path / "result", "AutoModelForSeq2SeqLM")
    for config in (model.generation_config, found.network.architecture.config):
        values = config if isinstance(config, dict) else config.to_dict()
        assert (values["decoder_start_token_id"], values["forced_bos_token_id"]) == (7, 9)
        assert values["eos_token_id"] == 3


def test_a_tokenizer_of_another_model_and_a_module_are_refused(tmp_path: Path) -> None:
    write_config(tmp_path / "net", "gpt2", **{**GPT2, "vocab_size": 9})
    with pytest.raises(ModelError, match="has a token of id 22, but the network's vocab_size is 9"):
        plan(tmp_path, tmp_path / "net", from_scratch={"architecture": "net"})
    with pytest.raises(ModelError, match=r"model\.module: net:build is a module"):
        plan_model(AnyModelSpec(module="net:build", tokenizer="net"), LanguageModelHead(), 0, tmp_path)
