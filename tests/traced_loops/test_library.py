"""The library as people call it: from scripts and notebooks, on tiny models."""

from __future__ import annotations

import copy
import doctest
import gc
import io
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import traced_loops as tl
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.trace import Trace
from tests.conftest import Open

ROOT = Path(__file__).parents[2]
OLD = ROOT / "tests" / "from_0_1"
MODEL = OLD / "model" / "tiny-robot"


@pytest.fixture(scope="module")
def trace() -> tl.Trace:
    return tl.open_trace(OLD / "text.trace")


@pytest.fixture(scope="module")
def recorded() -> tl.Trace:
    return tl.record("The quick", model=MODEL, max_new_tokens=2)


@pytest.fixture(scope="module")
def loop(recorded: tl.Trace) -> tl.Loop:
    return tl.draw(recorded, "04", quality="l")


def python(code: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_importing_loads_nothing_heavy() -> None:
    done = python(
        "import sys, time\n"
        "begun = time.process_time()\n"
        "import traced_loops as tl\n"
        "assert time.process_time() - begun <= 0.15\n"
        "heavy = {'numpy', 'torch', 'transformers', 'manim', 'scenes', 'pydantic', 'cyclopts'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "assert {'record', 'draw', 'open_trace'} <= set(dir(tl))\n"
    )
    assert done.returncode == 0, done.stderr


def test_reading_takes_neither_torch_nor_manim() -> None:
    done = python(
        "import sys, numpy as np, traced_loops as tl\n"
        "trace = tl.open_trace('tests/from_0_1/text.trace')\n"
        "np.asarray(trace['resid_post', 1]); trace.top(); repr(trace); trace._repr_html_()\n"
        "heavy = {'torch', 'transformers', 'manim'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    assert done.returncode == 0, done.stderr


def test_a_scenes_file_of_the_users_is_named(tmp_path: Path) -> None:
    (tmp_path / "scenes.py").write_text("")
    done = python("import traced_loops as tl; tl.record", tmp_path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("ImportError: ")
    assert "comes with a package 'scenes', but Python finds" in done.stderr


def test_names_that_are_not_there_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = tl.nothing  # type: ignore[attr-defined]


def test_a_tensor_is_read_like_an_array(trace: tl.Trace) -> None:
    whole = trace.values("generation/resid_post")
    view = trace["resid_post"]
    assert (view.shape, len(view), view.ndim, view.dtype) == ((3, 10, 32), 3, 3, np.float32)
    assert view.dims == ("layer", "position", "d_model")
    assert np.array_equal(view, whole)
    assert np.array_equal(view[1:, ::2, 5], whole[1:, ::2, 5])
    assert np.array_equal(np.stack(list(view)), whole)
    assert np.array_equal(view - trace["resid_pre"], whole - trace.values("generation/resid_pre"))
    assert np.allclose(np.linalg.norm(view, axis=-1), np.linalg.norm(whole, axis=-1))
    assert np.asarray(view, dtype=np.float64).dtype == np.float64
    assert trace["attn_pattern"].dims == ("layer", "head", "position", "key_position")


def test_a_layer_is_named_by_number_or_as_transformer_lens_does(trace: tl.Trace) -> None:
    whole = trace.values("generation/resid_post")
    last = trace["resid_post", 2]
    assert (last.shape, last.dims) == ((10, 32), ("position", "d_model"))
    for same in (last, trace["resid_post", -1], trace["blocks.2.hook_resid_post"]):
        assert np.array_equal(same, whole[2])
    # an array beside the layer does not move the axes
    assert np.array_equal(last[:, [3, 1]], whole[2][:, [3, 1]])
    assert np.array_equal(trace["blocks.1.attn.hook_pattern"], trace.values("generation/attn_pattern")[1])
    assert np.array_equal(trace["hook_embed"], trace.values("generation/embed"))


def test_layers_keep_their_numbers_where_few_are_kept(tmp_path: Path) -> None:
    from model_trace.models import checkpoints

    spec = RecordingSpec(layers=(0, 2))
    store.save(generation.record(checkpoints.load(str(MODEL)), "The quick", spec=spec), tmp_path / "x.trace")
    few = tl.open_trace(tmp_path / "x.trace")
    assert np.array_equal(few["resid_post", 2], few.values("generation/resid_post")[1])
    with pytest.raises(tl.TraceError, match="resid_post has no layer 1: choose one of 0, 2"):
        few["resid_post", 1]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("resid_pots", "choose resid_post"),
        ("training/loss", "not a tensor of this trace"),
        ("q", "everything=True"),
        (("resid_post", 3), "no layer 3: choose one of 0 to 2"),
        (("embed", 0), "embed has no layers"),
        ("blocks.1.attn.hook_q", "blocks.1.attn.hook_rot_q"),
        (3, 'trace["resid_post"]'),
    ],
)
def test_a_key_that_means_no_tensor_is_answered_in_a_line(trace: tl.Trace, key: object, words: str) -> None:
    with pytest.raises(tl.TraceError, match=re.escape(words)) as caught:
        trace[key]  # type: ignore[index]
    assert "\n" not in str(caught.value)


def test_names_that_several_parts_record_are_whole() -> None:
    trained = tl.open_trace(OLD / "training.trace")
    with pytest.raises(tl.TraceError, match="untrained/top_ids or trained/top_ids or training/top_ids"):
        trained["top_ids"]
    assert trained["trained/top_ids"].shape == (1, 10)
    assert np.array_equal(trained["loss"], trained["training/loss"])
    assert {"loss", "trained/top_ids"} <= set(trained)
    assert "top_ids" not in trained


def test_traces_inside_are_read_by_the_same_names(tmp_path: Path) -> None:
    text, training = (store.open_trace(OLD / f"{name}.trace") for name in ("text", "training"))
    store.save(text, tmp_path / "all.trace", {"training": training, "code": text})
    trace = tl.open_trace(tmp_path / "all.trace")
    assert np.array_equal(trace["loss"], training.values("training/loss"))
    assert np.array_equal(trace["code/embed"], text.values("generation/embed"))
    assert trace["resid_post"].name == "generation/resid_post"
    saved = trace.save(tmp_path / "copy.trace")
    assert set(saved.inside) == {"training", "code"}
    with pytest.raises(tl.TraceError, match="force=True"):
        trace.save(tmp_path / "copy.trace")


def test_text_and_candidates(recorded: tl.Trace) -> None:
    assert recorded.text.startswith("The quick")
    answers = recorded.top(k=4)
    row = recorded.prompt_length - 1
    assert [each.id for each in answers] == recorded.values("generation/top_ids")[row, :4].tolist()
    assert answers[0].token == recorded.tokens[recorded.prompt_length].text
    assert f"{answers[0].probability:.2%}" in repr(answers)
    assert recorded.top(-1) == recorded.top(len(recorded.tokens) - 2)
    for position, k, words in ((99, 3, "0 to 3"), (0, 11, "the 10 most probable")):
        with pytest.raises(tl.TraceError, match=words):
            recorded.top(position, k)


def test_what_a_notebook_shows_of_a_trace_is_escaped(tmp_path: Path) -> None:
    hostile = tl.record("<script>alert(1)</script>", model=MODEL, max_new_tokens=1)
    shown = hostile._repr_html_() + hostile.top()._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "[layer 3, position" in shown
    assert len(repr(hostile).splitlines()) == 3


def test_xarray_is_named_where_it_is_missing(trace: tl.Trace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(tl.TraceError, match="pip install xarray"):
        trace.to_xarray()


def test_xarray_has_layers_and_tokens(trace: tl.Trace) -> None:
    made = trace.to_xarray()
    assert made["resid_post"].dims == ("layer", "position", "d_model")
    assert made["token"].values.tolist() == [token.text for token in trace.tokens[:-1]]
    assert np.array_equal(made["resid_post"].sel(layer=2), trace["resid_post", 2])
    assert tl.open_trace(OLD / "training.trace").to_xarray("training")["loss"].dims == ("step",)


def test_a_recording_is_verified_and_outlived_by_its_tensors(recorded: tl.Trace) -> None:
    assert all(check.ok for check in tl.verify(recorded, model=MODEL))
    passing = tl.record("The quick", model=MODEL, max_new_tokens=2)
    folder, view = passing.path, passing["resid_post"]
    assert folder.is_dir()
    del passing
    gc.collect()
    assert not folder.parent.exists()
    assert np.array_equal(view, recorded["resid_post"])


def test_a_loop_has_its_files_words_and_values(loop: tl.Loop, recorded: tl.Trace) -> None:
    assert loop.webm[:4] == b"\x1aE\xdf\xa3"
    assert Image.open(io.BytesIO(loop.still)).size == (854, 480)
    assert "tiny-robot writes" in loop.transcript
    shown = [value for value in loop.values if value.tensor == "generation/top_probabilities"]
    assert len(shown) >= 4
    for value in shown:
        if value.formula == "value":
            assert recorded[value.tensor][value.index] == pytest.approx(value.value)  # type: ignore[index]


def test_the_values_of_a_loop_are_a_table(loop: tl.Loop) -> None:
    lines = repr(loop.values).splitlines()
    assert len(lines) == len(loop.values)
    table = loop.values._repr_html_()
    assert table.count("<tr>") == len(loop.values) + 1
    value = next(value for value in loop.values if value.tensor == "generation/top_probabilities")
    line = lines[loop.values.index(value)]
    assert repr(value.value) in line
    assert f"generation/top_probabilities[{', '.join(map(str, value.index))}]" in line
    assert f"generation/top_probabilities[{', '.join(map(str, value.index))}]" in table

    told = copy.deepcopy(dict(loop.provenance))
    place, said = loop.values.index(value), "<script> & “x”"
    for each in told["values"]:
        each.pop("cells", None)
    told["values"][place] |= {"said": said, "boxes": [[0, 0.5, 0.25, 0.5], [0.5, 0, 0.1, 0.1]]}
    values = replace(loop, provenance=told).values
    assert (values[place].said, values[place].boxes) == (said, ((0, 0.5, 0.25, 0.5), (0.5, 0, 0.1, 0.1)))
    assert "&lt;script&gt; &amp; “x”" in values._repr_html_()


def test_a_loop_plays_in_a_notebook_and_in_a_frame(
    loop: tl.Loop, open_page: Open, errors: list[str], tmp_path: Path
) -> None:
    kind, framed = loop._mime_()
    assert kind == "text/html"
    (tmp_path / "a.html").write_text(f"<!doctype html><meta charset='utf-8'>{loop._repr_html_()}{framed}")
    page = open_page((tmp_path / "a.html").as_uri())
    frame = page.frame_locator("iframe")
    for video in (page.locator("traced-loop video"), frame.locator("traced-loop video")):
        video.scroll_into_view_if_needed()
        played = "v => new Promise(done => { const look = () => v.currentTime > 0 ? done(true) : "
        assert video.evaluate(played + "setTimeout(look, 50); look(); })")
    assert errors == []


def test_loops_are_saved_side_by_side_and_make_a_page(
    loop: tl.Loop, recorded: tl.Trace, tmp_path: Path
) -> None:
    (figure,) = tl.draw(recorded, ["f01"], quality="l")
    with pytest.raises(tl.TraceError, match=r"f01 has no \.webm file"):
        _ = figure.webm
    folder = tmp_path / "loops"
    assert loop.save(folder) == figure.save(folder) == loop.save(folder) == folder
    html = tl.page(folder, title="Ours").read_text()
    assert "04-gpt3-generate-tokens-output.webm" in html
    assert "gpt3-training-examples-sliding-window.png" in html
    other = tmp_path / "other"
    other.mkdir()
    (other / next(iter(loop.files))).write_text("mine")
    with pytest.raises(ValueError, match="force"):
        loop.save(other)


def test_a_prompt_is_recorded_for_what_is_drawn_from_it() -> None:
    drawn = tl.draw("The sky is", "f01", quality="l", theme="dark", language="de")
    assert drawn.provenance["recording"]["generation"]["prompt"] == "The sky is"
    assert (drawn.provenance["theme"], drawn.provenance["language"]) == ("dark", "de")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("draw(trace, '03')", 'record it with loops=["03"]'),
        ("draw(trace, ['04', '77'])", "there is no loop 77"),
        ("draw(trace, '04', theme='blue')", "choose one of light, dark, transparent"),
        ("draw(trace, '04', language='xx')", "choose en or de"),
        ("record()", "give a prompt"),
        ("record('x', max_new_tokens=0)", "max_new_tokens: "),
        ("record('x', device='gpu')", "device: "),
        ("record(loops=['01', '04'])", "give prompt"),
        ("open_trace('nowhere')", "there is no trace at nowhere"),
        ("page('nowhere')", "draw some loops into it first"),
        ("batch([{'promt': 'x', 'loops': ['04']}])", "is it prompt?"),
        ("batch(['x'])", "row 1 is a str: give a dict"),
    ],
)
def test_mistakes_are_errors_of_a_line(trace: tl.Trace, call: str, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)) as caught:
        eval(f"tl.{call}", {"tl": tl, "trace": trace})
    assert "--" not in str(caught.value)


def test_a_script_needs_no_main_guard(tmp_path: Path) -> None:
    """Processes that draw do not run the script again."""
    shutil.copytree(OLD / "text.trace", tmp_path / "quick.trace")
    (tmp_path / "script.py").write_text(
        "import traced_loops as tl\n"
        "print('once')\n"
        "tl.draw(tl.open_trace('quick.trace'), 'f01', quality='l').save('loops')\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "once\n", "")
    assert (tmp_path / "loops" / "manifest.json").is_file()


def test_a_batch_of_dicts(tmp_path: Path) -> None:
    said: list[str] = []
    row = {"prompt": "The quick", "model": str(MODEL), "loops": ("f01",), "quality": "l", "seed": None}
    (made,) = tl.batch([row], output=tmp_path / "sets", progress=said.append)
    assert (made.status, made.error) == ("done", None)
    assert "all rows: 1 of 1 rows" in said
    assert (tmp_path / "sets" / made.slug / "gpt3-training-examples-sliding-window.png").is_file()


def test_the_examples_in_the_docstrings_run(
    recorded: tl.Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traced_loops import library

    shutil.copytree(MODEL, tmp_path / "tiny-robot")
    shutil.copytree(OLD / "text.trace", tmp_path / "quick.trace")
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(library, extraglobs={"tl": tl, "trace": recorded})
    assert result.attempted >= 15
    assert result.failed == 0


def test_a_saved_trace_is_a_trace(trace: tl.Trace) -> None:
    assert isinstance(trace, Trace)
    assert trace.generation.prompt == "The quick"
