"""Files of torch.save, read without torch: the same arrays as torch.load, and never a call of what a file names."""

import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftcore.contract.weights import Checkpoint
from ftcore.contract.weights.pickled import PickledFile
from ftcore.errors import ModelError

BASE = torch.arange(24, dtype=torch.float32).reshape(4, 6) - 7.5
TYPES = [
    *(torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128, torch.bool),
    *(torch.int8, torch.uint8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32, torch.uint64),
    *(torch.float8_e4m3fn, torch.float8_e5m2),
]
VIEWS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "whole": lambda base: base,
    "transposed": lambda base: base.T,
    "rows": lambda base: base[1:3],
    "columns": lambda base: base[:, 2:5],
    "steps": lambda base: base[::2, 1::3],
    "diagonal": lambda base: base.diagonal(),
    "expanded": lambda base: base[:1].expand(5, 6),
    "permuted": lambda base: base.reshape(2, 2, 6).permute(2, 0, 1),
    "scalar": lambda base: base[2, 3],
    "empty": lambda base: base[:0],
    "empty of three sides": lambda base: base.new_empty(2, 0, 3),
    "parameter": lambda base: torch.nn.Parameter(base.T),
}


def save(path: Path, content: Any, **options: Any) -> Path:
    torch.save(content, path, **options)
    return path


def as_bytes(tensor: torch.Tensor) -> bytes:
    return bytes(tensor.detach().clone(memory_format=torch.contiguous_format).untyped_storage())


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Checkpoint.open(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def check_same(path: Path, protocol: int = 2) -> None:
    """Check every tensor against torch's own loading, the safe one where it knows the protocol."""
    wanted, file = torch.load(path, weights_only=protocol < 4), PickledFile(path)
    assert list(file.names) == list(wanted)
    for name, tensor in wanted.items():
        found = file.read(name)
        assert (file.shape(name), file.dtype(name)) == (tuple(tensor.shape), str(tensor.dtype).removeprefix("torch."))
        assert found.flags.c_contiguous
        assert found.flags.owndata
        assert found.tobytes() == as_bytes(tensor)


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_every_type(dtype: torch.dtype, tmp_path: Path) -> None:
    check_same(save(tmp_path / "w.pth", {"values": torch.tensor([[0, 1, 1], [0, 0, 1]]).to(dtype)}))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64], ids=str)
def test_every_view(view: str, dtype: torch.dtype, tmp_path: Path) -> None:
    check_same(save(tmp_path / "w.pth", {"values": VIEWS[view](BASE.to(dtype))}))


def test_tensors_that_share_their_memory(tmp_path: Path) -> None:
    base = BASE.clone()
    path = save(tmp_path / "w.pth", OrderedDict(first=base, tied=base, part=base[1], turned=base.T))
    assert sum(name.startswith("w/data/") for name in zipfile.ZipFile(path).namelist()) == 1
    check_same(path)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_modules_state_in_every_protocol(protocol: int, tmp_path: Path) -> None:
    module = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4), torch.nn.LSTM(4, 2, bidirectional=True)
    )
    check_same(save(tmp_path / "w.pth", module.state_dict(), pickle_protocol=protocol), protocol)


def test_what_a_trainings_checkpoint_holds_beside_is_read_as_plain_values(tmp_path: Path) -> None:
    beside = {
        "milestones": Counter([3, 5]),
        "size": torch.Size([1, 2]),
        "device": torch.device("cpu"),
        "type": torch.float16,
        "values": [
            1,
            -(2**40),
            2**70,
            1.5,
            True,
            None,
            "text",
            b"bytes",
            (1,),
            (1, 2),
            (1, 2, 3),
            (1, 2, 3, 4),
            {1, 2},
        ],
    }
    for protocol in (2, 4):
        path = save(tmp_path / f"{protocol}.pth", {"w": BASE, **beside}, pickle_protocol=protocol)
        assert list(PickledFile(path).names) == ["w"]


def test_reading_needs_no_torch(tmp_path: Path) -> None:
    path = save(tmp_path / "w.pth", {"w": BASE.T.to(torch.bfloat16)})
    program = (
        "import sys\nfrom pathlib import Path\nfrom ftcore.contract.weights import Checkpoint\n"
        "array = Checkpoint.open(Path(sys.argv[1])).read('w')\n"
        "assert array.dtype.name == 'bfloat16'\n"
        "assert not {'torch', 'tensorflow', 'transformers'} & set(sys.modules)\n"
        "print(array.astype(float).tolist())"
    )
    done = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, json.loads(done.stdout)) == (0, BASE.T.tolist()), done.stderr


class Runs:
    """A pickle of this runs a command when it is loaded."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


def test_what_a_file_names_is_never_called(tmp_path: Path) -> None:
    path, mark = tmp_path / "w.pth", tmp_path / "mark"
    save(path, {"w": BASE, "beside": Runs(f"touch {mark}")})
    assert "holds a pickled object of posix.system, not just tensors: loading it would run its code" in refusal(path)
    assert not mark.exists()
    torch.load(path, weights_only=False)
    assert mark.exists()  # so the file was a real threat


@pytest.mark.parametrize("protocol", [2, 4])
def test_a_whole_module_is_named(protocol: int, tmp_path: Path) -> None:
    path = save(tmp_path / "net.pt", torch.nn.Sequential(torch.nn.Linear(2, 2)), pickle_protocol=protocol)
    assert refusal(path) == (
        "holds a pickled object of torch.nn.modules.container.Sequential, not just tensors: loading it would run its "
        "code; save state_dict() instead, or load it yourself and use ftcore.finetune"
    )


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_torchscript_is_named(tmp_path: Path) -> None:
    path = tmp_path / "net.pt"
    torch.jit.trace(torch.nn.Linear(2, 2), torch.ones(1, 2)).save(str(path))
    assert "holds a pickled object of __torch__.torch.nn.modules.linear.Linear" in refusal(path)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_other_kinds_of_tensors_are_named(tmp_path: Path) -> None:
    path = save(tmp_path / "w.pth", {"w": BASE.to_sparse()})
    assert "a kind of tensor that ftcore does not read (torch._utils._rebuild_sparse_tensor)" in refusal(path)
    path = save(tmp_path / "w.pth", {"w": torch.complex(BASE, BASE).conj()})
    assert "conjugated or negated view" in refusal(path)


def test_the_form_of_old_torch_says_what_to_do(tmp_path: Path) -> None:
    path = save(tmp_path / "w.pth", {"w": BASE}, _use_new_zipfile_serialization=False)
    assert refusal(path) == (
        "has the format that torch wrote before 1.6, which ftcore does not read: load it in torch and save it again "
        "(torch.save(torch.load(FILE, weights_only=True), NEW_FILE))"
    )


def test_files_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    path.write_bytes(pickle.dumps({"w": 1}))
    assert "is a pickle, but not one of torch.save" in refusal(path)
    np.savez(path.with_suffix(".npz"), w=np.ones(2))
    assert "is a zip archive, but not one of torch.save" in refusal(path.with_suffix(".npz"))
    path.write_bytes(b"")
    assert "is not a file of weights that ftcore reads" in refusal(path)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "is a Git LFS pointer" in refusal(path)
    path.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(64))
    assert "is a file of Keras" in refusal(path)
    assert "cannot be read: No such file" in refusal(tmp_path / "nothing.pth")


def test_a_truncated_file(tmp_path: Path) -> None:
    path = save(tmp_path / "w.pth", {"w": BASE})
    whole = path.read_bytes()
    for size in (30, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        assert "is truncated or not a file of torch.save" in refusal(path)


def rewrite(path: Path, change: dict[str, bytes | None], compression: int = zipfile.ZIP_STORED) -> Path:
    """Write an archive again with other entries; None leaves one out."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in {**entries, **{f"w/{key}": value for key, value in change.items()}}.items():
            if content is not None:
                archive.writestr(name, content)
    return path


def test_the_byte_order_is_checked(tmp_path: Path) -> None:
    path = rewrite(save(tmp_path / "w.pth", {"w": BASE}), {"byteorder": b"big"})
    assert "its numbers are big-endian, and this machine is little-endian: load it in torch" in refusal(path)
    np.testing.assert_array_equal(PickledFile(rewrite(path, {"byteorder": None})).read("w"), BASE.numpy())


def test_a_compressed_archive_is_never_unpacked(tmp_path: Path) -> None:
    path = rewrite(save(tmp_path / "w.pth", {"w": torch.zeros(10**6)}), {}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 10**5
    assert "is compressed, which torch.save never does" in refusal(path)


def test_tensors_larger_than_their_storage(tmp_path: Path) -> None:
    path = save(tmp_path / "w.pth", {"w": BASE})
    rewrite(path, {"data/0": bytes(40)})
    assert refusal(path) == "is damaged: tensor 'w' needs 24 numbers of a storage of 10"
    assert "is damaged: it has no entry data/0" in refusal(rewrite(path, {"data/0": None}))


def huge(sizes: tuple[int, ...], strides: tuple[int, ...]) -> bytes:
    """Return a pickle of {"w": a tensor of these sizes}, of one number."""
    return (
        b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
        b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x01tQK\x00("
        + b"".join(pickle.dumps(size, 2)[2:-1] for size in sizes)
        + b"t("
        + b"".join(pickle.dumps(stride, 2)[2:-1] for stride in strides)
        + b"t\x89ccollections\nOrderedDict\n)RtRs."
    )


@pytest.mark.parametrize(
    ("sizes", "strides", "message"),
    [
        ((2**40,), (0,), None),
        ((2**40,), (1,), "needs 1099511627776 numbers of a storage of 1"),
        ((2**61, 2**61), (0, 0), "is damaged"),
        ((2**80,), (0,), "is damaged"),
        ((2, 2), (-1, 1), "is damaged"),
        ((2, 2), (0,), "is damaged"),
    ],
)
def test_sizes_that_are_no_sizes(
    sizes: tuple[int, ...], strides: tuple[int, ...], message: str | None, tmp_path: Path
) -> None:
    path = rewrite(save(tmp_path / "w.pth", {"w": torch.zeros(1)}), {"data.pkl": huge(sizes, strides)})
    if message is None:
        assert Checkpoint.open(path).shape("w") == sizes  # nothing is read for it
    else:
        assert message in refusal(path)


def test_a_name_with_line_ends_stays_one_line(tmp_path: Path) -> None:
    program = b"\x80\x04\x8c\x03a\nb\x8c\x03c\nd\x93."
    path = rewrite(save(tmp_path / "w.pth", {"w": BASE}), {"data.pkl": program})
    assert "holds a pickled object of a b.c d, not just tensors" in refusal(path)


@pytest.mark.parametrize(
    "program",
    [
        b"",
        b"\x80\x02",
        b"\x80\x02.",
        b"\x80\x02}",
        b"\x80\x02K\x01K\x02s.",
        b"\x80\x02)R.",
        b"\x80\x02}}Ns.",
        b"\x80\x02h\x05.",
        b"\x80\x02(t(t(ttttt.",
        b"\x80\x02ctorch\nFloatStorage\n)R.",
        b"\x80\x02ctorch._utils\n_rebuild_parameter\nN}(X\x01\x00\x00\x00aNub.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02I" + b"9" * 9999 + b"\n.",
        b"\x80\x02}" + b")" + b"\x85" * 200_000 + b"Ns.",
        b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b".",
        b"(dp0\nVmodel\ng0\ns.",
    ],
    ids=range(16),
)
def test_programs_that_are_no_state_dict(program: bytes, tmp_path: Path) -> None:
    refusal(rewrite(save(tmp_path / "w.pth", {"w": BASE}), {"data.pkl": program}))


def open_or_refusal(path: Path) -> Checkpoint | str:
    try:
        return Checkpoint.open(path)
    except ModelError as error:
        return str(error)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_is_refused_in_one_line_or_leaves_tensors(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    original = tmp_path / "original"
    if not original.exists():
        save(path, {"state_dict": torch.nn.Linear(2, 3).state_dict(), "epoch": 3})
        path.rename(original)
    content = bytearray(original.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    result = open_or_refusal(path)
    if isinstance(result, str):
        assert "\n" not in result
        return
    for name in result.names:
        if np.prod(result.shape(name)) < 10**6:
            assert PickledFile(path).read(name).shape == result.shape(name)
