"""The library of float32 products: what /proc/cpuinfo tells, what is chosen for it, and the option."""

import platform

import pytest
import torch
from ftcore_torch import matrix_products
from ftcore_torch.matrix_products import AUTO, MKL, ONEDNN, OTHER, available, of_processor, own, resolve, vendor_of

from ftcore.conformance import batches
from ftcore.conformance.bert import CURVE
from ftcore.contract import Learner, Program
from ftcore.contract.discovery import load
from ftcore.contract.network import Module
from ftcore.contract.optimizers import SGD
from ftcore.errors import BackendError

AMD = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 25
model name\t: AMD EPYC 9B14

processor\t: 1
vendor_id\t: AuthenticAMD
"""
INTEL = "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) Processor @ 2.10GHz: AMX\n"
ARM = "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd evtstrm\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"
both = pytest.mark.skipif(set(available()) != {MKL, ONEDNN}, reason="needs a PyTorch with MKL and oneDNN on x86")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [(AMD, "AuthenticAMD"), (INTEL, "GenuineIntel"), (ARM, None), ("", None), ("vendor_id\t:\n", None)],
)
def test_the_vendor_in_cpuinfo(text: str, wanted: str | None) -> None:
    assert vendor_of(text) == wanted


@both
@pytest.mark.parametrize(
    ("name", "wanted"), [("AuthenticAMD", ONEDNN), ("GenuineIntel", MKL), ("CentaurHauls", MKL), (None, MKL)]
)
def test_the_library_of_a_processor(name: str | None, wanted: str) -> None:
    assert of_processor(name) == wanted


def test_without_the_libraries_it_is_pytorch_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_products, "available", lambda: (OTHER,))
    monkeypatch.setattr(matrix_products, "own", lambda: OTHER)
    assert {of_processor(name) for name in ("AuthenticAMD", "GenuineIntel", None)} == {OTHER}
    assert resolve(AUTO, {"products": MKL}) == OTHER
    for asked in (MKL, ONEDNN):
        with pytest.raises(BackendError, match=f"products: this PyTorch has no {asked} here; leave it at auto"):
            resolve(asked, None)


def test_a_machine_without_cpuinfo_is_asked_by_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_products, "CPUINFO", matrix_products.CPUINFO / "absent")
    for told, wanted in (
        ("Intel64 Family 6 Model 143 Stepping 8, GenuineIntel", "GenuineIntel"),
        ("AMD64 Family 25 Model 17 Stepping 1, AuthenticAMD", "AuthenticAMD"),
        ("arm", "arm"),
        ("", None),
    ):
        matrix_products.vendor.cache_clear()
        monkeypatch.setattr(platform, "processor", lambda told=told: told)
        assert matrix_products.vendor() == wanted
    matrix_products.vendor.cache_clear()


@pytest.mark.parametrize("asked", ["MKL", "eigen", None, True, 1, "other"])
def test_another_value_is_refused(asked: object) -> None:
    with pytest.raises(BackendError, match=r"backend\.torch\.products is auto, mkl or onednn, not"):
        load("torch").build(Program(CURVE.network(), CURVE.loss, SGD(), options={"products": asked}))


@both
def test_a_run_that_goes_on_keeps_its_products(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, here, there in (("AuthenticAMD", ONEDNN, MKL), ("GenuineIntel", MKL, ONEDNN)):
        monkeypatch.setattr(matrix_products, "vendor", lambda name=name: name)
        assert resolve(AUTO, None) == here
        assert resolve(AUTO, {"products": there}) == there
        assert resolve(AUTO, {"products": OTHER}) == here
        # A version without the option had oneDNN's.
        assert resolve(AUTO, {}) == ONEDNN
        assert resolve(there, {"products": here}) == there


def built(network: object, **options: object) -> Learner:
    return load("torch").build(Program(network, CURVE.loss, SGD(), decay_exempt=frozenset(), options=options), "cpu")  # type: ignore[arg-type]


def test_the_option_is_one_of_the_backend_s_and_told_by_a_learner() -> None:
    assert load("torch").info().options["products"] == AUTO
    assert built(CURVE.network()).options["products"] == of_processor(matrix_products.vendor())
    for name in set(available()) & {MKL, ONEDNN}:
        assert built(CURVE.network(), products=name).options["products"] == name


def test_a_module_of_the_user_s_own_has_pytorch_s_own() -> None:
    for name in (AUTO, *(set(available()) & {MKL, ONEDNN})):
        assert built(Module(torch.nn.Linear(2, 2)), products=name).options["products"] == own()


@both
@pytest.mark.parametrize(("name", "wanted"), [(MKL, False), (ONEDNN, True)])
def test_it_is_what_multiplies(name: str, wanted: bool) -> None:
    learner = built(CURVE.network(), products=name)
    learner.load_tensors(CURVE.tensors)
    with torch.profiler.profile() as profile:
        learner.train_step(batches.step(CURVE.loss, [CURVE.batch()]))
    assert any("_linear_pointwise" in event.key for event in profile.key_averages()) == wanted
