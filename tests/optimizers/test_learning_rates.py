"""The schedules against those of transformers, at every step."""

import pytest
import torch
import transformers

from ftcore.contract.optimizers import SCHEDULES, Constant, Cosine, LearningRates, Linear, Polynomial

PEAK, TOTAL = 0.02, 25

SCHEDULE_PAIRS = [
    (Constant(), lambda optimizer, warmup: transformers.get_constant_schedule_with_warmup(optimizer, warmup)),
    (Linear(), lambda optimizer, warmup: transformers.get_linear_schedule_with_warmup(optimizer, warmup, TOTAL)),
    (Cosine(), lambda optimizer, warmup: transformers.get_cosine_schedule_with_warmup(optimizer, warmup, TOTAL)),
    (
        Polynomial(power=3.0, end_factor=0.1),
        lambda optimizer, warmup: transformers.get_polynomial_decay_schedule_with_warmup(
            optimizer, warmup, TOTAL, lr_end=0.1 * PEAK, power=3.0
        ),
    ),
]


def test_every_registered_schedule_is_tested_here() -> None:
    assert {schedule.name for schedule, _ in SCHEDULE_PAIRS} == SCHEDULES.keys()


@pytest.mark.parametrize("warmup", [0, 1, 5, TOTAL - 1])
@pytest.mark.parametrize(("schedule", "build"), SCHEDULE_PAIRS, ids=lambda value: getattr(value, "name", ""))
def test_every_step_has_the_rate_of_transformers(schedule, build, warmup) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=PEAK)
    scheduler = build(optimizer, warmup)
    rates = LearningRates(PEAK, schedule, warmup, TOTAL)
    for step in range(1, TOTAL + 1):
        assert rates.at(step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12, abs=1e-18)
        optimizer.step()
        scheduler.step()


def test_warm_up_begins_at_zero_and_ends_at_the_peak() -> None:
    rates = LearningRates(PEAK, Linear(), 4, TOTAL)
    assert [rates.at(step) for step in (1, 3, 5)] == [0.0, PEAK / 2, PEAK]


def test_the_last_step_is_one_step_above_the_end() -> None:
    rates = LearningRates(1.0, Linear(), 0, 10)
    assert rates.at(10) == pytest.approx(0.1)
