"""The gestures that ship are what their script draws."""

import importlib.util
import json
from pathlib import Path

import numpy as np

GESTURES = Path(__file__).parents[2] / "examples" / "gestures"


def test_gestures_are_as_their_script_draws_them() -> None:
    described = importlib.util.spec_from_file_location("draw", GESTURES / "draw.py")
    assert described is not None
    assert described.loader is not None
    draw = importlib.util.module_from_spec(described)
    described.loader.exec_module(draw)
    for seed, (name, count) in enumerate(draw.SPLITS.items()):
        found = [json.loads(line) for line in (GESTURES / f"{name}.jsonl").read_text().splitlines()]
        wanted = draw.split(count, seed)
        assert [row["label"] for row in found] == [row["label"] for row in wanted]
        for one, other in zip(found, wanted, strict=True):
            # Another NumPy may round a drawn number the other way.
            np.testing.assert_allclose(one["x"], other["x"], rtol=0, atol=2e-3)
