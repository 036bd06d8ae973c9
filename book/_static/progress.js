// How far this reader is, kept on this device only and only by http: a thin bar, the place where reading stopped, ticks
// for pages read, and how many questions are answered (practice.js keeps the answers). Nothing leaves the browser; without this script, or from the disk, the pages are the same.
(() => {
  const KEY = "course-progress", ANSWERS = "course-answers", READ = 0.97;

  function load(key = KEY) {
    try {
      return JSON.parse(localStorage.getItem(key)) || {};
    } catch {
      return {}; // storage is switched off, or holds something else
    }
  }
  function store(pages) {
    try {
      localStorage.setItem(KEY, JSON.stringify(pages));
    } catch { /* then nothing is kept */ }
  }
  function make(tag, attributes, text = "") {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    node.append(text);
    return node;
  }
  const nameOf = (address) => address.pathname.match(/book\/([\w-]+)\.html$/)?.[1];

  // A tick at every link to a page that has been read: in the contents at the side, and on the map.
  function tick(pages) {
    document.querySelectorAll(".progress-tick").forEach((old) => old.remove());
    for (const link of document.querySelectorAll(".bd-links a.reference.internal, .course-map a")) {
      const drawn = link instanceof SVGElement;
      const name = nameOf(new URL(drawn ? link.getAttribute("href") : link.href, location.href));
      if (!pages[name]?.read) continue;
      if (!drawn) {
        const mark = make("span", { class: "progress-tick" }, "✓");
        mark.append(make("span", { class: "visually-hidden" }, " read"));
        link.append(mark);
        continue;
      }
      const card = link.querySelector("rect").getBBox();
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "text");
      for (const [key, value] of [["x", card.x + card.width - 22], ["y", card.y + 22], ["class", "progress-tick"]]) mark.setAttribute(key, value);
      mark.textContent = "✓";
      link.append(mark);
    }
  }

  // On the front page: how much is kept, and a button that forgets it.
  function offerToForget(pages) {
    const place = document.getElementById("reading-progress"), answers = load(ANSWERS);
    if (!place || !Object.keys({ ...pages, ...answers }).length) return;
    const questions = Object.entries(JSON.parse(place.dataset.questions));
    const read = questions.filter(([name]) => pages[name]?.read).length, all = questions.reduce((sum, [, many]) => sum + many, 0);
    const answered = questions.reduce((sum, [name, many]) => sum + Math.min(many, Object.keys(answers[name] ?? {}).length), 0);
    const button = make("button", { type: "button", class: "course-button" }, "Forget what I have read and answered");
    const said = make("span", { role: "status" }, `Read and answered in this browser: ${read} of ${questions.length} pages, ${answered} of ${all} questions. `);
    button.addEventListener("click", () => {
      for (const key of [KEY, ANSWERS]) localStorage.removeItem(key);
      tick({});
      button.remove();
      said.textContent = "Forgotten.";
    });
    place.replaceChildren(said, button);
  }

  // In the header of a page left half read: one link back to where it was.
  function offerToGoOn(page) {
    const heading = page?.at && document.getElementById(page.at)?.querySelector("h2, h3");
    const place = document.querySelector(".header-article-items__start");
    if (!heading || !place || location.hash) return;
    const words = [...heading.childNodes].filter((node) => !node.classList?.contains("headerlink")).map((node) => node.textContent);
    const link = make("a", { class: "go-on", href: `#${page.at}` }, `Go on: ${words.join("").trim()}`);
    link.addEventListener("click", () => link.remove());
    place.append(link);
  }

  function follow(name, pages) {
    const article = document.querySelector("article.bd-article");
    const bar = make("div", { class: "reading-bar", "aria-hidden": "true" });
    document.body.append(bar);
    const sections = [...article.querySelectorAll("section[id]")].filter((section) => section.querySelector(":scope > :is(h2, h3)"));
    let waiting = 0, moved = false;
    const look = () => {
      waiting = 0;
      const box = article.getBoundingClientRect();
      const share = Math.min(1, Math.max(0, (innerHeight - box.top) / Math.max(1, box.height)));
      const begun = box.top < 0 ? share : 0;
      bar.style.transform = `scaleX(${begun})`;
      const here = sections.filter((section) => section.getBoundingClientRect().top < innerHeight / 3).at(-1);
      const was = pages[name] || {};
      const read = was.read || (moved && share > READ);
      pages[name] = { ...(read && { read }), ...(here && share < READ && { at: here.id }) };
    };
    const keep = () => {
      if (!moved) return;
      const all = load(); // another tab may have added to it
      if (JSON.stringify(all[name]) === JSON.stringify(pages[name])) return;
      all[name] = { ...pages[name], ...(all[name]?.read && { read: true }) };
      store(all);
      tick(all);
    };
    addEventListener("scroll", () => {
      moved = true;
      waiting ||= requestAnimationFrame(() => {
        look();
        keep();
      });
    }, { passive: true });
    addEventListener("resize", look);
  }

  document.addEventListener("DOMContentLoaded", () => {
    const name = nameOf(location);
    if (!name || !location.protocol.startsWith("http")) return;
    const pages = load();
    tick(pages);
    offerToForget(pages);
    if (name === "index") return;
    offerToGoOn(pages[name]);
    follow(name, pages);
  });
})();
