"""OpenMP's waiting threads spin for a moment and then sleep, unless the user has said how they wait."""

import os

import pytest
from ftcore_torch.backend import WAITING, TorchBackend


def waiting(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> dict[str, str]:
    """Return the variables after a backend is made where these are given."""
    monkeypatch.setattr(os, "environ", dict(given))
    TorchBackend()
    return dict(os.environ)


def test_both_variables_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waiting(monkeypatch, {"HOME": "/"}) == {"HOME": "/", **WAITING}


@pytest.mark.parametrize("given", [{"OMP_WAIT_POLICY": "ACTIVE"}, {"GOMP_SPINCOUNT": "0"}])
def test_the_users_choice_is_kept(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert waiting(monkeypatch, given) == given
