"""Reads and writes preprocessor_config.json, which describes how a model's images are prepared."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ftcore.contract.network import Architecture, image_input
from ftcore.errors import ModelError
from ftcore.files import read_object, write_json
from ftcore.models import CONFIG, FAMILIES, ModelPlan, fields

PREPROCESSOR = "preprocessor_config.json"
BILINEAR, BICUBIC = 2, 3
RESAMPLINGS = {0: "nearest", 1: "lanczos", BILINEAR: "bilinear", BICUBIC: "bicubic", 4: "box", 5: "hamming"}
"""Pillow's numbers of resampling filters, as a config gives them."""
EIGHT_BITS = 1 / 255
"""The factor that scales 8-bit pixels to 0 ... 1."""
SIDE = 224
"""Default height and width for a network that takes images of any size."""
CROPS_BELOW = 384
"""A ConvNext processor crops images if the shorter edge is below this, and else resizes them without cropping."""
DEFAULTS: dict[str, dict[str, Any]] = {
    "ViT": {"size": SIDE, "resample": BILINEAR},
    "DeiT": {"size": 256, "resample": BICUBIC, "do_center_crop": True, "crop_size": SIDE},
    "ConvNext": {"size": {"shortest_edge": CROPS_BELOW}, "resample": BICUBIC, "crop_pct": SIDE / 256},
}
"""The defaults of transformers by kind of processor; all resize, rescale and normalise."""
OF_FAMILIES = {"vit": "ViT", "deit": "DeiT", "resnet": "ConvNext"}
"""The kind of processor that transformers uses for each model_type."""
ENDINGS = ("ImageProcessorFast", "ImageProcessorPil", "ImageProcessor", "FeatureExtractor")
"""The suffixes after the kind in a class name."""
CARRIED_OUT = ("do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb")


@dataclass(frozen=True)
class ImageProcessor:
    """How images become `pixel_values`: resized, cropped, scaled, normalised, in this order.

    Attributes:
        channels, size: the dimensions of every prepared image, [channels, height, width].
        resize: height and width; or a number for the shorter edge, with the aspect ratio kept; or None.
        resample: Pillow's number of the filter.
        crop: height and width of the centre crop, or None.
        scale: the factor for 8-bit pixels, 0 ... 255; 1 for no scaling.
        mean, std: mean and standard deviation of each channel of the scaled pixels.
    """

    channels: int
    size: tuple[int, int]
    resize: tuple[int, int] | int | None
    resample: int
    crop: tuple[int, int] | None
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def to_config(self) -> dict[str, Any]:
        """Return the result of `default_processor` as a preprocessor_config.json that transformers reads."""
        return {
            "image_processor_type": "ViTImageProcessor",
            "do_resize": True,
            "size": {"height": self.size[0], "width": self.size[1]},
            "resample": self.resample,
            "do_rescale": True,
            "rescale_factor": self.scale,
            "do_normalize": True,
            "image_mean": list(self.mean),
            "image_std": list(self.std),
        }


def default_processor(architecture: Architecture) -> ImageProcessor:
    """Return the processor for a network from scratch: bilinear resizing without cropping, scaling to -1 ... 1."""
    channels, size = image_input(architecture)
    size = size or (SIDE, SIDE)
    halves = (0.5,) * channels
    return ImageProcessor(channels, size, size, BILINEAR, None, EIGHT_BITS, halves, halves)


def processor_from_scratch(folder: Path, architecture: Architecture) -> ImageProcessor:
    """Return the processor of a folder that describes a network from scratch, or the default one.

    Raises:
        ModelError: the folder's configuration is not supported, or does not fit the network.
    """
    return _stored(folder, architecture) or default_processor(architecture)


def read_processor(folder: Path, architecture: Architecture) -> ImageProcessor:
    """Return the processor of a folder with a trained model; folders of ftcore's own models may lack one.

    Args:
        folder: the model's folder.
        architecture: the architecture of its network, which takes images.

    Raises:
        ModelError: the configuration is missing, is not supported, or does not fit the network.
    """
    if not (folder / PREPROCESSOR).is_file() and FAMILIES[architecture.family].body_class:
        raise ModelError(
            f"{folder}: has no {PREPROCESSOR}, which tells how images were prepared in the model's training: copy it "
            "from the source of the model"
        )
    return processor_from_scratch(folder, architecture)


def save_processor(plan: ModelPlan, folder: Path) -> None:
    """Write the image configuration of a result; nothing if the pretrained model has none.

    Args:
        plan: the plan of a network that takes images.
        folder: the result's folder.
    """
    stored, architecture = plan.tokenizer_folder / PREPROCESSOR, plan.network.architecture
    if stored.is_file():
        shutil.copyfile(stored, folder / PREPROCESSOR)
    elif not (plan.is_pretrained and FAMILIES[architecture.family].body_class):
        write_json(folder / PREPROCESSOR, default_processor(architecture).to_config())


def _stored(folder: Path, architecture: Architecture) -> ImageProcessor | None:
    path = folder / PREPROCESSOR
    if not path.is_file():
        return None
    config = read_object(path)
    try:
        return _processor(config, architecture)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from None


def _processor(config: Mapping[str, Any], architecture: Architecture) -> ImageProcessor:
    channels, size = image_input(architecture)
    kind = _kind(config, architecture)
    config = {**DEFAULTS[kind], **{name: value for name, value in config.items() if value is not None}}
    _refuse_others(config)
    resize, crop = _shape(config, kind)
    return ImageProcessor(
        channels=channels,
        size=_fitting(crop or _square(resize), size, architecture),
        resize=resize,
        resample=_resample(config),
        crop=crop,
        scale=fields.positive(config, "rescale_factor", EIGHT_BITS) if fields.flag(config, "do_rescale", True) else 1.0,
        mean=_of_channels(config, "image_mean", 0.0, channels),
        std=_of_channels(config, "image_std", 1.0, channels),
    )


def _kind(config: Mapping[str, Any], architecture: Architecture) -> str:
    given = config.get("image_processor_type") or config.get("feature_extractor_type")
    if given is None:
        return OF_FAMILIES.get(architecture.family, "ViT")
    name = str(given)
    kind = next((name.removesuffix(ending) for ending in ENDINGS if name.endswith(ending)), name)
    if kind not in DEFAULTS:
        known = ", ".join(f"{one}ImageProcessor" for one in DEFAULTS)
        raise ModelError(f"image_processor_type {name!r} is not supported; ftcore prepares images as {known}")
    return kind


def _refuse_others(config: Mapping[str, Any]) -> None:
    others = [name for name, value in config.items() if name.startswith("do_") and value and name not in CARRIED_OUT]
    if "auto_map" in config:
        raise ModelError("auto_map needs code from the model's folder, which ftcore does not run")
    if others:
        raise ModelError(f"{others[0]} is {config[others[0]]!r}: ftcore supports only false")


def _shape(config: Mapping[str, Any], kind: str) -> tuple[tuple[int, int] | int | None, tuple[int, int] | None]:
    """Return the size that images are resized to, and the size of the crop after it."""
    crops = fields.flag(config, "do_center_crop", False)
    crop = _size(config, "crop_size") if crops else None
    if isinstance(crop, int):
        raise ModelError(f"crop_size is {config['crop_size']!r}, but must have height and width")
    shorter = not fields.flag(config, "default_to_square", kind != "ConvNext")
    resize = _size(config, "size", shorter) if fields.flag(config, "do_resize", True) else None
    if kind != "ConvNext" or resize is None:
        return resize, crop
    if not isinstance(resize, int) or crops:
        raise ModelError("a ConvNextImageProcessor needs a size with shortest_edge, and takes no do_center_crop")
    if resize >= CROPS_BELOW:
        return (resize, resize), None
    return int(resize / fields.positive(config, "crop_pct", 1.0)), (resize, resize)


def _size(config: Mapping[str, Any], name: str, shorter: bool = False) -> tuple[int, int] | int:
    """Return height and width, or the length of the shorter edge; a single number means the latter if `shorter`."""
    value = config.get(name)
    if isinstance(value, Mapping):
        value = {edge: length for edge, length in value.items() if length is not None}
        if set(value) == {"shortest_edge"}:
            return fields.count({name: value["shortest_edge"]}, name, 1)
        if set(value) != {"height", "width"}:
            raise ModelError(f"{name} is {value!r}: ftcore supports height and width, or only shortest_edge")
        value = [value["height"], value["width"]]
    elif shorter and isinstance(value, int):
        return fields.count({name: value}, name, 1)
    return fields.size({name: value}, name, 1)


def _square(resize: tuple[int, int] | int | None) -> tuple[int, int] | None:
    return (resize, resize) if isinstance(resize, int) else resize


def _fitting(
    given: tuple[int, int] | None, wanted: tuple[int, int] | None, architecture: Architecture
) -> tuple[int, int]:
    """Return the size of prepared images."""
    if given is not None and wanted is not None and given != wanted:
        raise ModelError(
            f"gives images of {given[0]} x {given[1]} (height x width), but the network in {CONFIG} takes "
            f"{wanted[0]} x {wanted[1]}"
        )
    found = given or wanted
    if found is None:
        raise ModelError(f"do_resize is false, but {architecture.family} takes images of any size: give a size")
    return found


def _resample(config: Mapping[str, Any]) -> int:
    value = config.get("resample")
    if not isinstance(value, int) or value not in RESAMPLINGS:
        named = ", ".join(f"{number} ({name})" for number, name in RESAMPLINGS.items())
        raise ModelError(f"resample is {value!r}; allowed: {named}")
    return value


def _of_channels(config: Mapping[str, Any], name: str, neutral: float, channels: int) -> tuple[float, ...]:
    if not fields.flag(config, "do_normalize", True):
        return (neutral,) * channels
    value = config.get(name, 0.5)
    values = list(value) if isinstance(value, list | tuple) else [value] * channels
    if len(values) != channels:
        raise ModelError(f"{name} has {len(values)} numbers, but the network takes images of {channels} channels")
    if name == "image_std":
        return tuple(fields.positive({name: one}, name, 1.0) for one in values)
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in values):
        raise ModelError(f"{name} is {value!r}, but must be one number per channel")
    return tuple(float(one) for one in values)
