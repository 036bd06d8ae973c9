"""The list of sources agrees with the text, which cites by author and year: family name first, then the year.

Alphabetical by family name, whatever its accents; works of the same author by year. `references.bib` tells two of the
same author and year apart by a letter.
"""

import copy
import dataclasses
import unicodedata

import sphinxcontrib.bibtex.plugin as bibtex
from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style as Plain
from pybtex.style.sorting import BaseSortingStyle
from pybtex.style.template import field, join, names, optional, sentence, words
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle


def plain_letters(text):
    """Small letters without accents and braces, to sort by."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if letter.isalnum() or letter == " ")


class ByName(BaseSortingStyle):
    def sorting_key(self, entry):
        people = [[*person.last_names, *person.first_names, *person.middle_names] for person in entry.persons["author"]]
        return [plain_letters(" ".join(person)) for person in people], entry.fields.get("year", "")


class AuthorYear(Plain):
    """Pybtex's plain list, but "Wu, C. F. Jeff (1983). On the convergence …", without the year at the end."""

    default_name_style = "lastfirst"
    default_sorting_style = "by_name"

    def format_entry(self, label, entry, bib_data=None):
        dated = copy.deepcopy(entry)
        if "year" in dated.fields:
            dated.fields["said year"] = dated.fields["year"]
            dated.fields["year"] = ""
        return super().format_entry(label, dated, bib_data)

    def format_names(self, role, as_sentence=True):
        said = names(role, sep="; ", sep2="; ", last_sep="; ")
        if role != "author":
            return super().format_names(role, as_sentence)
        return sentence[words[said, optional[join["(", field("said year"), ")"]]]]


def brackets():
    return BracketStyle(left="[", right="]", sep="; ")


@dataclasses.dataclass
class AuthorYearBrackets(AuthorYearReferenceStyle):
    """[Fisher, 1912; Fisher, 1921], where the extension's own would put commas throughout."""

    bracket_parenthetical: BracketStyle = dataclasses.field(default_factory=brackets)


def setup(app):
    register_plugin("pybtex.style.formatting", "course", AuthorYear, force=True)
    register_plugin("pybtex.style.sorting", "by_name", ByName, force=True)
    bibtex.register_plugin("sphinxcontrib.bibtex.style.referencing", "course", AuthorYearBrackets, force=True)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
