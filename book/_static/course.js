// Small helps for the reader's page. Nothing here is needed to read it.
document.addEventListener("DOMContentLoaded", () => {
  // A formula inside a line cannot break. Where it is wider than its line, let it scroll in itself.
  const mark = () => {
    for (const formula of document.querySelectorAll("article mjx-container:not([display])")) {
      formula.classList.remove("wide");
    }
    for (const formula of document.querySelectorAll("article mjx-container:not([display])")) {
      const block = formula.closest("p, li, td, dd, dt, figcaption, h1, h2, h3, h4, .choice > span");
      const math = formula.firstElementChild;
      if (block && math && math.getBoundingClientRect().width > block.clientWidth + 0.5) {
        formula.classList.add("wide");
      }
    }
  };
  const ready = window.MathJax && window.MathJax.startup && window.MathJax.startup.promise;
  if (ready) ready.then(mark);
  let timer;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(mark, 150);
  });
});

// What MathJax has not set when it is done, or where it does not come, is read as TeX.
window.addEventListener("load", () => {
  const set = Promise.resolve(window.MathJax?.startup?.promise).catch(() => null);
  set.then(() => document.documentElement.classList.add("as-tex"));
});

// Buttons of the theme are called what they show: one said "Search" over "Search Ctrl+K", one "Color mode" over "Light",
// and the handles in the contents said nothing.
function nameButtons() {
  for (const button of document.querySelectorAll(".search-button-field[aria-label]")) button.removeAttribute("aria-label");
  for (const icon of document.querySelectorAll(".theme-switch-button .theme-switch")) {
    icon.removeAttribute("title");
    icon.querySelector("title")?.remove();
    icon.removeAttribute("aria-labelledby");
    icon.setAttribute("aria-hidden", "true");
  }
  for (const handle of document.querySelectorAll(".bd-links li.has-children > details > summary")) {
    handle.setAttribute("aria-label", `Pages below ${handle.closest("li").querySelector("a").textContent.trim()}`);
  }
}
document.addEventListener("DOMContentLoaded", nameButtons);
window.addEventListener("load", nameButtons);

// A link to a section that moved goes on to where it is now. A link into a folded box opens it. Whoever unfolds the
// answer to a question also sees what happens.
function reveal() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  const moved = target.matches(".moved") && target.querySelector("a");
  if (moved) {
    location.replace(moved.href);
    return;
  }
  const closed = [];
  for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) if (!box.open) closed.push(box);
  for (const box of closed) box.open = true;
  if (closed.length) target.scrollIntoView();
}
window.addEventListener("hashchange", reveal);
document.addEventListener("DOMContentLoaded", () => {
  reveal();
  for (const answer of document.querySelectorAll(".predict > details")) {
    const after = answer.closest(".predict").nextElementSibling;
    if (after?.matches("details.fold-answer")) {
      answer.addEventListener("toggle", () => { if (answer.open && answer.dataset.printed === undefined) after.open = true; });
    }
  }
});

// A printed page shows every folded box and cell; afterwards all is as it was.
window.addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("details:not([open])")) {
    box.open = true;
    box.dataset.printed = "";
  }
});
window.addEventListener("afterprint", () => {
  for (const box of document.querySelectorAll("details[data-printed]")) {
    box.open = false;
    delete box.dataset.printed;
  }
});
