"""What of a row is learned, and that its tokens are those of transformers."""

from pathlib import Path
from typing import Any

import pytest
import stories
import transformers

from ftcore.errors import DataError, ModelError
from ftcore.inputs.language.answers import AnswerEncoder, CompletionEncoder, MessagesEncoder
from ftcore.inputs.language.encoders import Example, MaskedTextEncoder, PairEncoder, TextEncoder
from ftcore.inputs.language.rows import RowTexts
from ftcore.text.chat import ChatTemplate, read_chat_template
from tests import tiny

IDS = {word: number for number, word in enumerate(tiny.VOCABULARY)}
CLS, SEP = IDS["[CLS]"], IDS["[SEP]"]
FIRST, SECOND, THIRD = tiny.WORDS[:3]


def only(encoder: Any, row: RowTexts) -> Example:
    (found,) = encoder.examples([row])
    assert not isinstance(found, str), found
    (example,) = found
    return example


def learned(example: Example) -> list[int]:
    ids = [token for sequence in example.sequences for token in sequence]
    return [token for token, wanted in zip(ids, example.learned, strict=True) if wanted]


def test_of_an_answer_all_is_learned_and_of_its_prompt_nothing(tmp_path: Path) -> None:
    encoder = CompletionEncoder(stories.tokenizer(tmp_path), SEP, " ")
    example = only(encoder, {"prompt": f"{FIRST} {SECOND}", "completion": THIRD})
    assert example.sequences == ([CLS, IDS[FIRST], IDS[SECOND], IDS[THIRD], SEP],)
    assert learned(example) == [IDS[THIRD], SEP]
    assert example.references == [THIRD]


def test_a_long_answer_is_cut_and_a_long_prompt_refused(tmp_path: Path) -> None:
    encoder = CompletionEncoder(stories.tokenizer(tmp_path, 6), SEP, " ")
    example = only(encoder, {"prompt": FIRST, "completion": " ".join([SECOND] * 9)})
    assert (example.truncated, len(example.sequences[0]), learned(example)) == (True, 6, [IDS[SECOND]] * 4)
    (reason,) = encoder.examples([{"prompt": " ".join([FIRST] * 7), "completion": SECOND}])
    assert reason == "the prompt has 8 tokens, which leaves no room for the answer within data.max_length, 6"


def test_messages_are_those_of_transformers_and_answers_alone_are_learned(tmp_path: Path) -> None:
    folder = stories.write_model("causal", tmp_path)
    theirs = transformers.AutoTokenizer.from_pretrained(folder)
    ours = stories.Tokenizer.load(folder, 32)
    encoder = AnswerEncoder(CompletionEncoder(ours, SEP, ""), folder)
    messages = [
        {"role": "user", "content": FIRST},
        {"role": "assistant", "content": SECOND},
        {"role": "user", "content": FIRST},
        {"role": "assistant", "content": f"{THIRD} {SECOND}"},
    ]
    example = only(encoder, {"messages": messages})
    expected = theirs.apply_chat_template(messages, tokenize=True, return_dict=True)["input_ids"]
    assert example.sequences == (expected,)
    assert learned(example) == [IDS[SECOND], SEP, IDS[THIRD], IDS[SECOND], SEP]
    assert example.references == [f"{THIRD} {SECOND}"]
    (prompt,) = encoder.prompts([{"messages": messages}])
    wanted = theirs.apply_chat_template(messages[:3], add_generation_prompt=True, tokenize=True, return_dict=True)
    assert prompt[0].sequences == (wanted["input_ids"],)


def test_a_template_that_refuses_gives_a_reason(tmp_path: Path) -> None:
    encoder = MessagesEncoder(stories.tokenizer(tmp_path), ChatTemplate("{{ raise_exception('no system here') }}", {}))
    (reason,) = encoder.examples([{"messages": [{"role": "assistant", "content": FIRST}]}])
    assert reason == "the chat template refuses the messages: no system here"
    (reason,) = encoder.examples([{"messages": [{"role": "user", "content": FIRST}]}])
    assert reason == "no message has the role 'assistant', so there is nothing to learn"


def test_a_template_cannot_reach_out(tmp_path: Path) -> None:
    template = ChatTemplate("{{ ''.__class__.__mro__[1].__subclasses__() }}", {})
    with pytest.raises(ValueError, match="the chat template refuses the messages: access to attribute '__class__'"):
        template.prompt([])


def test_messages_without_a_template_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no chat template, which messages need"):
        read_chat_template(tmp_path, {})
    encoder = AnswerEncoder(CompletionEncoder(stories.tokenizer(tmp_path), SEP, ""), tmp_path)
    with pytest.raises(ModelError, match="has no chat template"):
        list(encoder.examples([{"messages": [{"role": "assistant", "content": FIRST}]}]))


def test_a_long_text_becomes_several_examples_and_loses_nothing(tmp_path: Path) -> None:
    text = " ".join(tiny.WORDS[number % 7] for number in range(20))
    words = [IDS[word] for word in text.split()]
    tokenizer = stories.tokenizer(tmp_path, 8)
    (found,) = TextEncoder(tokenizer, SEP).examples([{"text": text}])
    assert [example.sequences[0][0] for example in found] == [CLS] * 3
    assert [token for example in found for token in learned(example)] == [*words, SEP]
    (found,) = MaskedTextEncoder(tokenizer).examples([{"text": text}])
    assert all((example.sequences[0][0], example.sequences[0][-1]) == (CLS, SEP) for example in found)
    assert [token for example in found for token in learned(example)] == words
    assert max(len(example.sequences[0]) for example in found) == 8


@pytest.mark.parametrize("kind", [TextEncoder, MaskedTextEncoder])
def test_a_text_without_tokens_gives_a_reason(kind: type, tmp_path: Path) -> None:
    tokenizer = stories.tokenizer(tmp_path)
    encoder = TextEncoder(tokenizer, SEP) if kind is TextEncoder else MaskedTextEncoder(tokenizer)
    assert list(encoder.examples([{"text": " "}])) == ["the text has no tokens"]


def test_a_target_is_that_of_transformers_without_a_doubled_start(tmp_path: Path) -> None:
    tokenizer = stories.tokenizer(tmp_path)
    row = {"source": FIRST, "target": f"{SECOND} {THIRD}"}
    example = only(PairEncoder(tokenizer, tokenizer, f"{THIRD} ", start=0), row)
    assert example.sequences == ([CLS, IDS[THIRD], IDS[FIRST], SEP], [CLS, IDS[SECOND], IDS[THIRD], SEP])
    assert learned(example) == [CLS, IDS[SECOND], IDS[THIRD], SEP]
    assert example.references == [f"{SECOND} {THIRD}"]
    example = only(PairEncoder(tokenizer, tokenizer, "", start=CLS), {**row, "references": [FIRST, SECOND]})
    assert example.sequences[1] == [IDS[SECOND], IDS[THIRD], SEP]
    assert example.references == [FIRST, SECOND]


def test_a_template_whose_operations_fail_gives_a_reason(tmp_path: Path) -> None:
    encoder = MessagesEncoder(stories.tokenizer(tmp_path), ChatTemplate("{{ messages[0].content + 1 }}", {}))
    messages = [{"role": "user", "content": FIRST}, {"role": "assistant", "content": FIRST}]
    (reason,) = encoder.examples([{"messages": messages}])
    assert reason.startswith("the chat template refuses the messages: can only concatenate str")


def test_a_conversation_that_is_cut_before_its_last_answer_is_not_asked_for_it(tmp_path: Path) -> None:
    folder = stories.write_model("causal", tmp_path)
    messages = [
        {"role": "user", "content": FIRST},
        {"role": "assistant", "content": SECOND},
        {"role": "user", "content": FIRST},
        {"role": "assistant", "content": THIRD},
    ]
    for length, references in ((8, []), (32, [THIRD])):
        tokenizer = stories.Tokenizer.load(folder, length)
        encoder = MessagesEncoder(tokenizer, read_chat_template(folder, tokenizer.special_tokens))
        assert only(encoder, {"messages": messages}).references == references


def test_a_tokenizer_that_marks_the_begin_of_a_text_marks_a_conversation_once(tmp_path: Path) -> None:
    """As Llama 2's does: pieces that were tokenised alone would each begin with a mark."""
    import tokenizers

    folder = stories.write_model("causal", tmp_path)
    stored = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    stored.normalizer = tokenizers.normalizers.Prepend(f"{THIRD} ")
    stored.save(str(folder / "tokenizer.json"))
    theirs, ours = transformers.AutoTokenizer.from_pretrained(folder), stories.Tokenizer.load(folder, 32)
    encoder = MessagesEncoder(ours, read_chat_template(folder, ours.special_tokens))
    messages = [{"role": "user", "content": FIRST}, {"role": "assistant", "content": SECOND}]
    expected = theirs.apply_chat_template(messages, tokenize=True, return_dict=True)["input_ids"]
    example = only(encoder, {"messages": messages})
    assert example.sequences == (expected,)
    assert learned(example)[:2] == [IDS[SECOND], SEP]


def test_a_length_without_room_for_a_token_is_one_line(tmp_path: Path) -> None:
    encoder = MaskedTextEncoder(stories.tokenizer(tmp_path, 2))
    with pytest.raises(DataError, match=r"data\.max_length: 2 leaves no room for a text besides 2 special tokens"):
        list(encoder.examples([{"text": FIRST}]))
