"""Long contexts become windows: as transformers' tokenizers cut them, and no answer is lost that the overlap holds."""

import itertools
import json
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcore.inputs.questions.rows import Answer, QuestionRow
from ftcore.inputs.questions.windows import NO_ANSWER, NOWHERE, QuestionEncoder, Window, tokens_of, window_spans
from ftcore.text import Tokenizer
from tests import tiny
from tests.token_classification import sentences


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer")
    tiny.write_tokenizer(path)
    return path


@pytest.fixture(scope="module")
def byte_level(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a tokenizer like RoBERTa's: of bytes, with two tokens between the texts."""
    from tokenizers import Tokenizer as Library
    from tokenizers import decoders, models, pre_tokenizers, processors, trainers

    library = Library(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<s>", "<pad>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    library.train_from_iterator(["where is the lamp on the desk"], trainer)
    library.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    path = tmp_path_factory.mktemp("bytes")
    library.save(str(path / "tokenizer.json"))
    (path / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "<pad>", "cls_token": "<s>"})
    )
    return path


def windows_of(path: Path, row: QuestionRow, max_length: int = 16, stride: int = 5) -> list[Window]:
    (found,) = QuestionEncoder(Tokenizer.load(path, max_length), stride).encode([row])
    assert not isinstance(found, str), found
    return found


def text_of(window: Window, context: str) -> str:
    """Return the characters of a window's answer."""
    first, last = window.answer
    return context[window.offsets[first][0] : window.offsets[last][1]]


WORDS = st.lists(st.sampled_from(tiny.WORDS), min_size=1, max_size=60)


@given(context=WORDS, question=st.lists(st.sampled_from(tiny.WORDS), min_size=1, max_size=4), data=st.data())
def test_an_answer_no_longer_than_the_overlap_is_whole_in_a_window(
    folder: Path, context: list[str], question: list[str], data: st.DataObject
) -> None:
    stride = data.draw(st.integers(1, 8))
    first = data.draw(st.integers(0, len(context) - 1))
    words = context[first : first + data.draw(st.integers(1, stride))]
    text, start = " ".join(words), len(" ".join([*context[:first], ""]))
    whole = " ".join(context)
    found = windows_of(folder, QuestionRow(" ".join(question), whole, (Answer(text, start),)), stride=stride)
    holding = [window for window in found if window.answer != NO_ANSWER]
    assert holding
    assert {text_of(window, whole) for window in holding} == {text}


@given(context=st.text(min_size=1, max_size=80), data=st.data())
def test_offsets_map_back_to_the_text(byte_level: Path, context: str, data: st.DataObject) -> None:
    """Of any text whatever: a span of characters becomes tokens that cover it, and no token more at either side."""
    ids, offsets = next(iter(Tokenizer.load(byte_level, 32).with_offsets([context])))
    assert len(ids) == len(offsets)
    start = data.draw(st.integers(0, len(context) - 1))
    text = context[start : data.draw(st.integers(start + 1, len(context)))]
    found = tokens_of(Answer(text, start), offsets)
    if not text.strip():
        return
    assert found is not None
    begin, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    assert offsets[found[0]][0] <= begin < offsets[found[0]][1]
    assert offsets[found[1]][0] < end <= offsets[found[1]][1]


@given(count=st.integers(1, 200), room=st.integers(2, 40), data=st.data())
def test_windows_cover_every_token_and_overlap_by_the_stride(count: int, room: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(0, room - 1))
    found = window_spans(count, room, stride)
    assert found[0][0] == 0
    assert found[-1][1] == count
    for (_, end), (start, _) in itertools.pairwise(found):
        assert end - start == stride
    assert all(0 < end - start <= room for start, end in found)
    assert all(end - start == room for start, end in found[:-1])


@pytest.mark.parametrize("kind", ["folder", "byte_level"])
@pytest.mark.parametrize(("max_length", "stride"), [(64, 9), (22, 5), (20, 0)])
def test_windows_are_those_of_transformers(
    kind: str, max_length: int, stride: int, request: pytest.FixtureRequest
) -> None:
    from transformers import AutoTokenizer

    path = request.getfixturevalue(kind)
    context = " ".join(tiny.text(number) for number in range(6))
    question = "big dog"
    theirs = AutoTokenizer.from_pretrained(path)(
        question,
        context,
        truncation="only_second",
        max_length=max_length,
        stride=stride,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_token_type_ids=True,
    )
    found = windows_of(path, QuestionRow(question, context), max_length, stride)
    assert [window.ids for window in found] == theirs["input_ids"]
    for number, window in enumerate(found):
        sequences = theirs.sequence_ids(number)
        own = [
            place if sequence == 1 else NOWHERE
            for place, sequence in zip(theirs["offset_mapping"][number], sequences, strict=True)
        ]
        assert window.offsets == own
        if kind == "folder":
            assert window.type_ids == theirs["token_type_ids"][number]


def test_a_window_without_the_whole_answer_has_none(folder: Path) -> None:
    context = " ".join(tiny.WORDS[:14])
    answer = " ".join(tiny.WORDS[4:13])
    row = QuestionRow("dog", context, (Answer(answer, context.index(answer)),))
    assert [window.answer for window in windows_of(folder, row, 12, 3)] == [NO_ANSWER] * 3
    assert [window.answer for window in windows_of(folder, row, 20, 3)] == [(3 + 4, 3 + 12)]


def test_spaces_around_an_answer_do_not_count(folder: Path) -> None:
    row = QuestionRow("dog", "red green blue", (Answer(" green ", 3),))
    (window,) = windows_of(folder, row)
    assert window.answer == (4, 4)


REFUSED = {
    "a long question": ("red " * 16, "green", 16, 5, "the question has 16 tokens, which leave none for the context"),
    "a large stride": ("red big", "green " * 30, 16, 12, "leaves room for 11 of the 30 tokens .*share 12 .data.stride"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_rows_that_do_not_fit_say_why(folder: Path, case: str) -> None:
    question, context, max_length, stride, message = REFUSED[case]
    encoder = QuestionEncoder(Tokenizer.load(folder, max_length), stride)
    found = next(iter(encoder.encode([QuestionRow(question, context)])))
    assert isinstance(found, str)
    assert re.search(message, found)
    # A context that fits needs no windows, whatever the stride.
    (short,) = encoder.encode([QuestionRow("red", "green")])
    assert not isinstance(short, str)
    assert np.asarray(short[0].offsets).max() == 5


def test_a_context_without_tokens_is_refused(tmp_path: Path) -> None:
    sentences.write_tokenizer(tmp_path)
    encoder = QuestionEncoder(Tokenizer.load(tmp_path, 16), 5)
    assert list(encoder.encode([QuestionRow("dog", "\x07")])) == ["the context has no tokens"]
