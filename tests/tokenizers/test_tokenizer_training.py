"""A trained tokenizer is the same each time, loses nothing, and is transformers' to the last id."""

import subprocess
import sys
from pathlib import Path

import pytest
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from ftcore.errors import DataError
from ftcore.text.round_trip import RoundTrip, round_trip, round_trip_warning
from ftcore.text.special_tokens import SpecialTokens, special_tokens
from ftcore.text.tokenizer import Tokenizer
from ftcore.text.tokenizer_training import SPECIAL, trained_tokenizer
from tests import tiny

TEXTS = [
    "Il était une fois, à Noël, un élève qui lisait.",
    "She sold 48/2 = <<48/2=24>>24 clips in May.\nShe sold 48+24 = 72 clips.\n#### 72",
    "  two spaces,\ttabs \r\n and 日本語 with 🙂  ",
    "the cat sat on the mat, the dog sat on the log",
] * 3


def trained(vocabulary: int = 400, source: str = "texts", **more: str) -> Path:
    return trained_tokenizer(TEXTS, "bpe", vocabulary, [source], **more)  # type: ignore[arg-type]


TRAIN = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_tokenizer_training import trained
print(trained())
"""


@pytest.mark.slow
def test_two_trainings_in_two_processes_give_equal_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = []
    for number, threads in enumerate(("1", "3")):
        monkeypatch.setenv("FTCORE_CACHE", str(tmp_path / str(number)))
        monkeypatch.setenv("RAYON_NUM_THREADS", threads)
        done = subprocess.run([sys.executable, "-c", TRAIN], capture_output=True, text=True, check=True)
        folders.append(Path(done.stdout.strip()))
    assert folders[0].name == folders[1].name
    assert folders[0] != folders[1]
    names = sorted(path.name for path in folders[0].iterdir())
    assert names == ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json"]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_it_is_trained_once_for_the_same_sources_and_settings() -> None:
    folder = trained()
    never = (_ for _ in [pytest.fail] if _("the texts were read again"))
    assert trained_tokenizer(never, "bpe", 400, ["texts"]) == folder
    others = {trained(source="others"), trained(399), trained(before="")}
    assert len(others | {folder}) == 4


@pytest.mark.parametrize("name", ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
def test_a_damaged_one_is_trained_again(name: str) -> None:
    path = trained() / name
    whole = path.read_bytes()
    path.unlink()
    assert (trained() / name).read_bytes() == whole
    path.write_bytes(whole[:-9])
    assert (trained() / name).read_bytes() == whole


@pytest.mark.parametrize("before", ["[BOS]", ""])
def test_its_ids_are_those_of_transformers(before: str) -> None:
    folder = trained(before=before)
    theirs, ours = transformers.AutoTokenizer.from_pretrained(folder), Tokenizer.load(folder, 4096)
    texts = [*TEXTS, "a new word: ÿ"]
    chunk, wanted = ours.encode(texts), theirs(texts)["input_ids"]
    assert chunk.ids.tolist() == [one for ids in wanted for one in ids]
    pairs = ours.encode(texts, texts[::-1])
    wanted = theirs(texts, texts[::-1])
    assert pairs.ids.tolist() == [one for ids in wanted["input_ids"] for one in ids]
    for text, ids in zip(texts, theirs(texts)["input_ids"], strict=True):
        assert theirs.decode(ids, skip_special_tokens=True) == ours.decode([ids])[0] == text
        assert (ids[0] == theirs.bos_token_id, ids[-1]) == (bool(before), theirs.eos_token_id)
    assert theirs.convert_ids_to_tokens(range(len(SPECIAL))) == list(SPECIAL)
    found = special_tokens(folder)
    assert found == SpecialTokens(len(theirs), theirs.pad_token_id, theirs.bos_token_id, theirs.eos_token_id)
    assert (theirs.cls_token_id, theirs.sep_token_id) == (found.begin, found.end)


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"])).filter(lambda text: not any(map(text.count, SPECIAL))))
def test_every_text_survives(text: str) -> None:
    """Hypothesis tries what the code spells, too: a special token is no text."""
    found = round_trip(Tokenizer.load(trained(), 8), [text, *TEXTS])
    assert (found.share, found.example) == (1.0, None)
    assert round_trip_warning(found, "targets", "nothing") is None


def test_it_learns_the_words_of_its_texts_up_to_the_vocabulary() -> None:
    assert special_tokens(trained(300)).vocabulary == 300
    many = Tokenizer.load(trained(100_000), 4096)
    assert special_tokens(trained(100_000)).vocabulary < 1000
    assert len(many.encode(["the cat sat"]).ids) == len(["[BOS]", "the", " cat", " sat", "[EOS]"])


def test_no_texts_are_refused() -> None:
    with pytest.raises(DataError, match="no texts to train a tokenizer on"):
        trained_tokenizer([], "bpe", 400, ["none"])


def test_what_is_lost_is_told(tmp_path: Path) -> None:
    tiny.write_tokenizer(tmp_path)
    texts = ["red dog", "Red dog", "red\ndog"] + ["green tree"] * 97
    found = round_trip(Tokenizer.load(tmp_path, 8), texts)
    assert (found.texts, found.survived, found.example) == (100, 98, ("Red dog", "dog"))
    assert round_trip_warning(found, "targets", "train one") == (
        "the tokenizer cannot represent the targets: 98 of 100 (98.0%) survive encoding and decoding, and 99.9% "
        "should: 'Red dog' becomes 'dog': train one"
    )
    assert round_trip_warning(RoundTrip(1000, 999, ("a", "b")), "targets", "x") is None
    assert round_trip_warning(RoundTrip(1000, 998, ("a", "b")), "targets", "x") is not None
    assert round_trip(Tokenizer.load(tmp_path, 8), []).share == 1.0


def test_special_tokens_that_no_file_names_are_those_around_a_text(tmp_path: Path) -> None:
    tiny.write_tokenizer(tmp_path)
    assert special_tokens(tmp_path) == SpecialTokens(len(tiny.VOCABULARY), 0, 2, 3)
