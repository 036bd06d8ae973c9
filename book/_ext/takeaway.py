"""What a reader takes away from a page: its notebook, the package that the notebook needs, and how to cite it."""

import base64
import hashlib
import json
import re
import tomllib
import zipfile
from pathlib import Path

import yaml
from markupsafe import Markup

PACKAGE, DATE = "mle_helpers", (2026, 1, 1, 0, 0, 0)
LINES = ("authors", "title", "version", "date-released")  # of CITATION.cff: what a citation cannot do without


# --- citing ------------------------------------------------------------------------------------------------


def citation(folder):
    """What CITATION.cff in ``folder`` says, or None."""
    path = Path(folder) / "CITATION.cff"
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None


def names(authors):
    """Authors as BibTeX wants them; a name that is no person's stays in one piece."""
    each = [f"{{{a['name']}}}" if "name" in a else f"{a['family-names']}, {a['given-names']}" for a in authors]
    return " and ".join(each)


def for_bibtex(text):
    """The text with the signs escaped that TeX would take for its own."""
    return re.sub(r"([&%#_])", r"\\\1", str(text))


def bibtex(cited, name, title, front, address):
    """A BibTeX entry for a page, or for the whole course where the page is its front."""
    year = str(cited["date-released"])[:4]
    fields = {"author": names(cited["authors"])}
    fields |= {"title": cited["title"]} if front else {"title": title, "booktitle": cited["title"]}
    fields |= {"year": year, "note": f"Version {cited['version']}"}
    lines = [f"  {key} = {{{for_bibtex(value)}}}" for key, value in fields.items()]
    lines += [f"  url = {{{address}}}"] if address else []
    key = "maximum-likelihood" if front else f"maximum-likelihood-{name}"
    return f"@{'book' if front else 'incollection'}{{{key},\n" + ",\n".join(lines) + "\n}"


def reference(cited, title, front, address):
    """The same in words, as markup."""
    people = ", ".join(a.get("name") or f"{a['given-names']} {a['family-names']}" for a in cited["authors"])
    year = str(cited["date-released"])[:4]
    course = Markup("<em>{}</em>, version {}.").format(cited["title"], cited["version"])
    what = course if front else Markup("{}. In {}").format(title, course)
    where = Markup(' <a href="{0}">{0}</a>').format(address) if address else ""
    return Markup("{} ({}). {}{}").format(people, year, what, where)


# --- the package -------------------------------------------------------------------------------------------


def wheel_name(project):
    return f"{PACKAGE}-{project['version']}-py3-none-any.whl"


def project_of(folder):
    """What pyproject.toml in ``folder`` says of the package, or None where there is no package."""
    path = Path(folder) / "pyproject.toml"
    there = path.is_file() and (Path(folder) / PACKAGE).is_dir()
    return tomllib.loads(path.read_text(encoding="utf-8"))["project"] if there else None


def wheel(folder, project, target):
    """Write the package, the pages' questions and checks in it, as a wheel for pip; the same files, the same bytes."""
    about = f"{PACKAGE}-{project['version']}.dist-info"
    needs = "".join(f"Requires-Dist: {need}\n" for need in project["dependencies"])
    inside = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted((Path(folder) / PACKAGE).rglob("*"))
        if path.is_file() and not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts)
    }
    practice = Path(folder) / "book" / "practice"
    for path in sorted(path for kind in ("*.py", "*.yml") for path in practice.glob(kind)):
        inside[f"{PACKAGE}/practice/pages/{path.name}"] = path.read_bytes()
    inside[f"{about}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        f"Summary: {project['description']}\nRequires-Python: {project['requires-python']}\n{needs}"
    ).encode()
    inside[f"{about}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: course\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    record = "".join(f"{name},sha256={digest(data)},{len(data)}\n" for name, data in inside.items())
    inside[f"{about}/RECORD"] = f"{record}{about}/RECORD,,\n".encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, data in inside.items():
            entry = zipfile.ZipInfo(name, DATE)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(entry, data)


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def package(app):
    """Put the package beside the pages, for whoever takes a notebook home."""
    project = project_of(app.srcdir)
    if project:
        wheel(app.srcdir, project, Path(app.outdir) / "_downloads" / wheel_name(project))


def lighten(app):
    """Leave the drawings out of the notebooks to take away: the pictures beside them show the same at half the size."""
    for path in (Path(app.outdir) / "_sources").rglob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        if "image/svg+xml" not in text:
            continue
        notebook = json.loads(text)
        for output in (output for cell in notebook["cells"] for output in cell.get("outputs", [])):
            if "image/png" in output.get("data", {}):
                output["data"].pop("image/svg+xml", None)
        path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


# --- what stands at the foot of a page ---------------------------------------------------------------------


def notebook_line(app, pagename, context):
    """Where the page's notebook lies beside it in the site, and what it takes to run it; "" for a page of prose."""
    if Path(app.env.doc2path(pagename)).suffix != ".ipynb":
        return ""
    source = context["pathto"](f"_sources/{context['sourcename']}", resource=True)
    line = Markup('<a href="{}" download>This page as a notebook</a>, with its results').format(source)
    project = project_of(app.srcdir)
    if project:
        address = context["pathto"](f"_downloads/{wheel_name(project)}", resource=True)
        line += Markup('; to run it, <code>pip install</code> the <a href="{}" download>course’s package</a>').format(
            address
        )
    return Markup("<p>{}.</p>\n").format(line)


def citing(app, pagename, title, front, context):
    """How to cite the page, folded; "" where nothing says who wrote the course."""
    cited = citation(app.srcdir)
    if not cited or not all(line in cited for line in LINES):
        return ""
    address = context.get("pageurl") or ""
    return Markup(
        '<details class="fold"><summary class="fold-title">Cite this {}</summary>\n<p>{}</p>\n'
        '<div class="highlight-none notranslate"><div class="highlight"><pre>{}</pre></div></div></details>\n'
    ).format(
        "course" if front else "page",
        reference(cited, title, front, address),
        bibtex(cited, Path(pagename).name, title, front, address),
    )


def take_away(app, pagename, title, front, context):
    """The foot of a page; on paper it would be of no use."""
    inside = notebook_line(app, pagename, context) + citing(app, pagename, title, front, context)
    return Markup('<div class="takeaway d-print-none">\n{}</div>\n').format(inside) if inside else ""
