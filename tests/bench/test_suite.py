"""A wrong suite is told in one line a mistake, with file, line and field; programs need --allow-code."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftcore.bench.running import in_order
from ftcore.bench.suite import select
from ftcore.bench.suite_file import load_suite
from ftcore.errors import SpecError

SUITES = sorted((Path(__file__).parents[2] / "benchmarks" / "suites").glob("*.yaml"))
Bench = Callable[..., tuple[int, str, str]]


def mistakes(path: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load_suite(path)
    return [line.removeprefix(f"{path}:") for line in str(caught.value).splitlines()]


def test_what_is_not_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text("spec: task.yaml\nsteps: [3\n")
    (line,) = mistakes(path)
    assert line.startswith("3: not valid YAML")


def test_a_file_that_is_absent_or_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    with pytest.raises(SpecError, match="the suite cannot be read"):
        load_suite(path)
    path.write_text("- a list\n")
    assert mistakes(path) == ["1: given a list; a suite is a mapping with spec, steps, contestants"]


def test_every_mistake_has_its_own_line(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_text(
        "spec: task.yaml\n"
        "step: 3\n"
        "rounds: 0\n"
        "threads: two\n"
        "contestants:\n"
        "  - name: a\n"
        "    ftcore: {backend: torch, sets: []}\n"
        "  - name: b\n"
    )
    assert mistakes(path) == [
        "1: steps: required, but not given",
        "2: step: unknown field (did you mean steps?); allowed: title, spec, set, steps, warmup, rounds, threads, "
        "timeout, contestants, ratios, curves, matmul",
        "3: rounds: given 0; allowed: greater than or equal to 1",
        "4: threads: given 'two'; allowed: a valid integer",
        "7: contestants[0].ftcore.sets: unknown field (did you mean set?); allowed: backend, set",
        "8: contestants[1]: give either ftcore or command",
    ]


def test_names_must_be_known_and_unlike(write_suite: Callable[..., Path]) -> None:
    one = {"name": "torch", "ftcore": {"backend": "torch"}}
    path = write_suite(
        contestants=[one, one], ratios=[{"contestant": "torch", "baseline": "tourch"}], curves=None, matmul=None
    )
    assert [line.partition(": ")[2] for line in mistakes(path)] == [
        "contestants[1].name: given 'torch' twice",
        "ratios[0].baseline: there is no contestant 'tourch' (did you mean torch?)",
    ]


def test_a_command_needs_allow_code(write_suite: Callable[..., Path], bench: Bench, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    path = write_suite(contestants=[{"name": "mine", "command": ["touch", str(mark)]}])
    code, out, err = bench(path, "--output", tmp_path / "out.json")
    assert (code, out) == (2, "")
    assert err == f"error: {path}: mine would run programs of the suite's own: read them, then give --allow-code\n"
    assert not mark.exists()


def test_a_matmul_program_needs_allow_code_too(write_suite: Callable[..., Path], bench: Bench, tmp_path: Path) -> None:
    path = write_suite(matmul=[{"name": "mine", "command": ["true"]}])
    code, _, err = bench(path, "--output", tmp_path / "out.json")
    assert code == 2
    assert "mine would run programs" in err


def test_only_keeps_the_pairs_that_are_whole(write_suite: Callable[..., Path]) -> None:
    pairs = [{"contestant": "a", "baseline": "b"}, {"contestant": "a", "baseline": "a"}]
    suite = load_suite(write_suite(ratios=pairs, curves=pairs))
    kept = select(suite, ["a"], 7)
    assert [item.name for item in kept.contestants] == ["a"]
    assert [(pair.contestant, pair.baseline) for pair in (*kept.ratios, *kept.curves)] == [("a", "a")] * 2
    assert (kept.rounds, select(suite, [], None)) == (7, suite)
    with pytest.raises(SpecError, match="--only c: there is no such contestant; known: a, b"):
        select(suite, ["c"], None)


def test_every_second_round_goes_backwards(write_suite: Callable[..., Path]) -> None:
    suite = load_suite(write_suite())
    orders = ["".join(item.name for item in in_order(suite.contestants, number)) for number in range(4)]
    assert orders == ["ab", "ba", "ab", "ba"]


def test_the_shipped_suites_are_there() -> None:
    assert {path.stem for path in SUITES} == {"banking77-speed", "banking77-curves", "banking77-products"}


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.stem)
def test_a_shipped_suite_reads_and_names_files_that_exist(path: Path) -> None:
    suite = load_suite(path)
    assert (path.parent / suite.spec).is_file()
    programs: list[Any] = [item.command for item in (*suite.contestants, *suite.matmul) if item.command]
    assert [words[1] for words in programs if not (path.parent / words[1]).is_file()] == []
