"""The pages made from tables are up to date, and links inside the project lead somewhere."""

import re
import sys
from pathlib import Path

import pytest

from sklearn_init import get_initializer_names

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_page_of_schemes(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    monkeypatch.setattr(sys, "path", list(sys.path))  # the script adds the tests' folder
    from make_schemes import make_page

    page = (ROOT / "docs" / "schemes.md").read_text(encoding="utf-8")
    assert page == make_page(), "run: python docs/make_schemes.py"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_names_in_same_name_page_exist():
    page = (ROOT / "docs" / "same-name-different-law.md").read_text(encoding="utf-8")
    names = re.findall(r'`"(\w[\w.+]*)"`', page)
    assert len(names) > 20
    assert set(names) <= set(get_initializer_names())
