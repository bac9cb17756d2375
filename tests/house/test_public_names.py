"""Checks the public names; a deliberate change of them must also change this test."""

import ftcore


def test_public_names() -> None:
    assert ftcore.__all__ == [
        "FtcoreError",
        "Run",
        "TaskSpec",
        "compare",
        "evaluate",
        "features",
        "finetune",
        "load_weights",
        "predict",
        "predict_rows",
        "run",
    ]


def test_functions_stay_functions_after_every_module_is_imported() -> None:
    import ftcore.comparison
    import ftcore.library
    import ftcore.runs.finetuning

    for name in ("compare", "evaluate", "features", "finetune", "predict", "predict_rows", "run"):
        assert callable(getattr(ftcore, name)), name
