"""How generated texts of any language are judged."""

import re
from collections import Counter

import pytest
import sacrebleu
from rouge_score import rouge_scorer

from ftcore.errors import SpecError
from ftcore.spec import load_spec
from ftcore.targets.answers import ExactMatch
from ftcore.targets.bleu import Bleu
from ftcore.targets.metric_language import splitting_of
from ftcore.targets.rouge import Rouge
from ftcore.targets.squad import f1

CHINESE = ["今天天气很好", "我们明天一起去公园吧"]
HINDI = ["मौसम आज बहुत अच्छा है", "हम कल साथ में बाग़ जाएँगे"]
RUSSIAN = ["сегодня очень хорошая погода", "завтра мы вместе пойдём в парк"]
THAI = ["วันนี้อากาศดีมาก", "พรุ่งนี้เราไปสวนกัน"]
JAPANESE = ["今日はとても天気がいいです", "明日は公園に行きましょう"]
KOREAN = ["오늘은 날씨가 아주 좋습니다", "내일 우리 함께 공원에 갑시다"]
ENGLISH = ["the weather is fine today", "tomorrow we walk to the park"]


def one_each(texts: list[str]) -> list[list[str]]:
    return [[text] for text in texts]


@pytest.mark.parametrize(
    ("texts", "splitting"),
    [
        (CHINESE, "chinese"),
        (JAPANESE, "japanese"),
        (THAI, "characters"),
        (HINDI, "words"),
        (RUSSIAN, "words"),
        (KOREAN, "words"),
        (ENGLISH, "english"),
        (["Füße über Bäume", "naïve café"], "english"),
        (["42", "!"], "english"),
    ],
)
def test_the_script_of_the_references_decides_how_words_are_found(texts: list[str], splitting: str) -> None:
    assert splitting_of(None, one_each(texts)) == splitting


def test_a_language_decides_whatever_the_script_is() -> None:
    assert [splitting_of(code, one_each(ENGLISH)) for code in ("zh", "ko", "th", "de", "en", "characters")] == [
        "chinese",
        "korean",
        "characters",
        "words",
        "english",
        "characters",
    ]


@pytest.mark.parametrize("texts", [CHINESE, HINDI, RUSSIAN, THAI, JAPANESE, KOREAN, ENGLISH])
def test_a_perfect_summary_has_rouge_1_in_every_script(texts: list[str]) -> None:
    found = Rouge().judge(texts, one_each(texts))
    assert found == pytest.approx({"rouge1": 1.0, "rouge2": 1.0, "rougeL": 1.0})
    assert Rouge().notes(one_each(texts)) == []


def test_rouge_is_that_of_rouge_score_with_a_tokenizer_of_the_script() -> None:
    class Characters:
        def tokenize(self, text: str) -> list[str]:
            return list(text)

    class Spaces:
        def tokenize(self, text: str) -> list[str]:
            return text.split()

    for tokenizer, texts, written in (
        (Characters(), CHINESE, ["今天很好", "明天去公园"]),
        (Spaces(), RUSSIAN, ["сегодня погода хорошая", "мы пойдём в парк завтра"]),
        (Spaces(), HINDI, ["मौसम अच्छा है", "हम कल बाग़ जाएँगे"]),
    ):
        scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], tokenizer=tokenizer)
        scores = [scorer.score(wanted, text) for wanted, text in zip(texts, written, strict=True)]
        means = {name: sum(score[name].fmeasure for score in scores) / 2 for name in scores[0]}
        assert Rouge().judge(written, one_each(texts)) == pytest.approx(means)


def test_latin_texts_keep_rouge_scores_own_tokenizer_and_its_signature() -> None:
    written, texts = ["he walks to cafés", "the weather"], ["he walked to the café", "the fine weather"]
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=True)
    scores = [scorer.score(wanted, text) for wanted, text in zip(texts, written, strict=True)]
    means = {name: sum(score[name].fmeasure for score in scores) / 2 for name in scores[0]}
    assert Rouge().judge(written, one_each(texts)) == pytest.approx(means)
    assert Rouge().described(one_each(texts))["rouge1"].endswith("mean F1, stemmed, best of the references")
    assert (
        Rouge().described(one_each(CHINESE))["rouge1"].endswith("mean F1, words of any script, best of the references")
    )


@pytest.mark.parametrize(
    ("texts", "tokenizer", "perfect"),
    [(CHINESE, "zh", True), (THAI, "char", True), (RUSSIAN, "13a", True), (ENGLISH, "13a", True)],
)
def test_bleu_is_that_of_sacrebleu_with_the_tokenizer_of_the_script(
    texts: list[str], tokenizer: str, perfect: bool
) -> None:
    written = [text[:-2] for text in texts]
    wanted = sacrebleu.corpus_bleu(written, [texts], tokenize=tokenizer).score
    assert 0 < wanted < 100
    assert Bleu().judge(written, one_each(texts))["bleu"] == pytest.approx(wanted)
    assert Bleu().judge(texts, one_each(texts))["bleu"] == pytest.approx(100.0)
    assert f"tok:{tokenizer}|" in Bleu().described(one_each(texts))["bleu"]


def test_a_tokenizer_that_is_not_installed_is_named_with_the_field_that_chooses_another() -> None:
    try:
        sacrebleu.BLEU(tokenize="ja-mecab")
    except RuntimeError:
        with pytest.raises(SpecError, match=re.escape("data.metric_language: ja needs sacrebleu's tokenizer ja-mecab")):
            Bleu().judge(JAPANESE, one_each(JAPANESE))
    assert Bleu("characters").judge(JAPANESE, one_each(JAPANESE))["bleu"] == pytest.approx(100.0)


def test_bleu_that_no_translation_can_reach_is_absent_and_said() -> None:
    short = ["good day", "thank you"]
    assert sacrebleu.corpus_bleu(short, [short]).score == 0.0
    assert set(Bleu().judge(short, one_each(short))) == {"chrf"}
    assert set(Bleu().described(one_each(short))) == {"chrf"}
    (note,) = Bleu().notes(one_each(short))
    assert "no reference has 4 words by sacrebleu's tokenizer 13a, so BLEU is undefined" in note
    assert "data.metric_language" in Bleu("en").notes(one_each(CHINESE))[0]


def test_rouge_says_what_its_tokenizer_does_not_see() -> None:
    assert Rouge("en").judge(CHINESE, one_each(CHINESE)) == {}
    (note,) = Rouge("en").notes(one_each(CHINESE))
    assert "no reference has enough words for rouge1, rouge2, rougeL" in note
    assert "data.metric_language" in note
    assert set(Rouge().judge(["yes", "no"], one_each(["yes", "no"]))) == {"rouge1", "rougeL"}
    assert Rouge().notes(one_each(["a good day", "!!"])) == [
        "1 of 2 references have no word for ROUGE and count as 0; data.metric_language chooses how words are found"
    ]
    (note,) = Rouge().notes(one_each(["a good day αβγδ"]))
    assert "does not see 33% of the references' letters" in note


def test_an_answer_pattern_that_fits_no_reference_is_refused() -> None:
    judge = ExactMatch(r"#### (\d+)")
    with pytest.raises(SpecError, match=r"data.answer_pattern: .* finds no answer in any reference"):
        judge.notes([["seven"], ["eight"]])
    assert judge.notes([["#### 7"], ["eight"]]) == [
        "data.answer_pattern finds no answer in 1 of 2 references: they count as 0"
    ]
    assert judge.notes([["#### 7"]]) == []


def test_an_unknown_metric_language_is_refused(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "spec.yaml"
    path.write_text("task: translation\nmodel: {pretrained: m}\ndata: {train: t.csv, metric_language: chinese}\n")
    with pytest.raises(SpecError, match=r"data.metric_language: given 'chinese'.*ISO 639-1"):
        load_spec(path)


def test_answers_without_spaces_share_characters_as_in_mlqa() -> None:
    answer, right = "北京大学", "北京的大学"
    shared = sum((Counter(answer) & Counter(right)).values())
    assert f1(answer, right) == pytest.approx(2 * shared / (len(answer) + len(right)))
    assert f1("the red fox", "a red dog") == pytest.approx(0.5)
