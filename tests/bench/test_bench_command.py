"""`ftcore bench` from end to end on a tiny model: real processes, real steps."""

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tiny import write_task

Bench = Callable[..., tuple[int, str, str]]
PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"
PACKED = {"name": "packed", "ftcore": {"backend": "torch", "set": ["training.batching=packed"]}}
PADDED = {"name": "padded", "ftcore": {"backend": "torch", "set": ["training.batching=padded"]}}
CURVE = [{"contestant": "packed", "baseline": "padded", "goal": 1e-5}]


def peer(name: str, *words: str) -> dict[str, Any]:
    return {"name": name, "command": ["python", str(PEERS / words[0]), *words[1:]]}


@pytest.mark.slow
def test_two_contestants(write_suite: Callable[..., Path], bench: Bench, tmp_path: Path) -> None:
    write_task(tmp_path)
    ratios = [{"contestant": "packed", "baseline": "padded", "goal": 1000.0}]
    suite = write_suite(contestants=[PACKED, PADDED], ratios=ratios, curves=CURVE)
    code, out, err = bench(suite, "--output", tmp_path / "out.json", "--page", tmp_path / "page.md")
    assert code == 0, err
    content = json.loads((tmp_path / "out.json").read_text())
    (done,) = content["rounds"]
    packed, padded = done["measurements"]
    assert (packed["contestant"], padded["contestant"]) == ("packed", "padded")
    for found in (packed, padded):
        assert found["examples"] == [8, 8, 8, 8]
        assert len(found["step_seconds"]) == 4
        assert all(0 < seconds < 30 for seconds in found["step_seconds"])
        assert 0.2 < found["seconds_to_first_step"] < 300
        assert 2**26 < found["peak_anonymous_memory_bytes"] < found["peak_memory_bytes"] < 2**33
        assert {"ftcore", "torch"} <= set(found["packages"])
    assert packed["real_tokens"] == padded["real_tokens"]
    assert packed["flops_per_step"] == padded["flops_per_step"]
    assert sum(packed["real_tokens"]) < sum(packed["computed_tokens"]) < sum(padded["computed_tokens"])
    assert packed["losses"] == pytest.approx(padded["losses"], rel=1e-5)
    assert "packed / padded, examples per second" in out
    assert "goal 1000: not met" in out
    assert content["machine"]["threads"] == 1
    page = (tmp_path / "page.md").read_text()
    assert "| packed |" in page

    assert bench(tmp_path / "out.json", "--page", tmp_path / "again.md")[:2] == (0, out)
    assert (tmp_path / "again.md").read_text() == page.replace("page.svg", "again.svg")


@pytest.mark.slow
def test_a_contestant_that_fails_is_told_by_its_last_line(
    write_suite: Callable[..., Path], bench: Bench, tmp_path: Path
) -> None:
    write_task(tmp_path)
    (tmp_path / "fails.py").write_text("print('a hint')\nraise SystemExit('out of luck')\n")
    suite = write_suite(contestants=[{"name": "mine", "command": ["python", "fails.py"]}])
    code, _, err = bench(suite, "--allow-code", "--output", tmp_path / "out.json")
    assert code == 2
    assert "a hint\n" in err
    assert err.splitlines()[-1] == "error: mine failed (exit code 1): out of luck"


@pytest.mark.slow
def test_a_contestant_that_takes_other_steps_is_refused(
    write_suite: Callable[..., Path], bench: Bench, tmp_path: Path
) -> None:
    write_task(tmp_path)
    lists = {name: [1] for name in ("step_seconds", "examples", "real_tokens", "computed_tokens", "losses")}
    (tmp_path / "short.py").write_text(
        "import json, sys\n"
        f"content = {{'contestant': 'x', **{lists!r}}}\n"
        "open(sys.argv[sys.argv.index('--output') + 1], 'w').write(json.dumps(content))\n"
    )
    suite = write_suite(contestants=[{"name": "mine", "command": [sys.executable, "short.py"]}])
    code, _, err = bench(suite, "--allow-code", "--output", tmp_path / "out.json")
    assert (code, err.splitlines()[-1]) == (2, "error: mine: 1 steps measured instead of 4")


def test_a_wrong_setting_is_found_before_anything_runs(
    write_suite: Callable[..., Path], bench: Bench, tmp_path: Path
) -> None:
    write_task(tmp_path)
    wrong = {"name": "wrong", "ftcore": {"backend": "torch", "set": ["training.batching=loose"]}}
    code, _, err = bench(write_suite(contestants=[PACKED, wrong]), "--output", tmp_path / "out.json")
    assert code == 2
    assert "training.batching=loose" in err
    assert "round 1" not in err


@pytest.mark.slow
def test_the_other_backend_and_the_hand_written_loop_compute_the_same_losses(
    write_suite: Callable[..., Path], bench: Bench, tmp_path: Path
) -> None:
    write_task(tmp_path)
    contestants = [
        PACKED,
        {"name": "tf", "ftcore": {"backend": "tf"}},
        peer("loop packed", "torch_loop.py", "--batches", "packed"),
        peer("loop padded", "torch_loop.py", "--batches", "padded"),
    ]
    matmul = [peer("torch", "matmul.py", "--framework", "torch"), peer("tf", "matmul.py", "--framework", "tensorflow")]
    suite = write_suite(contestants=contestants, matmul=matmul)
    code, _, err = bench(suite, "--allow-code", "--output", tmp_path / "out.json")
    assert code == 0, err
    (done,) = json.loads((tmp_path / "out.json").read_text())["rounds"]
    found = {item["contestant"]: item for item in done["measurements"]}
    for name in ("tf", "loop packed", "loop padded"):
        assert found[name]["losses"] == pytest.approx(found["packed"]["losses"], rel=1e-5), name
        assert found[name]["real_tokens"] == found["packed"]["real_tokens"], name
        assert found[name]["flops_per_step"] == found["packed"]["flops_per_step"], name
    assert found["loop packed"]["computed_tokens"] == found["packed"]["computed_tokens"]
    assert set(done["matmul"]) == {"NumPy", "torch", "tf"}


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("keras_hub") is None or importlib.util.find_spec("accelerate") is None,
    reason="needs the extra peers",
)
def test_the_peers_train(write_suite: Callable[..., Path], bench: Bench, tmp_path: Path) -> None:
    write_task(tmp_path)
    contestants = [
        peer("random", "trainer.py", "--sampling", "random"),
        peer("grouped", "trainer.py", "--sampling", "group_by_length"),
        peer("fit", "keras_fit.py", "--jit", "off"),
    ]
    suite = write_suite(contestants=contestants, steps=4)
    code, _, err = bench(suite, "--allow-code", "--output", tmp_path / "out.json")
    assert code == 0, err
    (done,) = json.loads((tmp_path / "out.json").read_text())["rounds"]
    found = {item["contestant"]: item for item in done["measurements"]}
    for item in found.values():
        assert item["examples"] == [8] * 5
        assert all(0.2 < loss < 3 for loss in item["losses"])
        assert all(real <= slots for real, slots in zip(item["real_tokens"], item["computed_tokens"], strict=True))
    # one epoch each: the same rows in another order
    assert sum(found["random"]["real_tokens"]) == sum(found["fit"]["real_tokens"])
