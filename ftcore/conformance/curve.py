"""The case of a short fine-tuning of a tiny BERT: AdamW, a linear schedule, clipping, new examples in each step."""

from collections.abc import Iterator

from ftcore.conformance import batches
from ftcore.conformance.bert import CURVE
from ftcore.contract import Learner, Step
from ftcore.contract.optimizers import AdamW, LearningRates, Linear

STEPS = 40
OPTIMIZER = AdamW(learning_rate=5e-3, weight_decay=0.05)
CLIP_NORM = 1.0
RATES = LearningRates(OPTIMIZER.learning_rate, Linear(), warmup_steps=5, total_steps=STEPS)


def steps(first: int = 1, last: int = STEPS) -> Iterator[Step]:
    """Yield the steps `first` ... `last` of the run."""
    for index in range(first, last + 1):
        yield batches.step(CURVE.loss, [CURVE.batch(step=index)], index, RATES.at(index))


def train(learner: Learner, first: int = 1, last: int = STEPS) -> list[float]:
    """Train the steps `first` ... `last`; return the loss of each."""
    return [float(learner.train_step(step).loss) for step in steps(first, last)]
