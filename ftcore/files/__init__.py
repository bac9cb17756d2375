"""Reads and writes files: complete or absent files and folders, JSON, safetensors, and the cache."""

from ftcore.files import cache
from ftcore.files.cache import found_or_built
from ftcore.files.folders import replacing_folder
from ftcore.files.json_files import read_json, read_json_lines, read_object, read_value, with_nulls, write_json
from ftcore.files.tensors import check_no_nan, load_tensors, save_tensors
from ftcore.files.whole import new_file, replacing, sha256, write_text

__all__ = [
    "cache",
    "check_no_nan",
    "found_or_built",
    "load_tensors",
    "new_file",
    "read_json",
    "read_json_lines",
    "read_object",
    "read_value",
    "replacing",
    "replacing_folder",
    "save_tensors",
    "sha256",
    "with_nulls",
    "write_json",
    "write_text",
]
