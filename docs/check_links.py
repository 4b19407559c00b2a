"""Check that nothing is broken inside the built site: `python docs/check_links.py FOLDER`.

Every link and picture of a page has to lead to a file of the site, a fragment to a place in it,
and what a page needs to be shown may not come from another host.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LINKS = {"a": "href"}
PARTS = {"img": "src", "script": "src", "link": "href", "source": "src", "iframe": "src"}


def main() -> None:
    """Print what is broken, and end with an error if anything is."""
    folder = Path(sys.argv[1])
    pages = read_pages(folder)
    faults = find_faults(folder, pages)
    print("\n".join(faults))
    n_links = sum(len(page.links) for page in pages.values())
    print(f"{len(pages)} pages, {n_links} links, {len(faults)} of them broken")
    sys.exit(bool(faults) or not pages)


class Page(HTMLParser):
    """The places, links and parts of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.places: set[str] = set()
        self.links: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what leads from here and what leads here."""
        found = {name: value for name, value in attrs if value}
        self.places |= {found[name] for name in ("id", "name") if name in found}
        target = found.get((LINKS | PARTS).get(tag, ""))
        if target:
            self.links.append((tag, target))


def read_pages(folder: Path) -> dict[Path, Page]:
    """Return all pages below a folder by their paths, without the theme's templates."""
    root = folder.resolve()
    paths = [path for path in sorted(root.rglob("*.html")) if root / "_static" not in path.parents]
    return {path: Page(path.read_text(encoding="utf-8")) for path in paths}


def find_faults(folder: Path, pages: dict[Path, Page]) -> list[str]:
    """Return a line for every link that is broken."""
    root = folder.resolve()
    return [
        f"{path.relative_to(root)}: <{tag}> {link}: {fault}"
        for path, page in pages.items()
        for tag, link in page.links
        if (fault := find_fault(path, tag, link, pages))
    ]


def find_fault(path: Path, tag: str, link: str, pages: dict[Path, Page]) -> str | None:
    """Return what is wrong with a link on the page of this path, or None."""
    url = urlsplit(link)
    if url.scheme == "data":
        return None
    if url.scheme or url.netloc:
        return None if tag in LINKS else "comes from another host"
    target = (path.parent / unquote(url.path)).resolve() if url.path else path
    if not target.is_file():
        return "no such file"
    known = target in pages and url.fragment
    if known and unquote(url.fragment) not in pages[target].places:
        return "no such place"
    return None


if __name__ == "__main__":
    main()
