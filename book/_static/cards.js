// Small cards: what a reference points to, shown beside it, by pointer or by keyboard. Nothing is fetched for them.
(() => {
  const SHOWN = ".exercise, .solution, figure, .math, .proof, dl, .admonition"; // what is worth a card on this page
  const DELAY = 180; // ms, so that a pointer on its way elsewhere opens nothing

  // A copy that is safe to show beside the original: no id twice, nothing to click or to stop at.
  function copy(node) {
    const clone = node.cloneNode(true);
    clone.querySelectorAll("script, details, button, .headerlink, mjx-assistive-mml").forEach((part) => part.remove());
    for (const part of [clone, ...clone.querySelectorAll("*")]) {
      part.removeAttribute("id");
      part.removeAttribute("tabindex");
    }
    clone.querySelectorAll("a").forEach((link) => link.replaceWith(...link.childNodes));
    return clone;
  }

  // What the card of this link holds, or nothing: what the glossary says of a term, a note of its own (sources have
  // one), or its target on this page.
  function content(link) {
    const said = link.dataset.card && document.getElementById(link.dataset.card);
    if (said) return copy(said);
    const note = link.dataset.note || link.getAttribute("title");
    if (note) {
      link.dataset.note = note;
      link.removeAttribute("title"); // else the browser shows it a second time
      return document.createTextNode(note);
    }
    if (link.origin + link.pathname !== location.origin + location.pathname || !link.hash) return null;
    const target = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const shown = target?.matches(SHOWN) ? target : target?.matches("span, a") ? target.nextElementSibling : null;
    return shown?.matches(SHOWN) ? copy(shown) : null;
  }

  document.addEventListener("DOMContentLoaded", () => {
    const links = [...document.querySelectorAll('article a.reference[href*="#"], article a.varies-link')];
    const card = document.createElement("div");
    card.id = "reference-card";
    card.className = "reference-card";
    card.setAttribute("role", "tooltip");
    card.hidden = true;
    let owner = null, timer = 0;

    function hide() {
      clearTimeout(timer);
      owner?.removeAttribute("aria-describedby");
      owner = null;
      card.hidden = true;
    }
    function show(link) {
      clearTimeout(timer);
      if (link === owner) return;
      const inside = content(link);
      hide();
      if (!inside) return;
      owner = link;
      card.replaceChildren(inside);
      (link.closest("article") || document.body).append(card);
      card.hidden = false;
      link.setAttribute("aria-describedby", card.id);
      place(link);
    }
    // Below the line of the link, or above it where there is more room; inside the window in any case. Above, its foot is
    // what stands still: a picture that arrives late makes it higher.
    function place(link) {
      const at = [...link.getClientRects()].at(-1), room = innerHeight - at.bottom;
      const width = document.documentElement.clientWidth, box = card.getBoundingClientRect();
      const above = room < box.height + 12 && at.top > room;
      card.style.left = `${Math.max(8, Math.min(at.left, width - box.width - 8))}px`;
      card.style.top = above ? "auto" : `${at.bottom + 6}px`;
      card.style.bottom = above ? `${innerHeight - at.top + 6}px` : "auto";
      card.style.maxHeight = `${(above ? at.top : room) - 14}px`;
    }
    const later = (action) => {
      clearTimeout(timer);
      timer = setTimeout(action, DELAY);
    };
    for (const link of links) {
      link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && later(() => show(link)));
      link.addEventListener("pointerleave", () => later(hide));
      link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
      link.addEventListener("blur", hide);
      link.addEventListener("click", hide);
    }
    card.addEventListener("pointerenter", () => clearTimeout(timer));
    card.addEventListener("pointerleave", () => later(hide));
    addEventListener("keydown", (event) => event.key === "Escape" && hide());
    addEventListener("scroll", () => owner && place(owner), { passive: true });
    addEventListener("resize", hide);
  });
})();
