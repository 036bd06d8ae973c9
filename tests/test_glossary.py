"""No term before it is taught: the glossary against the prose of the pages, in their order; the page made from it."""

import re
import sys

import nbformat
import pytest
import yaml
from bs4 import BeautifulSoup

from .conftest import ROOT
from .test_book import minutes, toc_files

sys.path.insert(0, str(ROOT / "book" / "_ext"))
import terms as linking  # noqa: E402
from terms import pattern  # noqa: E402

TERMS = yaml.safe_load((ROOT / "book" / "glossary.yml").read_text()) or []
ORDER = [name.split("/")[-1] for name in toc_files()]
LATER = set()  # what older pages do not keep to yet; each goes when its page is re-cut
NO_COURSE = {"index", "formulas", "glossary", "notation", "references", "api"}  # the overview, and what is looked up


def deeper():
    """The pages that hang below another: optional, so what they teach is known nowhere else."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text())

    def below(entries):
        for entry in entries:
            yield from [entry["file"].split("/")[-1], *below(entry.get("sections", []))]

    return {
        name for part in toc["parts"] for chapter in part["chapters"] for name in below(chapter.get("sections", []))
    }


DEEPER = deeper()


def sentences(text):
    """The prose of Markdown as sentences, code and formulas left out, addresses of links kept."""
    text = re.sub(r"\$\$.*?\$\$", " ", minutes.without_code(text), flags=re.DOTALL)
    text = re.sub(r"^:(class|label|alt|width|align|name):.*$", " ", text, flags=re.MULTILINE)
    text = re.sub(r"\{[a-z:]+\}`[^`]*`|`[^`]*`|\$[^$\n]*\$", " … ", text)
    return [part for part in re.split(r"(?<=[.?!:])\s+|\n\s*\n|\n(?=[-*|#`:])", text) if part.strip()]


def links(sentence):
    """The pages that a sentence links to."""
    return set(re.findall(r"\]\(([\w-]+)\.(?:ipynb|md|html)", sentence))


def too_early(text, page, terms, known):
    """(term, sentence) for each term whose first use on the page is neither taught before nor linked."""
    told = sentences(text)
    for term in terms:
        if term["page"] == page or term["page"] in known:
            continue
        for sentence in told:
            plain = re.sub(r"\]\([^)]*\)", "]", sentence)
            for phrase in term.get("unless", []):
                plain = re.sub(re.escape(phrase), " ", plain, flags=re.IGNORECASE)
            if pattern(term).search(plain):
                if term["page"] not in links(sentence):
                    yield term["term"], " ".join(sentence.split())
                break


def known_before(page):
    """The pages that a reader of ``page`` has read: all main pages before it, and the one that it hangs below."""
    before = ORDER[: ORDER.index(page)]
    return set(before) - DEEPER if page not in DEEPER else set(before)


def text_of(page):
    """The prose of a notebook with what its predictions ask."""
    notebook = nbformat.read(ROOT / "book" / f"{page}.ipynb", as_version=4)
    return "\n\n".join(
        cell.source if cell.cell_type == "markdown" else minutes.question(cell) for cell in notebook.cells
    )


@pytest.mark.parametrize("page", [page for page in ORDER if page not in LATER | NO_COURSE])
def test_no_term_before_it_is_taught(page):
    found = list(too_early(text_of(page), page, TERMS, known_before(page)))
    where = {term["term"]: term["page"] for term in TERMS}
    assert not found, "\n".join(
        f"{page}: {term!r} is taught on {where[term]} and used here: {sentence[:160]!r}. Say it in other words, or "
        f"link to {where[term]} in that sentence."
        for term, sentence in found
    )


def test_only_pages_that_need_it_are_excused():
    assert LATER <= set(ORDER), "take pages that are gone off LATER in tests/test_glossary.py."


def test_every_entry_is_complete():
    seen = set()
    for entry in TERMS:
        name = entry.get("term")
        missing = [key for key in ("term", "says", "page") if not entry.get(key)]
        assert not missing, f"glossary.yml, {name}: {' and '.join(missing)} missing."
        assert set(entry) <= {"term", "also", "says", "page", "anchor", "unless"}, f"glossary.yml, {name}: {set(entry)}"
        assert entry["page"] in ORDER, f"glossary.yml, {name}: there is no page {entry['page']!r}."
        assert str(entry["says"]).strip().endswith("."), f"glossary.yml, {name}: what it says is a sentence."
        assert name.lower() not in seen, f"glossary.yml has {name!r} twice; the first page that teaches it keeps it."
        seen.add(name.lower())


def test_a_page_teaches_the_terms_that_it_is_said_to_teach():
    for entry in TERMS:
        if (ROOT / "book" / f"{entry['page']}.ipynb").exists():
            text = " ".join(sentences(text_of(entry["page"])))
            assert pattern(entry).search(text), f"glossary.yml: {entry['term']!r} does not occur on {entry['page']}."


def test_the_page_lists_every_term_by_letters_with_its_page(site):
    page = BeautifulSoup((site / "book" / "glossary.html").read_text(), "html.parser")
    listed = [" ".join(term.find(string=True, recursive=False).split()) for term in page.select("dl.glossary > dt")]
    assert listed == sorted((entry["term"] for entry in TERMS), key=str.lower)
    where = {entry["term"]: entry["page"] for entry in TERMS}
    for term, said in zip(listed, page.select("dl.glossary > dd"), strict=True):
        assert f"{where[term]}.html" in said.select("a")[-1]["href"]


def test_the_first_use_of_a_term_on_a_page_leads_to_the_glossary(site):
    where = {entry["term"]: entry["page"] for entry in TERMS}
    glossary = BeautifulSoup((site / "book/glossary.html").read_text(), "html.parser")
    anchors = {tag["id"] for tag in glossary.select("[id]")}
    says = {BeautifulSoup(linking.sentence(term), "html.parser").get_text(): term for term in TERMS}
    together = 0
    for name in ORDER:
        if not (ROOT / "book" / f"{name}.ipynb").exists():
            continue
        page = BeautifulSoup((site / "book" / f"{name}.html").read_text(), "html.parser")
        links = page.select("a.term")
        together += len(links)
        targets = [link["href"] for link in links]
        assert len(set(targets)) == len(targets), f"{name}: a term is linked twice."
        for link in links:
            assert link["href"].removeprefix("glossary.html#") in anchors
            card = page.find(id=link["data-card"])
            term = says[card.get_text()]
            assert where[term["term"]] != name and pattern(term).fullmatch(link.text)
    assert together > 100


def test_terms_are_linked_in_running_text_only():
    score = {"term": "score", "also": [], "says": "A slope, $s < 0$ or not.", "unless": ["score equation"]}
    fisher = {"term": "score test", "says": "A test.", "page": "two"}
    html = (
        '<h2>Score</h2><p><a href="#">score</a> <code>score</code> the score equation, a score-keeper; '
        "the Scores &amp; a score test</p><p>score again</p>"
    )
    linked = linking.link_terms(html, [score, fisher], lambda name: f"g.html#{name}")
    page = BeautifulSoup(linked, "html.parser")
    assert [(link.text, link["href"]) for link in page.select("a.term")] == [
        ("Scores", "g.html#score"),
        ("score test", "g.html#score test"),
    ]
    assert page.find(id="card-0").decode_contents().endswith("\\(s &lt; 0\\)</span> or not.")
    without = page.find("div", class_="term-cards")
    without.extract()
    assert page.get_text() == BeautifulSoup(html, "html.parser").get_text()
    assert linking.link_terms(html, [score], lambda name: None) == str(BeautifulSoup(html, "html.parser"))


# --- that the test bites -----------------------------------------------------------------------------------

SCORE = {"term": "score", "also": ["score function"], "unless": ["test score"], "says": "A slope.", "page": "two"}


@pytest.mark.parametrize(
    "text, found",
    [
        ("The score is a slope.", ["score"]),
        ("Scores are slopes.", ["score"]),
        ("The `score` is code, $score$ a formula, underscore and score-keeper are other words.", []),
        ("A test score is no slope.", []),
        ("The [score](two.ipynb#a) is next. Then the score is known.", []),
        ("The score first. The [score](two.ipynb) later.", ["score"]),
        ("See the [score](three.ipynb).", ["score"]),
        ("```python\nscore\n```\nNothing.", []),
        ("- one item\n- the score\n  function", ["score"]),
    ],
)
def test_an_early_term_is_found_unless_it_is_linked(text, found):
    assert [term for term, _ in too_early(text, "one", [SCORE], set())] == found
    assert list(too_early(text, "two", [SCORE], set())) == []
    assert list(too_early(text, "three", [SCORE], {"two"})) == []
