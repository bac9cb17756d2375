"""Reads images from folders, lists of files, arrays and pixel columns."""

from ftcore.inputs.images.images import Images

__all__ = ["Images"]
