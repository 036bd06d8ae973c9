"""What the answers to questions after outside links mean."""

import pytest

from tools.links import summary, verdict


def answer(status, info="", code=0):
    return {
        "filename": "book/a.md",
        "lineno": 3,
        "status": status,
        "code": code,
        "uri": "https://a.org/b",
        "info": info,
    }


MEANING = [
    (answer("working"), "works"),
    (answer("redirected", "https://a.org/c", 302), "works"),
    (answer("unchecked"), "inside"),
    (answer("broken", "404 Client Error: Not Found for url: https://a.org/b"), "gone"),
    (answer("broken", "410 Client Error: Gone for url: https://a.org/b"), "gone"),
    (answer("broken", "Max retries exceeded (Caused by NameResolutionError(\"Failed to resolve 'a.org'\"))"), "gone"),
    (answer("broken", "403 Client Error: Forbidden for url: https://a.org/b"), "unsure"),
    (answer("broken", "429 Client Error: Too Many Requests"), "unsure"),
    (answer("broken", "503 Server Error: for url: https://doi.org/10.1000/404"), "unsure"),
    (answer("timeout", "Read timed out"), "unsure"),
    (answer("rate-limited"), "unsure"),
]


@pytest.mark.parametrize("said, meaning", MEANING)
def test_what_an_answer_means(said, meaning):
    assert verdict(said) == meaning


def test_a_link_that_is_gone_is_named_and_fails():
    lines, code = summary([answer("working"), answer("unchecked"), answer("broken", "404 Client Error: Not Found")])
    assert code == 1
    assert lines == [
        "GONE    book/a.md: https://a.org/b (404 Client Error: Not Found)",
        "1 links lead somewhere, 0 could not be asked, 1 are gone.",
    ]


def test_a_site_that_turns_robots_away_is_named_and_no_failure():
    lines, code = summary([answer("working"), answer("broken", "403 Client Error: Forbidden")])
    assert code == 0 and lines[0].startswith("unsure  book/a.md: https://a.org/b (403")


def test_without_a_network_one_sentence_says_so():
    nowhere = answer("broken", "NameResolutionError")
    assert summary([nowhere, nowhere, answer("unchecked")]) == (["No link could be asked. Is this machine online?"], 1)
