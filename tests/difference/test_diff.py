"""ftcore diff, the real thing: networks that agree, and planted faults that are named where they are."""

import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load_file, save_file

from ftcore.cli.main import main
from ftcore.conformance.bounds import BOUNDS
from ftcore.difference import diff
from ftcore.models import AnyModelSpec, SequenceHead, plan_model

FIRST, SECOND = "torch", "tf"
QUERY = "encoder.layer.1.attention.self.query.weight"


@pytest.mark.slow
def test_one_model_on_both_backends(checkpoint: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = main(["diff", str(checkpoint), "--backends", f"{FIRST},{SECOND}", "--json"])
    found = json.loads(capfd.readouterr().out)
    assert (code, found["agree"], found["parted"], found["values"], found["settings"]) == (0, True, None, None, {})
    assert [(side["model"], side["backend"]) for side in found["networks"]] == [
        (str(checkpoint), FIRST),
        (str(checkpoint), SECOND),
    ]
    assert set(found["networks"][1]["versions"]) == {"tensorflow", "keras"}
    places = [row["place"] for row in found["rows"]]
    assert places == ["embeddings", "block 0", "block 1", "pooled", "logits", "loss"]
    network = plan_model(AnyModelSpec(pretrained=str(checkpoint)), SequenceHead(2), 0, Path()).network
    gradients = {item["path"]: item["error"] for row in found["rows"] for item in row["gradients"]}
    assert set(gradients) == {parameter.path for parameter in network.parameters}
    # Two frameworks do not round alike.
    assert 0 < max(row["output"] for row in found["rows"]) <= BOUNDS["float32"].outputs
    assert 0 < max(gradients.values()) <= BOUNDS["float32"].gradient
    assert found["verdict"].startswith("the two networks agree: worst output ")
    assert "classifier.weight, classifier.bias drawn from seed 0" in found["head"]


@pytest.mark.slow
def test_a_weight_in_block_1_across_backends(checkpoint: Path, copy: Any, capfd: pytest.CaptureFixture[str]) -> None:
    def perturb(tensors: dict[str, Any]) -> None:
        tensors[QUERY][3, 5] += 0.25

    other = copy(perturb)
    code = main(
        [
            "diff",
            str(checkpoint),
            str(other),
            "--backends",
            f"{FIRST},{SECOND}",
            "--precision",
            "float64",
            "--seed",
            "1",
        ]
    )
    lines = [" ".join(line.split()) for line in capfd.readouterr().out.splitlines()]
    assert code == 1
    assert lines[0].startswith(f"{checkpoint} on {FIRST} (")
    assert lines[1].startswith(f"{other} on {SECOND} (")
    assert lines[2] == "float64; batch: 8 sequences of 1 to 32 tokens, drawn from seed 1"
    changed = f"blocks.1.attention.query.weight (bert.{QUERY}) in 1 of 256 values by up to 2.5e-01, relative "
    assert lines[4].startswith(f"parameters: 1 of 41 differ, the first {changed}")
    verdicts = {line.partition(" 1e-10 ")[0].rpartition(" ")[0]: line for line in lines[6:-1]}
    assert verdicts["block 1"].endswith("output parts")
    assert verdicts["block 0"].endswith("gradients part")
    assert lines[-1].startswith("the two networks differ in block 1: ")
    assert f"the first parameter that differs is {changed}" in lines[-1]
    assert "block 0 agreed to " in lines[-1]


@pytest.mark.slow
def test_another_activation_parts_in_block_0(checkpoint: Path, copy: Any) -> None:
    found = diff([str(checkpoint), str(copy(hidden_act="relu"))], [FIRST])
    assert found.settings == {"feed_forward.activation": ("gelu", "relu")}
    assert found.values == ()
    assert found.parted is not None
    assert (found.parted.place, found.rows[0].output, found.exit_code) == ("block 0", 0.0, 1)
    assert "the gradient furthest off there is that of blocks.0." in found.verdict
    assert "(bert.encoder.layer.0." in found.verdict


@pytest.mark.slow
def test_another_pooler_parts_in_the_pooled_vector(checkpoint: Path, copy: Any) -> None:
    def perturb(tensors: dict[str, Any]) -> None:
        tensors["pooler.dense.bias"][:] += 0.5

    found = diff([str(checkpoint), str(copy(perturb))], [FIRST])
    assert [row.output for row in found.rows[:3]] == [0.0, 0.0, 0.0]
    assert found.parted is not None
    assert found.parted.place == "pooled"
    assert "pooler.bias (bert.pooler.dense.bias) in 16 of 16 values by up to 5.0e-01" in found.verdict


@pytest.mark.slow
def test_a_value_that_the_batch_does_not_read_is_named(checkpoint: Path, copy: Any, tmp_path: Path) -> None:
    def perturb(tensors: dict[str, Any]) -> None:
        tensors["embeddings.position_embeddings.weight"][31] += 1

    (tmp_path / "texts.csv").write_text("utterance\nred dog\nblue bird by the river\n")
    models, data = [str(checkpoint), str(copy(perturb))], str(tmp_path / "texts.csv")
    found = diff(models, [FIRST], data=data, text_column="utterance")
    assert found.batch.startswith("2 sequences of 4 to 7 tokens, the first rows of ")
    assert (found.parted, found.agree, found.exit_code) == (None, False, 1)
    assert found.verdict.startswith("the two networks differ in embeddings.positions (")
    assert "agree on this batch" in found.verdict


@pytest.mark.slow
def test_a_trained_head_is_compared_and_needs_no_tokenizer(tmp_path: Path, write_classifier: Any) -> None:
    models = [write_classifier(tmp_path / name, 3) for name in ("one", "other")]
    tensors = load_file(models[1] / "model.safetensors")
    save_file({**tensors, "classifier.bias": tensors["classifier.bias"] + 1}, models[1] / "model.safetensors")
    found = diff([str(model) for model in models], [FIRST])
    assert found.head == "the model's own; pooling pooler, 3 outputs, loss cross-entropy"
    assert found.parted is not None
    assert found.parted.place == "logits"
    assert "the first parameter that differs is classifier.bias (classifier.bias) in 3 of 3 values" in found.verdict
