"""In float64 the backends agree within the contract for every family, whatever transformers computes in float32."""

import pytest

from ftcore.conformance import BOUNDS, batches, family_folder, relative
from ftcore.conformance.families import FAMILY_CASES, FamilyCases
from ftcore.conformance.rungs.families import without_padding
from ftcore.contract import Learner, Program, Want, discovery
from ftcore.lockstep.exact import compare_gradients

BOUND = BOUNDS["float64"]


def learner(backend: str, network, values, loss) -> Learner:
    program = Program(network, loss, precision="float64", few_steps=True)
    found = discovery.load(backend).build(program)
    found.load_tensors(values)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("cases", FAMILY_CASES.values(), ids=lambda cases: cases.family)
def test_outputs_and_gradients(cases: FamilyCases) -> None:
    for variant in cases.every():
        network, kind = variant.network(), variant.of_kind
        values = family_folder.values(variant, network)
        one, other = (learner(name, network, values, kind.loss) for name in ("torch", "tf"))
        batch = variant.batch()
        found, wanted = (built.forward(batch, Want(loss=True)) for built in (other, one))
        apart = relative(without_padding(batch, found.logits), without_padding(batch, wanted.logits))
        assert apart <= BOUND.outputs, variant.name
        step = batches.step(kind.loss, [batch])
        gradients = compare_gradients(other.gradients(step), one.gradients(step))
        assert gradients.passes, f"{variant.name}: {gradients.words}"
