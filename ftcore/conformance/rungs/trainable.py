"""With a trainable subset the rest is not touched, and has no optimizer state. Bounds: the same bits; gradient."""

from collections.abc import Iterator

from ftcore.conformance import batches
from ftcore.conformance.bert import CASES
from ftcore.conformance.bounds import EXACT
from ftcore.conformance.measure import Measured, count, different_bits, relative, worst
from ftcore.conformance.subject import Subject
from ftcore.models.parameters import decay_exempt, trainable_names
from ftcore.optimizers import AdamW
from ftcore.optimizers.clipping import global_norm

PATTERNS = ("*.layer.1.output.*", "classifier.*")
STEPS = 2
OPTIMIZER = AdamW(learning_rate=0.01, weight_decay=0.1)


def rows(subject: Subject) -> Iterator[Measured]:
    """Train the classifier and a part of the last block for two steps."""
    case = CASES[0]
    network = case.network()
    names = trainable_names(PATTERNS, network) or frozenset()
    learner = subject.build(
        network, case.tensors, case.loss, OPTIMIZER, trainable=names, decay_exempt=decay_exempt(network)
    )
    references = subject.references.under(f"{case.name}/gradient/")
    wanted = {name: references[name] for name in names}
    step, before = batches.step(case.loss, [case.batch()]), learner.tensors()
    yield Measured("gradients of the subset", worst(learner.gradients(step), wanted)[1], subject.bounds.gradient)
    norm = float(learner.train_step(step).grad_norm)
    yield Measured("norm over the subset", relative(norm, global_norm(wanted)), subject.bounds.gradient)
    for index in range(2, STEPS + 1):
        learner.train_step(batches.step(case.loss, [case.batch()], index))
    after = learner.tensors()
    frozen = before.keys() - names
    moved = different_bits({name: after[name] for name in frozen}, {name: before[name] for name in frozen})
    yield Measured(f"{len(frozen)} frozen parameters untouched", moved, EXACT)
    still = count((after[name] == before[name]).all() for name in names)
    yield Measured(f"{len(names)} trained parameters moved", still, EXACT)
    slots = {f"{slot}/{name}" for slot in OPTIMIZER.slots for name in names} | {"step"}
    yield Measured("optimizer state of the subset only", len(slots ^ learner.optimizer_state().keys()), EXACT)
