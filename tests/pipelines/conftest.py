"""Tiny models: more threads than one only wait for each other."""

import pytest
import torch
import transformers


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)
    transformers.utils.logging.disable_progress_bar()
