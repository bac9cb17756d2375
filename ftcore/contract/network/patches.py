"""Describes the embeddings of an image: learned tokens and patches."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Patches:
    """Embeddings of an image: learned tokens, then a linear map of each patch, row by row (Dosovitskiy et al. 2021).

    Attributes:
        channels, height, width: size of every image.
        patch_height, patch_width: size of every patch; pixels beyond the last full patch are left out.
        leading: the learned tokens in order: "class", "distillation".
    """

    channels: int
    height: int
    width: int
    patch_height: int
    patch_width: int
    leading: tuple[str, ...]

    @property
    def grid(self) -> tuple[int, int]:
        """The number of patches down and across."""
        return self.height // self.patch_height, self.width // self.patch_width
