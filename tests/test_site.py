"""The documentation site: the reference has every public name, and what is broken is found."""

import importlib
import re
from pathlib import Path

import pytest
from conftest import EXAMPLES

DOCS = Path(__file__).parents[1] / "docs"
MODULES = [
    importlib.import_module(name)
    for name in (
        "sklearn_init",
        "sklearn_init.initializers",
        "sklearn_init.theory",
        "sklearn_init.inspection",
        "sklearn_init.comparison",
    )
]


def test_reference_has_every_public_name_once():
    page = (DOCS / "api.rst").read_text(encoding="utf-8")
    listed = re.findall(r"^(?:   |\.\. py:data:: )(sklearn_init[\w.]+)$", page, re.MULTILINE)
    expected = {}  # what several modules export stands under the first of them
    for module in MODULES:
        for name in module.__all__:
            expected.setdefault(id(getattr(module, name)), f"{module.__name__}.{name}")
    assert sorted(listed) == sorted(expected.values())


def test_every_example_has_its_place_in_the_gallery(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    from gallery_order import ORDER

    assert sorted(ORDER) == sorted(path.name for path in EXAMPLES.glob("plot_*.py"))


@pytest.fixture
def find_faults(monkeypatch):
    """Return a function that writes pages and pictures into a folder and checks them."""
    monkeypatch.syspath_prepend(DOCS)
    from check_links import find_faults, read_pages

    def find(folder, files):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return find_faults(folder, read_pages(folder))

    return find


SOUND = {
    "index.html": '<p id="top"><a href="a/b%20c.html#here"><a href="#top"><a href="?q=1#top">',
    "a/b c.html": '<h1 id="here"><a href="../index.html"><img src="d.png"><img src="data:,">'
    '<a href="https://example.org/"><a href="mailto:a@b">',
    "a/d.png": "",
    "_static/template.html": '<script src="{{ nowhere }}">',
}


def test_a_sound_site_has_no_faults(find_faults, tmp_path):
    assert find_faults(tmp_path, SOUND) == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ('<a href="gone.html">', "<a> gone.html: no such file"),
        ('<a href="a">', "<a> a: no such file"),
        ('<a href="a/b%20c.html#gone">', "<a> a/b%20c.html#gone: no such place"),
        ('<a href="#gone">', "<a> #gone: no such place"),
        ('<img src="gone.png">', "<img> gone.png: no such file"),
        (
            '<script src="https://example.org/a.js">',
            "<script> https://example.org/a.js: comes from another host",
        ),
        ('<img src="//example.org/a.png">', "<img> //example.org/a.png: comes from another host"),
    ],
)
def test_what_is_broken_is_found(find_faults, tmp_path, broken, fault):
    files = SOUND | {"page.html": broken}
    assert find_faults(tmp_path, files) == [f"page.html: {fault}"]
