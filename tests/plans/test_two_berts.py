"""An encoder-decoder of two BERTs: what is kept and what is drawn, and that transformers reads it."""

import json
from pathlib import Path

import folders
import numpy as np
import pytest
import torch
import transformers
from folders import plan, write_bert

from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.errors import ModelError
from ftcore.models import plan_language_model, trainable_names
from ftcore.text.special_tokens import special_tokens
from ftcore.text.tokenizer import Tokenizer
from ftcore.text.tokenizer_training import trained_tokenizer
from tests import tiny

TEXTS = ["Le chat était là.", "un élève lit\nune page"] * 3
TABLE, BIAS = "decoder.bert.embeddings.word_embeddings.weight", "decoder.cls.predictions.bias"
TRAINED = {"train": "bpe", "vocabulary": 280}


@pytest.fixture
def target() -> Path:
    return trained_tokenizer(TEXTS, "bpe", 280, ["texts"], before="")


def test_a_new_tokenizer_draws_the_table_and_keeps_the_rest(tmp_path: Path, target: Path) -> None:
    bert = write_bert(tmp_path / "bert", "ForMaskedLM")
    one = {"pretrained": "bert"}
    found = plan(tmp_path, bert, target, encoder=one, decoder={**one, "tokenizer": TRAINED})
    kept = plan(tmp_path, bert, bert, encoder=one, decoder=one)
    cross = {name for name in kept.new if "crossattention" in name}
    assert set(kept.new) == cross
    assert set(found.new) == {*cross, TABLE, BIAS}
    assert found.tensors[TABLE].shape == (280, 16)
    assert 0.015 < found.tensors[TABLE][1:].std() < 0.025
    assert not found.tensors[TABLE][0].any()
    assert not found.tensors[BIAS].any()
    for name in set(kept.tensors) - {TABLE, BIAS} - cross:
        np.testing.assert_array_equal(found.tensors[name], kept.tensors[name], err_msg=name)
    assert (found.tokenizer_folder, found.target_tokenizer_folder) == (bert, target)
    assert (kept.tokenizer_folder, kept.target_tokenizer_folder) == (bert, None)
    assert found.source == bert
    body = "decoder.bert.encoder.layer.1.*"
    assert trainable_names([body], found.network)


@pytest.mark.parametrize(("encoder", "decoder"), [("from_scratch", "from_scratch"), ("pretrained", "from_scratch")])
def test_either_part_starts_from_scratch(encoder: str, decoder: str, tmp_path: Path, target: Path) -> None:
    bert = write_bert(tmp_path / "bert")
    given = {"encoder": {encoder: "bert"}, "decoder": {decoder: "bert", "tokenizer": TRAINED}}
    found = plan(tmp_path, bert, target, **given)
    warm = plan(
        tmp_path, bert, target, encoder={"pretrained": "bert"}, decoder={"pretrained": "bert", "tokenizer": TRAINED}
    )
    assert found.network == warm.network
    drawn = {"encoder": encoder == "from_scratch", "decoder": True}
    for part, wanted in drawn.items():
        names = [one.name for one in found.network.parameters if one.name.startswith(part)]
        assert (set(names) <= set(found.new)) == wanted
    assert (found.source is None, found.weights_sha256 is None) == (drawn["encoder"],) * 2
    # A part that is drawn in both is drawn alike.
    for name in set(warm.new):
        np.testing.assert_array_equal(found.tensors[name], warm.tensors[name])


def test_cross_attention_may_start_as_the_decoders_self_attention(tmp_path: Path, target: Path) -> None:
    bert = write_bert(tmp_path / "bert", "ForMaskedLM")
    given = {"encoder": {"pretrained": "bert"}, "decoder": {"pretrained": "bert", "tokenizer": TRAINED}}
    drawn = plan(tmp_path, bert, target, **given)
    found = plan(tmp_path, bert, target, **given, cross_attention="copied")
    copied = set(drawn.new) - set(found.new)
    assert copied == {name for name in found.tensors if "crossattention" in name}
    for name, value in found.tensors.items():
        source = found.tensors if name in copied else drawn.tensors
        np.testing.assert_array_equal(value, source[name.replace("crossattention", "attention")], err_msg=name)


def test_a_trained_tokenizer_of_the_source_draws_the_encoders_table(tmp_path: Path, target: Path) -> None:
    write_bert(tmp_path / "bert")
    source = trained_tokenizer(TEXTS, "bpe", 270, ["texts"])
    parts = [{"pretrained": "bert", "tokenizer": {"train": "bpe", "vocabulary": size}} for size in (270, 280)]
    found = plan(tmp_path, source, target, encoder=parts[0], decoder=parts[1])
    assert [table.shape[0] for table in found.network.architecture.token_tables] == [270, 280]
    assert "encoder.embeddings.word_embeddings.weight" in found.new
    config = found.network.architecture.config
    assert (config["encoder"]["vocab_size"], config["decoder"]["vocab_size"]) == (270, 280)


def test_transformers_reads_it_and_gives_the_same_logits(tmp_path: Path, target: Path) -> None:
    bert = write_bert(tmp_path / "bert")
    one = {"pretrained": "bert"}
    found = plan(tmp_path, bert, target, encoder=one, decoder={**one, "tokenizer": TRAINED})
    model = folders.loaded(found, tmp_path / "result", "EncoderDecoderModel")
    source, written = [[2, 7, 9, 3], [2, 8, 5, 3]], [[2, 270, 40], [2, 271, 279]]
    wanted = model(input_ids=torch.tensor(source), decoder_input_ids=torch.tensor(written)).logits.detach().numpy()
    given = folders.batch(input_ids=source, decoder_input_ids=written)
    for backend in backends.names():
        assert relative(folders.logits(found, given, backend), wanted) <= 1e-5
    tokens = special_tokens(target)
    for config in (model.config, model.generation_config):
        found_ids = [config.decoder_start_token_id, config.bos_token_id, config.eos_token_id, config.pad_token_id]
        assert found_ids == [tokens.begin, tokens.begin, tokens.end, tokens.pad] == [2, 2, 3, 0]
    # Its labels are shifted as ftcore shifts them.
    assert model.prepare_decoder_input_ids_from_labels(torch.tensor([[270, 40, 3]])).tolist() == written[:1]
    again = plan_language_model(tmp_path / "result")
    assert again.network.tensors == found.network.tensors
    assert again.target_tokenizer_folder == tmp_path / "result" / "target_tokenizer"
    text = "un élève\nlà"
    tokenizers = [transformers.AutoTokenizer.from_pretrained(again.target_tokenizer_folder), None]
    assert tokenizers[0].decode(tokenizers[0](text).input_ids, skip_special_tokens=True) == text
    assert (tmp_path / "result" / "tokenizer.json").read_bytes() == (bert / "tokenizer.json").read_bytes()
    # It goes on from there, and is written again.
    later = plan(tmp_path, tmp_path / "result", again.target_tokenizer_folder, pretrained="result")
    folders.loaded(later, tmp_path / "later", "EncoderDecoderModel")
    names = sorted(path.name for path in (tmp_path / "result" / "target_tokenizer").iterdir())
    assert sorted(path.name for path in (tmp_path / "later" / "target_tokenizer").iterdir()) == names


@pytest.mark.slow
def test_a_target_tokenizer_of_older_files_is_kept_converted(tmp_path: Path) -> None:
    bert, other = write_bert(tmp_path / "bert"), write_bert(tmp_path / "other")
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (other / name).unlink()
    (other / "vocab.txt").write_text("".join(f"{token}\n" for token in tiny.VOCABULARY))
    found = plan(tmp_path, bert, other, encoder={"pretrained": "bert"}, decoder={"pretrained": "other"})
    folders.loaded(found, tmp_path / "result", "EncoderDecoderModel")
    target = plan_language_model(tmp_path / "result").target_tokenizer_folder
    assert target == tmp_path / "result" / "target_tokenizer"
    wanted = Tokenizer.load(other, 16).encode(["red dog", "old tree"])
    np.testing.assert_array_equal(Tokenizer.load(target, 16).encode(["red dog", "old tree"]).ids, wanted.ids)
    assert transformers.AutoTokenizer.from_pretrained(target)("red dog").input_ids == wanted.ids[:4].tolist()


def test_the_decoder_starts_with_its_own_tokenizers_first_token(tmp_path: Path) -> None:
    bert = write_bert(tmp_path / "bert")
    one = {"pretrained": "bert"}
    config = plan(tmp_path, bert, bert, encoder=one, decoder=one).network.architecture.config
    ids = [tiny.VOCABULARY.index(token) for token in ("[CLS]", "[SEP]", "[PAD]")]
    assert [config[name] for name in ("decoder_start_token_id", "eos_token_id", "pad_token_id")] == ids


def test_a_tokenizer_of_another_model_is_refused(tmp_path: Path, target: Path) -> None:
    bert = write_bert(tmp_path / "bert")
    one = {"pretrained": "bert"}
    with pytest.raises(ModelError, match="has a token of id 279, but the network's vocab_size is 23"):
        plan(tmp_path, bert, target, encoder=one, decoder=one)
    with pytest.raises(ModelError, match="has a token of id 279"):
        plan(tmp_path, target, bert, encoder=one, decoder=one)
    folders.write_config(tmp_path / "gpt2", "gpt2")
    with pytest.raises(ModelError, match="model_type is 'gpt2', but must be 'bert'"):
        plan(tmp_path, bert, bert, encoder=one, decoder={"from_scratch": "gpt2"})


def test_the_folder_tells_what_it_has(tmp_path: Path, target: Path) -> None:
    bert = write_bert(tmp_path / "bert")
    one = {"pretrained": "bert"}
    found = plan(tmp_path, bert, target, encoder=one, decoder={**one, "tokenizer": TRAINED})
    folders.loaded(found, tmp_path / "result", "EncoderDecoderModel")
    stored = json.loads((tmp_path / "result" / "generation_config.json").read_text())
    assert stored == {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3, "decoder_start_token_id": 2}
