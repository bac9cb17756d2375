"""Images are prepared bit for bit as transformers' image processors prepare them, or refused by name."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from PIL import Image
from transformers.image_utils import load_image

from ftcore.contract.network import Architecture
from ftcore.errors import ModelError
from ftcore.inputs.images.pixels import pixels_of_array, pixels_of_file
from ftcore.inputs.images.processor import ImageProcessor, default_processor, processor_from_scratch, read_processor
from ftcore.inputs.images.store import scaled
from ftcore.models import FAMILIES

VIT = {"image_processor_type": "ViTImageProcessor", "size": {"height": 12, "width": 9}}
CONVNEXT = {"image_processor_type": "ConvNextImageProcessor"}
MEANS = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
CONFIGS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "vit": ("vit", {"image_size": [12, 9]}, VIT),
    "vit of before": (
        "vit",
        {"image_size": 10},
        {"feature_extractor_type": "ViTFeatureExtractor", "size": 10, "resample": 3, **MEANS},
    ),
    "vit, nearest": ("vit", {"image_size": [12, 9]}, {**VIT, "resample": 0, "rescale_factor": 0.01}),
    "vit, lanczos": ("vit", {"image_size": [12, 9]}, {**VIT, "resample": 1, "do_normalize": False}),
    "vit, as it is": (
        "vit",
        {"image_size": [12, 9]},
        {**VIT, "do_rescale": False, "image_mean": 3.0},
    ),
    "vit, cropped": (
        "vit",
        {"image_size": [9, 12]},
        {
            "image_processor_type": "ViTImageProcessorFast",
            "size": {"shortest_edge": 11},
            "do_center_crop": True,
            "crop_size": {"height": 9, "width": 12},
        },
    ),
    "vit, a number for the shorter edge": (
        "vit",
        {"image_size": [9, 12]},
        {
            **VIT,
            "size": 13,
            "default_to_square": False,
            "do_center_crop": True,
            "crop_size": {"height": 9, "width": 12},
        },
    ),
    "deit": ("deit", {}, {"image_processor_type": "DeiTImageProcessor"}),
    "deit, filled": (
        "deit",
        {"image_size": [21, 16]},
        {"image_processor_type": "DeiTImageProcessor", "size": 18, "crop_size": {"height": 21, "width": 16}},
    ),
    "resnet": ("resnet", {}, {**CONVNEXT, "size": {"shortest_edge": 30}, "crop_pct": 0.8, **MEANS}),
    "resnet, large": ("resnet", {}, {"feature_extractor_type": "ConvNextFeatureExtractor", "size": 400}),
}
"""A name for tests to a family, fields of its config, and a preprocessor_config.json."""
SHAPES = [(12, 9), (31, 40), (7, 6), (40, 13)]


def architecture(family: str, fields: dict[str, Any]) -> Architecture:
    return FAMILIES[family].architecture(fields if family == "image-cnn" else {"patch_size": 3, **fields}, None)


def read(folder: Path, name: str) -> ImageProcessor:
    family, fields, config = CONFIGS[name]
    (folder / "preprocessor_config.json").write_text(json.dumps(config))
    return read_processor(folder, architecture(family, fields))


def picture(height: int, width: int, channels: int = 3) -> np.ndarray:
    draw = np.random.default_rng(height * 100 + width)
    # Neighbours are alike, as in pictures: noise alone would hide an image that is turned or shifted by one.
    smooth = np.cumsum(draw.integers(-30, 31, size=(height, width, channels)), axis=1) + 128
    return np.clip(smooth, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", CONFIGS)
def test_every_step_is_transformers(name: str, tmp_path: Path) -> None:
    processor = read(tmp_path, name)
    reference = transformers.AutoImageProcessor.from_pretrained(tmp_path)
    for shape in SHAPES:
        path = tmp_path / "picture.png"
        Image.fromarray(picture(*shape)).save(path)
        wanted = reference(load_image(str(path)), return_tensors="np")["pixel_values"]
        found = scaled(pixels_of_file(path, processor)[None], processor)
        assert found.shape[1:] == (3, *processor.size)
        np.testing.assert_array_equal(found, wanted, strict=True)
        np.testing.assert_array_equal(pixels_of_array(picture(*shape), processor), pixels_of_file(path, processor))


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1"])
def test_every_kind_of_picture_becomes_what_transformers_makes_of_it(mode: str, tmp_path: Path) -> None:
    processor = read(tmp_path, "vit")
    path = tmp_path / ("picture.tiff" if mode == "CMYK" else "picture.png")
    Image.fromarray(picture(30, 20)).convert(mode).save(path)
    reference = transformers.AutoImageProcessor.from_pretrained(tmp_path)
    wanted = reference(load_image(str(path)), return_tensors="np")["pixel_values"]
    np.testing.assert_array_equal(scaled(pixels_of_file(path, processor)[None], processor), wanted)


def test_a_turned_photograph_is_upright(tmp_path: Path) -> None:
    processor = read(tmp_path, "vit")
    image, tags = Image.fromarray(picture(30, 20)), Image.Exif()
    tags[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=tags, quality=100)
    reference = transformers.AutoImageProcessor.from_pretrained(tmp_path)
    wanted = reference(load_image(str(tmp_path / "turned.jpg")), return_tensors="np")["pixel_values"]
    found = scaled(pixels_of_file(tmp_path / "turned.jpg", processor)[None], processor)
    np.testing.assert_array_equal(found, wanted)


def test_the_default_is_what_its_file_says(tmp_path: Path) -> None:
    network = architecture("image-cnn", {"image_size": [8, 6]})
    assert read_processor(tmp_path, network) == default_processor(network)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(default_processor(network).to_config()))
    assert read_processor(tmp_path, network) == default_processor(network)
    resnet = architecture("resnet", {})
    assert processor_from_scratch(tmp_path / "none", resnet).size == (224, 224)


def test_a_grey_network_takes_colours_too(tmp_path: Path) -> None:
    network = architecture("image-cnn", {"image_size": [12, 9], "num_channels": 1})
    Image.fromarray(picture(12, 9)).save(tmp_path / "picture.png")
    found = pixels_of_file(tmp_path / "picture.png", default_processor(network))
    np.testing.assert_array_equal(found[0], np.asarray(Image.open(tmp_path / "picture.png").convert("L")))


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"image_processor_type": "CLIPImageProcessor"}, "image_processor_type 'CLIPImageProcessor' is not supported"),
        ({**VIT, "do_pad": True}, "do_pad is True: ftcore supports only false"),
        ({**VIT, "auto_map": {}}, "auto_map needs code from the model's folder"),
        ({**VIT, "resample": 9}, "resample is 9; allowed: 0 (nearest), 1 (lanczos), 2 (bilinear)"),
        ({**VIT, "size": {"longest_edge": 9}}, "ftcore supports height and width, or only shortest_edge"),
        ({**VIT, "size": 8}, "gives images of 8 x 8 (height x width), but the network in config.json takes 12 x 9"),
        ({**VIT, "image_mean": [0.5, 0.5]}, "image_mean has 2 numbers, but the network takes images of 3 channels"),
        ({**VIT, "image_std": [0.5, 0.5, 0]}, "image_std is 0, but must be a finite number above 0"),
        ({**VIT, "do_resize": "yes"}, "do_resize is 'yes', but must be true or false"),
        ({**CONVNEXT, "size": {"height": 12, "width": 9}}, "needs a size with shortest_edge"),
    ],
)
def test_what_is_not_carried_out_is_refused_by_name(config: dict[str, Any], message: str, tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError) as error:
        read_processor(tmp_path, architecture("vit", {"image_size": [12, 9]}))
    assert str(error.value).startswith(f"{tmp_path / 'preprocessor_config.json'}: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_pretrained_model_must_say_how_images_are_prepared(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"has no preprocessor_config\.json, which tells how images were prepared"):
        read_processor(tmp_path, architecture("vit", {}))
    assert processor_from_scratch(tmp_path, architecture("vit", {})) == default_processor(architecture("vit", {}))


def test_any_size_needs_one(tmp_path: Path) -> None:
    (tmp_path / "preprocessor_config.json").write_text('{"do_resize": false}')
    with pytest.raises(ModelError, match="do_resize is false, but resnet takes images of any size: give a size"):
        read_processor(tmp_path, architecture("resnet", {}))
