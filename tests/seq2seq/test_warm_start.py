"""An encoder-decoder of two BERT folders has their values, transformers' names, and trains on every backend."""

from pathlib import Path
from typing import Any

import numpy as np
import pairs
import pytest
import torch
import transformers

from ftcore.conformance import batches
from ftcore.conformance.measure import relative
from ftcore.contract import Program
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import AdamW
from ftcore.errors import ModelError
from ftcore.models import Places, decay_exempt, plan_bert2bert, plan_language_model
from tests import tiny
from tests.results import write_language_model


def write(folder: Path, task: str, seed: int = 0, **fields: Any) -> Path:
    config = transformers.BertConfig(**{**pairs.BERT, **fields})
    torch.manual_seed(seed)
    pairs.perturbed(getattr(transformers, f"Bert{task}")(config)).save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


@pytest.mark.parametrize("task", ["ForMaskedLM", "ForPreTraining", "Model"])
def test_it_has_the_values_of_both(task: str, tmp_path: Path) -> None:
    encoder, decoder = write(tmp_path / "one", "Model"), write(tmp_path / "other", task, 1, num_hidden_layers=1)
    plan = plan_bert2bert(Places.of(encoder), Places.of(decoder))
    wanted = transformers.EncoderDecoderModel.from_encoder_decoder_pretrained(encoder, decoder).state_dict()
    for name, value in plan.tensors.items():
        assert value.shape == tuple(wanted[name].shape)
        if name not in plan.new:
            np.testing.assert_array_equal(value, wanted[name].numpy(), err_msg=name)
    drawn = {name for name in plan.new if "crossattention" not in name}
    assert all(name.startswith("decoder.cls.predictions") for name in drawn)
    assert bool(drawn) == (task == "Model")
    cross = plan.tensors["decoder.bert.encoder.layer.0.crossattention.self.query.weight"]
    assert 0.01 < float(cross.std()) < 0.03
    again, other = (plan_bert2bert(Places.of(encoder), Places.of(decoder), seed=seed) for seed in (0, 1))
    for name in plan.new:
        np.testing.assert_array_equal(again.tensors[name], plan.tensors[name])
    assert not np.array_equal(other.tensors["decoder.bert.encoder.layer.0.crossattention.self.query.weight"], cross)


@pytest.mark.slow
def test_it_trains_alike_and_goes_to_a_folder(tmp_path: Path) -> None:
    folder, given = write(tmp_path / "bert", "ForMaskedLM"), pairs.batch()
    plan = plan_bert2bert(Places.of(folder), Places.of(folder))
    losses, trained = [], {}
    for backend in backends.names():
        program = Program(plan.network, CrossEntropy(), AdamW(), decay_exempt=decay_exempt(plan.network), seed=4)
        learner = backends.load(backend).build(program, "cpu")
        learner.load_tensors(plan.tensors)
        steps = [batches.step(CrossEntropy(), [given], index, 1e-2) for index in range(1, 11)]
        losses.append([float(learner.train_step(step).loss) for step in steps])
        trained = learner.tensors()
    assert relative(np.array(losses[1]), np.array(losses[0])) <= 1e-4
    assert losses[0][-1] < losses[0][0]
    write_language_model(tmp_path / "result", plan, trained, None)
    model, information = transformers.EncoderDecoderModel.from_pretrained(tmp_path / "result", output_loading_info=True)
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    again = plan_language_model(tmp_path / "result")
    assert again.network.parameters == plan.network.parameters
    for name, value in again.tensors.items():
        np.testing.assert_array_equal(value, trained[name])
        np.testing.assert_array_equal(value, model.state_dict()[name].numpy())


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "bert", "Model")
    wider = write(tmp_path / "wider", "Model", hidden_size=8)
    with pytest.raises(ModelError, match="hidden_size is 16 of the encoder, 8 of the decoder"):
        plan_bert2bert(Places.of(folder), Places.of(wider))
    pairs.write("bart", tmp_path / "bart")
    with pytest.raises(ModelError, match="model_type is 'bart', but must be 'bert'"):
        plan_bert2bert(Places.of(folder), Places.of(tmp_path / "bart"))
