"""Forget every installed package that lacks files, so that the next `pip install` puts it there again.

A pip that is killed halfway may leave a package with its metadata but without some of its files, or files cut
short, which pip then takes for installed.
"""

import shutil
import sysconfig
from importlib.metadata import Distribution
from pathlib import Path

SITE_PACKAGES = Path(sysconfig.get_path("purelib"))


def is_complete(package: Distribution) -> bool:
    """Whether each file of its record is there in full size; a package cut off has no record."""
    for file in package.files or []:
        path = Path(str(file.locate()))
        if file.suffix != ".pyc" and not (path.is_file() and file.size in (None, path.stat().st_size)):
            return False
    return bool(package.files)


for metadata in SITE_PACKAGES.glob("*.dist-info"):
    if not is_complete(Distribution.at(metadata)):
        print(f"set-up: {metadata.stem} is incomplete, it will be installed again")
        shutil.rmtree(metadata)
