"""Defines the kinds of input: tokens, images, series and arrays."""

from ftcore.inputs import arrays, images, language, series, tokens
from ftcore.inputs.base import Input, NetworkSource, Preparer, Request, WholeSpec
from ftcore.inputs.descriptions import check_choice, check_type

__all__ = [
    "Input",
    "NetworkSource",
    "Preparer",
    "Request",
    "WholeSpec",
    "arrays",
    "check_choice",
    "check_type",
    "images",
    "language",
    "series",
    "tokens",
]
