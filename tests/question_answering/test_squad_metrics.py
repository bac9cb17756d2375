"""Exact match and F1 are those of SQuAD's own evaluation scripts."""

import pytest

from ftcore.targets.squad import exact_match, f1, judged, judged_apart, normalized

NORMALIZED = {
    "The Desk": "desk",
    "  an   old\tlamp \n": "old lamp",
    "Mr. O'Neil's pens!": "mr oneils pens",
    "a": "",
    "The, a; an.": "",
    "theatre": "theatre",
    "on-the-desk": "onthedesk",
    "on the desk": "on desk",
    "U.S.A.": "usa",
    "Ünder «dem» Tisch": "ünder «dem» tisch",
    "3.5 metres": "35 metres",
    "A-B": "ab",
}
"""What the scripts' normalize_answer gives, worked out by hand from its four rules."""


@pytest.mark.parametrize(("text", "wanted"), NORMALIZED.items())
def test_answers_are_normalized(text: str, wanted: str) -> None:
    assert normalized(text) == wanted


SCORED = [
    ("the red lamp", "Red lamp.", 1.0, 1.0),
    ("red lamp on the desk", "red lamp", 0.0, 2 * (2 / 4) * 1.0 / (2 / 4 + 1.0)),
    ("lamp", "red lamp", 0.0, 2 * 1.0 * 0.5 / 1.5),
    ("red red lamp", "red lamp lamp", 0.0, 2 / 3),
    ("chair", "lamp", 0.0, 0.0),
    ("", "", 1.0, 1.0),
    ("", "lamp", 0.0, 0.0),
    ("lamp", "", 0.0, 0.0),
    ("the", "", 1.0, 1.0),
]


@pytest.mark.parametrize(("answer", "right", "exact", "overlap"), SCORED)
def test_one_answer_is_scored(answer: str, right: str, exact: float, overlap: float) -> None:
    assert exact_match(answer, right) == exact
    assert f1(answer, right) == pytest.approx(overlap)


def test_the_best_of_several_right_answers_counts() -> None:
    found = judged(["two pens", "drawer"], [["pens", "two pens", "two red pens"], ["the top drawer"]])
    assert found == pytest.approx({"exact_match": 0.5, "f1": (1.0 + 2 * 1.0 * 0.5 / 1.5) / 2})


def test_no_answer_is_right_where_there_is_none() -> None:
    assert judged(["", "lamp"], [[], []]) == {"exact_match": 0.5, "f1": 0.5}
    assert judged(["", ""], [["lamp"], []]) == {"exact_match": 0.5, "f1": 0.5}


def test_a_right_answer_of_articles_alone_counts_as_none() -> None:
    """As in the script of SQuAD 2.0, which leaves out gold answers that normalize to nothing."""
    assert judged([""], [["the"]]) == {"exact_match": 1.0, "f1": 1.0}
    assert judged(["lamp"], [["the", "lamp"]]) == {"exact_match": 1.0, "f1": 1.0}


def test_questions_with_and_without_an_answer_are_judged_apart() -> None:
    found = judged_apart(["lamp", "desk", ""], [["lamp"], ["chair"], []])
    assert found == {
        "exact_match/answerable": 0.5,
        "f1/answerable": 0.5,
        "exact_match/unanswerable": 1.0,
        "f1/unanswerable": 1.0,
    }
    assert judged_apart(["lamp"], [["lamp"]]) == {"exact_match/answerable": 1.0, "f1/answerable": 1.0}
    assert judged([], []) == {"exact_match": 0.0, "f1": 0.0}
