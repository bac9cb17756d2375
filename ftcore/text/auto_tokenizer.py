"""Asks transformers' AutoTokenizer, in a child process, how it reads a tokenizer's folder.

AutoTokenizer builds many tokenizers from the defaults of a class and from the fields of tokenizer_config.json, so that
tokenizer.json alone does not tell what it gives. transformers is not imported in this process, because it would load
torch in every run.
"""

import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftcore.errors import ModelError
from ftcore.files import found_or_built, read_json, read_object, write_json
from ftcore.helpers import Ended, captured, code_command, version_of
from ftcore.text.tokenizer_files import FAST, FILES, MODEL_CONFIG, NOT_RULES, TOKENIZER_CONFIG

SETTINGS = "settings.json"
"""What tokenizer.json cannot hold, beside it in the cache."""
TRANSFORMERS = "transformers"
FORMAT = 1
"""The version in every cache key; raise it if the child's code changes."""
DECIDING = ("model_type", "model_name", "tokenizer_class", "transformers_version", "_name_or_path")
"""Fields of config.json from which AutoTokenizer chooses the class."""
PARTS = ("encoder", "decoder")
ASK = """
import importlib.util, json, logging, sys
from pathlib import Path
logging.disable(logging.WARNING)
# A tokenizer needs no torch, and importing it takes longer than all the rest.
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "torch" else find_spec(name, *more)
from tokenizers import Tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerFast

def content(tokenizer):
    tokenizer = Tokenizer.from_str(tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer.to_str(pretty=True)

folder, target = map(Path, sys.argv[1:3])
try:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
except Exception as error:
    if "trust_remote_code" in str(error) or not (folder / "tokenizer.json").is_file():
        raise
    # No file names a class, or it cannot be built: tokenizer.json is taken as it is, and a result names this class.
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
name = type(tokenizer).__name__
backend = getattr(tokenizer, "backend_tokenizer", None)
if backend is None:
    sys.exit(f"{name} is not a tokenizer of the tokenizers library")
words = ["a", " Hello  World", "\\u00c9t\\u00e9 \\u4e2d\\u6587 \\u0441\\u043b\\u043e\\u0432\\u043e"]
words += [f"a {token} b{token}c" for token in tokenizer.get_added_vocab()]
for text in words:
    if tokenizer(text)["input_ids"] != backend.encode(text).ids:
        sys.exit(f"{name} changes a text besides what tokenizer.json can say: {text!r}")
stored, found, without_row = folder / "tokenizer.json", content(backend), []
if vocabulary := sys.argv[3:]:
    # Tokens that the class adds, no file names, and the network has no row for.
    said = "".join(path.read_text("utf-8") for path in folder.glob("*.json"))
    rules = json.loads(found)
    last = [token for token in rules["added_tokens"] if token["id"] >= int(vocabulary[0])]
    if not any(json.dumps(token["content"], ensure_ascii=ascii)[1:-1] in said for token in last for ascii in (0, 1)):
        without_row = [token["content"] for token in last]
        rules["added_tokens"] = [token for token in rules["added_tokens"] if token not in last]
        found = Tokenizer.from_str(json.dumps(rules)).to_str(pretty=True)
if not stored.is_file() or content(Tokenizer.from_file(str(stored))) != found:
    (target / "tokenizer.json").write_text(found, encoding="utf-8")
roles = {role: getattr(tokenizer, role) for role in tokenizer.SPECIAL_TOKENS_ATTRIBUTES}
longest = tokenizer.model_max_length
forced = tokenizer.clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output
settings = {
    "special_tokens": {role: token for role, token in roles.items() if token is not None and token not in without_row},
    "truncation_side": tokenizer.truncation_side,
    "splits_special_tokens": bool(tokenizer.split_special_tokens),
    "tells_types": "token_type_ids" in tokenizer.model_input_names,
    "cleans_up": bool(tokenizer.clean_up_tokenization_spaces)
    and (type(backend.model).__name__ != "BPE" or bool(forced)),
    "max_length": longest if longest < 10**9 else None,
    "class_name": "PreTrainedTokenizerFast" if name == "TokenizersBackend" else name,
}
(target / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
"""
"""The child's code, with a folder and where to write as arguments; a tokenizer.json as the folder's is not written."""


def can_ask() -> bool:
    """Return whether transformers is installed."""
    return importlib.util.find_spec(TRANSFORMERS) is not None


def asked(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the path of the tokenizer.json that AutoTokenizer gives, and its other settings.

    The answer is kept in the cache, by the content of all files that it depends on.

    Args:
        folder: a folder with a tokenizer's files.

    Raises:
        ModelError: transformers is not installed, or cannot read the files.
    """
    sources = _sources(folder)
    config = _deciding(folder)
    depends_on = (FORMAT, version_of(TRANSFORMERS), version_of("tokenizers"), config, _rows(folder))
    digest = hashlib.sha256(repr(depends_on).encode())
    for path in sources:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())

    def write(partial: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            _copy(sources, config, Path(temporary))
            _ask(folder, Path(temporary), partial)

    found, settings = found_or_built(f"tokenizer-{digest.hexdigest()}", _whole, write)
    return found if found.is_file() else folder / FAST, settings


def _sources(folder: Path) -> list[Path]:
    """Return the files on which the tokens depend."""
    config = folder / TOKENIZER_CONFIG
    versions = read_object(config).get("fast_tokenizer_files") if config.is_file() else None
    names = [*(name for name in FILES if name not in NOT_RULES), *map(str, versions or [])]
    return [folder / name for name in dict.fromkeys(names) if (folder / name).is_file()]


def _deciding(folder: Path) -> dict[str, Any] | None:
    """Return the fields of config.json from which the class is chosen; None if there is no such file."""
    path = folder / MODEL_CONFIG
    if not path.is_file():
        return None
    config = read_object(path)
    parts = {name: _chosen(config[name]) for name in PARTS if isinstance(config.get(name), Mapping)}
    return {**_chosen(config), **parts}


def _rows(folder: Path) -> int | None:
    """Return the number of tokens that the network of a folder has rows for; None if no file says it."""
    path = folder / MODEL_CONFIG
    found = read_object(path).get("vocab_size") if path.is_file() else None
    return found if isinstance(found, int) else None


def _chosen(config: Mapping[str, Any]) -> dict[str, Any]:
    return {name: config[name] for name in DECIDING if name in config}


def _copy(sources: list[Path], config: dict[str, Any] | None, folder: Path) -> None:
    for path in sources:
        shutil.copyfile(path, folder / path.name)
    if config is not None:
        write_json(folder / MODEL_CONFIG, config)


def _whole(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Return the answer in a folder; raises OSError or ValueError if it is missing or damaged."""
    path = folder / FAST
    if path.is_file():
        read_json(path)
    return path, read_json(folder / SETTINGS)


def check_fast(folder: Path) -> None:
    """Check that the tokenizers library can read a folder's tokenizer.json, if it has one.

    Raises:
        ModelError: it cannot.
    """
    import tokenizers

    path = folder / FAST
    try:
        if path.is_file():
            tokenizers.Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises plain Exception for a file that it cannot read
        raise ModelError(f"{path}: is not a tokenizer of the tokenizers library: {error}") from error


def _ask(folder: Path, copied: Path, target: Path) -> None:
    if not can_ask():
        raise ModelError(
            f"{folder}: has no {FAST}, and converting its files needs transformers: pip install transformers, "
            "or save the tokenizer with save_pretrained of a fast tokenizer"
        )
    if not (folder / FAST).is_file():
        _check_sentence_pieces(copied, folder)
    rows = _rows(folder)
    done = captured(code_command(ASK, str(copied), str(target), *([] if rows is None else [str(rows)])))
    if done.returncode != 0:
        check_fast(folder)
        what = f"{TOKENIZER_CONFIG} and {FAST}" if (folder / FAST).is_file() else f"has no {FAST}, and"
        verb = (
            "are not a tokenizer to transformers"
            if (folder / FAST).is_file()
            else "transformers cannot convert its files"
        )
        raise ModelError(f"{folder}: {what} {verb}: {_reason(done)}")


def _check_sentence_pieces(copied: Path, folder: Path) -> None:
    """Raise ModelError if a vocabulary of SentencePiece cannot be read because its library is absent."""
    vocabulary = next(copied.glob("*.model"), None)
    if vocabulary is not None and importlib.util.find_spec("sentencepiece") is None:
        raise ModelError(
            f"{folder / vocabulary.name}: converting it needs the package 'sentencepiece', which is not installed: "
            "pip install 'ftcore[sentencepiece]', or save the tokenizer as tokenizer.json"
        )


def _reason(done: Ended) -> str:
    if "trust_remote_code" in done.reason:
        return "auto_map names code of the folder's own, which ftcore does not run"
    return done.reason
