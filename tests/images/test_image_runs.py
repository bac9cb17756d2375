"""image-classification through the one loop: the same run on every backend, resumed, evaluated, predicted, compared."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest
import transformers
import yaml
from PIL import Image

from ftcore import library
from ftcore.cli.main import main
from ftcore.conformance.measure import relative
from ftcore.contract import discovery as backends
from ftcore.errors import FtcoreError, ModelError, SpecError
from ftcore.observer import Silent
from ftcore.runs.binding import bind
from ftcore.runs.description import describe
from ftcore.spec.reading import load_spec
from tests.conftest import SHARED
from tests.vision import images

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "specs" / "optdigits.yaml"
each_backend = pytest.mark.parametrize("backend", backends.names())
PROCESSOR = {"image_processor_type": "ViTImageProcessor", "size": {"height": 8, "width": 8}, "resample": 2}


def losses(run: Path) -> list[float]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "learning_rate" in row]


def write_pretrained(folder: Path, name: str) -> Path:
    images.write(name, folder)
    size = {"size": {"height": 16, "width": 16}} if name == "resnet" else {}
    (folder / "preprocessor_config.json").write_text(json.dumps({**PROCESSOR, **size}))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("form", ["folder", "pixels"])
def test_a_run_is_the_same_on_every_backend(form: str, tmp_path: Path) -> None:
    task, test = pictures.write_task(tmp_path, form), f"test{pictures.FORMS[form][1]}"
    runs = [library.run(task, backend=name, output=tmp_path / name) for name in backends.names()]
    first, other = (losses(run.folder) for run in runs)
    assert len(first) == 12
    assert max(relative(*pair) for pair in zip(other, first, strict=True)) <= 1e-5
    for run in runs:
        assert set(run.metrics["test"]) == {"loss", "accuracy", "macro_f1"}
        assert run.result["labels"] == pictures.KINDS
        assert run.result["flops_per_second"] > 0
    metrics = library.evaluate(tmp_path / "torch", tmp_path / test, backend="tf")
    assert relative(metrics["loss"], runs[backends.names().index("torch")].metrics["test"]["loss"]) <= 1e-5
    predictions = library.predict(tmp_path / "tf", tmp_path / test, backend="torch")
    assert isinstance(predictions, list)
    assert len(predictions) == 20
    assert set(predictions[0]["scores"]) == set(pictures.KINDS)
    assert library.run(tmp_path / "tf" / "spec.yaml", backend="torch", output=tmp_path / "again").metrics.keys() == {
        "validation",
        "test",
    }


@each_backend
@pytest.mark.parametrize("name", ["vit", "resnet"])
@pytest.mark.slow
def test_a_pretrained_model_gets_a_new_head_and_goes_to_transformers(backend: str, name: str, tmp_path: Path) -> None:
    write_pretrained(tmp_path / "pretrained", name)
    task = pictures.write_task(tmp_path, "folder", model={"pretrained": "pretrained"}, training__epochs=1)
    with pytest.raises(ModelError, match="does not fit 2 outputs"):
        library.run(task, backend=backend, output=tmp_path / "run")
    run = library.run(task, backend=backend, output=tmp_path / "run", overrides=["model.replace_head=true"])
    model = transformers.AutoModelForImageClassification.from_pretrained(run.model_dir).eval()
    processor = transformers.AutoImageProcessor.from_pretrained(run.model_dir)
    files = sorted((tmp_path / "test").rglob("*.png"))
    given = processor([Image.open(path).convert("RGB") for path in files], return_tensors="pt")
    wanted = model(**given).logits.softmax(-1).detach().numpy()
    found = library.predict(run.folder, tmp_path / "test", backend=backend)
    assert isinstance(found, list)
    scores = np.array([list(row["scores"].values()) for row in found])
    np.testing.assert_allclose(scores, wanted, rtol=0, atol=1e-5)
    assert model.config.id2label == dict(enumerate(pictures.KINDS))
    assert "max_length" not in describe(run.model_dir)


def test_a_pretrained_model_without_its_processor_is_refused(tmp_path: Path) -> None:
    images.write("vit", tmp_path / "pretrained")
    task = pictures.write_task(tmp_path, model={"pretrained": "pretrained", "replace_head": True})
    with pytest.raises(ModelError, match=r"has no preprocessor_config\.json"):
        bind(load_spec(task), tmp_path, Silent())


def test_a_network_of_texts_is_refused(tmp_path: Path) -> None:
    task = pictures.write_task(tmp_path)
    pictures.write_network(tmp_path / "network", {"model_type": "gru", "vocab_size": 9})
    with pytest.raises(ModelError, match="the gru that it describes reads tokens, but the task gives images"):
        bind(load_spec(task), tmp_path, Silent())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"data__columns": {"text": "a"}},
            "data.columns.text: the task image-classification has no column text: its columns are image, label",
        ),
        (
            {"data__max_length": 12},
            "data.max_length: unknown field in the task image-classification, it is one of text-classification, "
            "multi-label-classification, text-regression, token-classification, semantic-role-labeling, "
            "question-answering, sentence-embedding, causal-language-modeling, instruction-tuning, "
            "masked-language-modeling, summarization and translation; allowed: train, validation, test, columns, "
            "split_duplicates, on_bad_row, ",
        ),
        (
            {"data__pair": "separate"},
            "data.pair: unknown field in the task image-classification, it is one of text-classification, "
            "multi-label-classification, text-regression and sentence-embedding; allowed: train, validation, test, "
            "columns, split_duplicates, on_bad_row, ",
        ),
        (
            {"model": {"module": "a:b", "tokenizer": "c"}},
            "model.module: unknown field in the task image-classification, it is one of text-classification, "
            "multi-label-classification, text-regression, token-classification, semantic-role-labeling and tensors; ",
        ),
        (
            {"task": "text-classification", "data__columns": {"image": "a"}},
            "data.columns.image: the task text-classification has no column image: its columns are text, text_a",
        ),
    ],
)
def test_what_is_for_other_tasks_is_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as error:
        load_spec(pictures.write_task(tmp_path, **changes))
    assert message in str(error.value)


def test_batch_normalization_allows_no_split(tmp_path: Path) -> None:
    write_pretrained(tmp_path / "pretrained", "resnet")
    model = {"pretrained": "pretrained", "replace_head": True}
    task = pictures.write_task(tmp_path, model=model, training__micro_batch_size=4)
    with pytest.raises(SpecError, match=r"training\.micro_batch_size: given 4, and resnet has batch normalization"):
        bind(load_spec(task), tmp_path, Silent())


class Ending(Silent):
    """Ends a run after some steps, as a user does."""

    def step(self, index: int, loss: float | None, learning_rate: float, examples_per_second: float) -> None:
        if index == 7:
            raise KeyboardInterrupt


@pytest.mark.slow
@each_backend
def test_a_run_is_resumed(backend: str, tmp_path: Path) -> None:
    task = pictures.write_task(tmp_path, training__checkpoint_every=3)
    whole = library.run(task, backend=backend, output=tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        library.run(task, backend=backend, output=tmp_path / "cut", observer=Ending())
    assert (tmp_path / "cut" / "checkpoints" / "step-00000006").is_dir()
    resumed = library.run(task, backend=backend, output=tmp_path / "cut", resume=True)
    np.testing.assert_allclose(losses(resumed.folder), losses(whole.folder), rtol=1e-6, atol=0)
    assert resumed.metrics["test"] == pytest.approx(whole.metrics["test"], rel=1e-5)


def test_spec_check_counts_images(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    task = pictures.write_task(tmp_path, "list")
    assert main(["spec", "check", str(task), "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["data"]["splits"]["train"]["rows"] == 48
    assert found["data"]["splits"]["train"]["per_label"] == {"bar": 24, "square": 24}
    assert found["model"]["family"] == "image-cnn"
    assert main(["spec", "check", str(task)]) == 0


def test_a_missing_file_ends_a_prediction_in_one_line(tmp_path: Path) -> None:
    library.run(pictures.write_task(tmp_path, training__epochs=1), backend="torch", output=tmp_path / "run")
    (tmp_path / "new.csv").write_text("image\nnowhere.png\n")
    with pytest.raises(FtcoreError, match=r"new\.csv:2: row 1: the image '.*nowhere\.png' does not exist"):
        library.predict(tmp_path / "run", tmp_path / "new.csv", backend="torch")


@pytest.mark.slow
def test_compare_with_its_baselines(tmp_path: Path) -> None:
    write_pretrained(tmp_path / "pretrained", "vit")
    model, compare = {"pretrained": "pretrained", "replace_head": True}, {"baselines": ["majority", "frozen"]}
    task = pictures.write_task(tmp_path, model=model, compare=compare)
    found = library.compare(task, ["torch", "tf"], output=tmp_path / "comparison")
    assert all(pair.agree for pair in found.pairs)
    assert all(check.same for check in found.checks)
    details = {row.name: row.detail for row in found.table}
    assert details["frozen features"].startswith("pooled by the family, logistic regression")


@pytest.mark.realdata
@pytest.mark.parametrize("backend", backends.names())
def test_digits_are_learned(backend: str, tmp_path: Path) -> None:
    """A few steps of the benchmark on real digits: far from its goal, and far above one in ten."""
    shortly = ["training.epochs=null", "training.max_steps=60", "data.test=null", "data.validation=0.2"]
    run = library.run(BENCHMARK, backend=backend, output=tmp_path / "run", overrides=shortly)
    assert run.metrics["validation"]["accuracy"] > 0.8
    assert (SHARED / "optdigits").is_dir()
    assert yaml.safe_load((tmp_path / "run" / "spec.yaml").read_text())["task"] == "image-classification"
