"""Checks that the core imports no framework and names no backend, and that backends do not import each other."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ftcore.contract import discovery as backend

ROOT = Path(__file__).parents[2]
FRAMEWORKS = {"torch", "tensorflow", "keras", "jax", "transformers"}
CORE = sorted((ROOT / "ftcore").rglob("*.py"))
BACKENDS = {folder.name: sorted(folder.rglob("*.py")) for folder in (ROOT / "backends").iterdir() if folder.is_dir()}
REFERENCES = "ftcore_references"
"""Lies beside the backends and uses none of them."""


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            found.add(node.module.partition(".")[0])
    return found


def test_there_is_something_to_check() -> None:
    assert len(CORE) > 50
    assert set(BACKENDS) == {"ftcore_torch", "ftcore_keras", REFERENCES}


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_imports_no_framework(path: Path) -> None:
    assert imported(path) & (FRAMEWORKS | set(BACKENDS)) == set()


@pytest.mark.parametrize("name", sorted(BACKENDS))
def test_backends_do_not_import_each_other(name: str) -> None:
    others = set(BACKENDS) - {name}
    for path in BACKENDS[name]:
        assert imported(path) & others == set(), path


def test_keras_backend_needs_no_torch() -> None:
    for path in BACKENDS["ftcore_keras"]:
        assert imported(path) & {"torch", "transformers"} == set(), path


@pytest.mark.parametrize("path", CORE, ids=lambda path: str(path.relative_to(ROOT)))
def test_core_names_no_backend(path: Path) -> None:
    literals = {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert literals & set(backend.names()) == set()


def test_help_imports_no_framework() -> None:
    code = (
        "import sys\nfrom ftcore.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"heavy = {sorted(FRAMEWORKS | {'pandas', 'sklearn', 'scipy', 'pyarrow', 'plotly'})!r}\n"
        "sys.exit(','.join(name for name in heavy if name in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "conformance" in done.stdout
