"""transformers' pipeline gives ftcore's scores of images, one image at a time and in batches."""

from pathlib import Path

import fine_tuned
import numpy as np
import pytest
import transformers
from fine_tuned import BATCHES, BOUND
from PIL import Image

from ftcore import predict
from ftcore.models import FAMILIES

IMAGES = [name for name, family in FAMILIES.items() if family.body_class and name not in fine_tuned.TEXT_FAMILIES]


def write_images(folder: Path, count: int, start: int = 0) -> list[str]:
    """Write images of two classes, in a folder for each."""
    for number in range(start, start + count):
        path = folder / ("bar", "square")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).save(path)
    return sorted(str(path) for path in folder.rglob("*.png"))


@pytest.mark.parametrize("name", IMAGES)
def test_labels_of_images(name: str, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    fine_tuned.write_checkpoint(model, name, FAMILIES[name].body_class, {})
    processor = transformers.ViTImageProcessor(size={"height": 8, "width": 8})
    processor.save_pretrained(model)
    write_images(tmp_path / "train", 8)
    paths = write_images(tmp_path / "new", 9, start=100)
    spec = {
        "task": "image-classification",
        "model": {"pretrained": "model"},
        "data": {"train": "train"},
        "training": {"max_steps": 1, "batch_size": 8},
    }
    result = fine_tuned.result_of(tmp_path, spec)
    expected = predict(result, tmp_path / "new", "torch")
    for batch in BATCHES:
        pipe = transformers.pipeline("image-classification", str(result), top_k=None, batch_size=batch)
        for found, own in zip(pipe(paths), expected, strict=True):
            assert {one["label"]: one["score"] for one in found} == pytest.approx(own["scores"], abs=BOUND)
