"""The documentation, built once, with draft loops."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import build
from tests.traced_loops.article.site import served


@pytest.fixture(scope="session")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of three loops in both themes, as ``make docs`` draws them where there is no gallery."""
    folder = tmp_path_factory.mktemp("drafts") / "loops"
    build.draw_drafts(folder)
    return folder


@pytest.fixture(scope="session")
def site(drafts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site; that nothing was wrong with it is the first of the tests."""
    folder = tmp_path_factory.mktemp("documentation") / "site"
    assert build.build(drafts, folder), "Sphinx warned, or a link leads nowhere: see above"
    return folder


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with served(site) as server:
        yield server
