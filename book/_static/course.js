// Small helps for the reader's page. Nothing here is needed to read it.
document.addEventListener("DOMContentLoaded", () => {
  // A formula inside a line cannot break. Where it is wider than its line, let it scroll in itself.
  const mark = () => {
    for (const formula of document.querySelectorAll("article mjx-container:not([display])")) {
      formula.classList.remove("wide");
    }
    for (const formula of document.querySelectorAll("article mjx-container:not([display])")) {
      const block = formula.closest("p, li, td, dd, dt, figcaption, h1, h2, h3, h4");
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
