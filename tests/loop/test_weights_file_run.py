"""A run whose weights are a file of torch.save: the same run as from a folder, and on TensorFlow without torch."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.tiny import write_task

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A task with the folder's own weights in net.ckpt too, as Lightning writes them, and a folder without weights."""
    import torch
    from safetensors.torch import load_file

    spec = write_task(tmp_path_factory.mktemp("task"), training__epochs=1)
    tensors = {
        f"model.bert.{name}": value for name, value in load_file(spec.parent / "model/model.safetensors").items()
    }
    torch.save({"pytorch-lightning_version": "2.5", "state_dict": tensors, "epoch": 1}, spec.parent / "net.ckpt")
    described = spec.parent / "described"
    described.mkdir()
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (described / name).write_bytes((spec.parent / "model" / name).read_bytes())
    return spec


CHOICES = ["model.pretrained=described", "model.weights=net.ckpt"]
SCRATCH = ["model.from_scratch.architecture=described", "model.weights=net.ckpt"]
PROGRAM = """
import json, sys
import ftcore
name, task, folder, *model = sys.argv[1:]
steps = "training.max_steps=2"
runs = [
    ftcore.run(task, backend=name, output=f"{folder}/folder", overrides=[steps]),
    ftcore.run(task, backend=name, output=f"{folder}/file", overrides=[*model, steps]),
]
losses = [[event["loss"] for event in run.history if event["event"] == "train"] for run in runs]
print(json.dumps({"losses": losses, "loaded": sorted({"torch", "transformers", "tensorflow"} & set(sys.modules))}))
"""
LOADED = {"torch": ["torch", "transformers"], "tf": ["tensorflow"]}


@pytest.mark.parametrize(("name", "model"), [("tf", CHOICES), ("torch", SCRATCH)], ids=["tf", "torch"])
def test_a_file_gives_the_run_that_a_folder_gives(name: str, model: list[str], task: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-c", PROGRAM, name, str(task), str(tmp_path), *model]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["loaded"] == LOADED[name]
    assert len(found["losses"][0]) == 2
    assert found["losses"][0] == found["losses"][1]
    environment = json.loads((tmp_path / "file" / "environment.json").read_text())
    assert environment["weights_sha256"] == hashlib.sha256((task.parent / "net.ckpt").read_bytes()).hexdigest()
    written = yaml.safe_load((tmp_path / "file" / "spec.yaml").read_text())
    assert (tmp_path / "file" / written["model"]["weights"]).samefile(task.parent / "net.ckpt")


def test_spec_check_says_what_was_recognised(task: Path) -> None:
    words = [
        "ftcore",
        "spec",
        "check",
        str(task),
        "--set",
        "model.pretrained=described",
        "--set",
        "model.weights=net.ckpt",
    ]
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "model       bert (pretrained, float32)" in done.stdout
    for note in (
        "net.ckpt: the tensors are those under 'state_dict' of a Lightning checkpoint",
        "net.ckpt: not read: pytorch-lightning_version, epoch",
        "net.ckpt: the prefix 'model.' is removed from every name",
    ):
        assert note in done.stderr
