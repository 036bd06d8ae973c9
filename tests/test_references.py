"""The list of sources agrees with the text: by family name and year, each once, each cited."""

import re

import nbformat
from bs4 import BeautifulSoup
from pybtex.database import parse_file

from .conftest import ROOT

SOURCES = parse_file(ROOT / "references.bib").entries
FAMILY = re.compile(r"([^;(]+?)(?:,[^;(]*)?(?:;[^(]*)?(?: \((\d{4}\w?)\))?\. ")


def test_the_list_runs_by_family_name_with_the_year_in_front(site):
    page = BeautifulSoup((site / "book" / "references.html").read_text(), "html.parser")
    listed = [" ".join(entry.p.get_text().split()) for entry in page.select(".citation-list .citation")]
    assert len(listed) == len(SOURCES) > 50
    names = [re.sub(r"[^a-z ]", "", FAMILY.match(line)[1].lower().replace("ä", "a")) for line in listed]
    assert names == sorted(names)
    assert sum(bool(re.match(r"[^(]+ \(\d{4}[ab]?\)\. ", line)) for line in listed) >= len(listed) - 1  # one undated


def label(entry):
    """What the text prints: the family names of one or two authors, of the first of more, and the year."""
    names = [" ".join(person.last_names) for person in entry.persons["author"]]
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al.", entry.fields.get("year")


def test_no_two_sources_are_cited_by_the_same_words():
    seen = {}
    for key, entry in SOURCES.items():
        seen.setdefault(label(entry), []).append(key)
    twice = {words: keys for words, keys in seen.items() if len(keys) > 1}
    assert not twice, f"references.bib: tell these apart by a letter after the year, as in 1925a: {twice}"


def test_every_source_is_cited():
    texts = [path.read_text() for path in (ROOT / "book").glob("*.md")]
    for path in (ROOT / "book").glob("*.ipynb"):
        texts += [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    cited = {
        key.strip()
        for text in texts
        for keys in re.findall(r"\{cite[:a-z]*\}`([^`]+)`", text)
        for key in keys.split(",")
    }
    uncited = sorted(set(SOURCES) - cited)
    assert not uncited, f"references.bib: no page cites {uncited}; take them out."
