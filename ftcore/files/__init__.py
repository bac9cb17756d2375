"""Files that are whole or absent, JSON, safetensors files, and the cache."""

from ftcore.files.cache import cache_folder, found_or_built, key_of
from ftcore.files.objects import read_object, read_value
from ftcore.files.tensors import load_tensors, save_tensors
from ftcore.files.whole import new_file, read_json, read_json_lines, replacing, sha256, write_json, write_text

__all__ = [
    "cache_folder",
    "found_or_built",
    "key_of",
    "load_tensors",
    "new_file",
    "read_json",
    "read_json_lines",
    "read_object",
    "read_value",
    "replacing",
    "save_tensors",
    "sha256",
    "write_json",
    "write_text",
]
