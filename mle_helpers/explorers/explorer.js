// A figure that moves. Python computed every number; this module looks them up at the controls' positions and draws.
const STYLE = `
.mlx{--ink:#1b1b1b;--paper:#fff;--soft:#d9d9d9;--data:#5f5f5f;--model:#0072B2;--estimate:#C44F00;--truth:#00775a;--other:#a8568a;
color:var(--ink);font:16px/1.4 system-ui,sans-serif;margin:1em 0;padding:.8em;border:1px solid var(--soft);border-radius:8px;max-width:60em;
.task{font-weight:600;margin:.2em 0 .6em}
.panels,.controls{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17em),1fr));gap:.4em 1.2em;margin:.5em 0}
.panels{row-gap:0}.panel{display:grid;grid-template-rows:subgrid;grid-row:span 3;max-width:34em;min-width:0;font-size:.9em}
.above{align-self:end}.across{text-align:center;padding:0 0 .6em 3em}.frame{container-type:inline-size}
.frame>svg{width:100%;height:auto;display:block;overflow:visible}text{fill:currentColor;font-size:14px}@container (max-width:23em){text{font-size:17px}}
.axis,.grid,.line{stroke:currentColor;fill:none}.grid{color:var(--soft)}.line{stroke-width:2.4;stroke-linejoin:round}.thin{stroke-width:1.1}.dash{stroke-dasharray:7 5}.soft{opacity:.45}
.bead{stroke-width:7;stroke-linecap:round;stroke-dasharray:none}.bar,.dot,.handle{fill:currentColor;stroke:currentColor;stroke-width:1.5;fill-opacity:.3}.dot{fill-opacity:.75}
.handle{fill-opacity:.2;cursor:grab}&:not(.open) .later,&.moved .hint{display:none}${["data", "model", "estimate", "truth", "other"].map((r) => `.${r}{color:var(--${r})}`).join("")}
label{display:block}input[type=range]{width:100%;min-height:2em;margin:0;accent-color:var(--model)}
fieldset{border:0;margin:0;padding:0;min-width:0}legend{padding:0;font:inherit}fieldset label{display:inline-flex;align-items:center;gap:.3em;min-height:2em;margin-right:1em}
.numbers{display:flex;flex-wrap:wrap;gap:.1em 1.4em;margin:.4em 0}b{font-variant-numeric:tabular-nums;font-weight:600}
button{font:inherit;color:inherit;background:none;border:1.5px solid var(--model);border-radius:6px;padding:.3em .8em;min-height:2.4em;margin:.2em .6em .2em 0;cursor:pointer}
button[aria-pressed=true]{background:var(--model);color:var(--paper)}button:focus-visible,input:focus-visible{outline:3px solid var(--estimate);outline-offset:2px}
.said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media print{break-inside:avoid;.buttons,input{display:none}}}
@media screen{[data-theme=dark] .mlx,[data-jp-theme-light=false] .mlx{--ink:#ececec;--paper:#14181e;--soft:#4a4a4a;--data:#b4b4b4;--model:#6cc0f5;--estimate:#ff9a57;--truth:#3fcfa6;--other:#e79bcb}}`;
const LEFT = 60, TOP = 8, WIDE = 325, HIGH = 204, BOTTOM = TOP + HIGH; // the box of the axes, on a sheet of 400 × 236

function make(tag, attributes, parent, text = "") {
  const drawn = tag === "svg" || parent?.ownerSVGElement !== undefined;
  const node = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(text);
  parent?.append(node);
  return node;
}

// A packed table: whole numbers q that stand for (first + q) * step; the top code marks a gap.
// Gives back from(at), where the numbers for the controls' positions start, and pick(at), these numbers.
function unpack(packed) {
  if (!packed) return;
  const codes = new { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array }[packed.type](Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0)).buffer);
  const gap = 2 ** (8 * codes.BYTES_PER_ELEMENT) - 1, { by, shape, first, step } = packed;
  const values = Float64Array.from(codes, (q) => (q === gap ? NaN : (first + q) * step));
  const size = shape.slice(by.length).reduce((a, b) => a * b, 1);
  const from = (at) => by.reduce((sum, name, axis) => sum * shape[axis] + at[name], 0) * size;
  return { from, pick: (at) => values.subarray(from(at), from(at) + size) };
}

function drawPanel(spec, parent, key) {
  const holder = make("div", { class: "panel" }, parent);
  make("div", { class: "above" }, holder, spec.ylabel);
  const root = make("svg", { viewBox: "0 0 400 236", role: "img", "aria-label": spec.alt }, make("div", { class: "frame" }, holder));
  make("div", { class: "across" }, holder, spec.xlabel);
  const [x0, x1] = spec.xlim, [y0, y1] = spec.ylim;
  const px = (x) => +(LEFT + ((x - x0) / (x1 - x0)) * WIDE).toFixed(1);
  const py = (y) => +(BOTTOM - ((y - y0) / (y1 - y0)) * HIGH).toFixed(1);
  for (const [value, label] of spec.xticks) {
    make("path", { class: "grid", d: `M${px(value)} ${TOP}v${HIGH}` }, root);
    make("text", { x: px(value), y: BOTTOM + 19, "text-anchor": "middle" }, root, label);
  }
  for (const [value, label] of spec.yticks) {
    make("path", { class: "grid", d: `M${LEFT} ${py(value)}h${WIDE}` }, root);
    make("text", { x: LEFT - 6, y: py(value) + 5, "text-anchor": "end" }, root, label);
  }
  if (spec.xticks.length) make("path", { class: "axis", d: `M${LEFT} ${TOP}v${HIGH}h${WIDE}` }, root);
  make("rect", { x: LEFT, y: 2, width: WIDE + 6, height: BOTTOM - 2 }, make("clipPath", { id: key }, root));
  return { root, px, py, layer: make("g", { "clip-path": `url(#${key})` }, root) };
}

// Heights of the drawn curve (cx, cy) above the places x, for sticks that reach up to it.
function heights(x, cx, cy) {
  return Float64Array.from(x, (v) => {
    const j = cx.findIndex((c) => c >= v);
    return j > 0 ? cy[j - 1] + ((cy[j] - cy[j - 1]) * (v - cx[j - 1])) / (cx[j] - cx[j - 1]) : 0;
  });
}

function path(x, y, [first, last], panel) {
  let d = "", pen = "M";
  for (let i = first; i <= last; i++) {
    if (isNaN(x[i]) || isNaN(y[i])) { pen = "M"; continue; }
    d += `${pen}${panel.px(x[i])} ${panel.py(y[i])}`;
    pen = "L";
  }
  return d;
}

const place = (node, panel, x, y, size = 1) => node.setAttribute("transform", `translate(${panel.px(x)} ${panel.py(y)})scale(${size.toFixed(2)})`);
const stroke = (mark, panel, kind = "line") => make("path", { class: `${kind} ${mark.role} ${mark.style}` }, panel.layer);

// Each kind of mark is drawn once and returns how it follows the controls; span is the part of it that is seen.
const MARKS = {
  line(mark, panel) {
    const node = stroke(mark, panel), beads = mark.beads && stroke(mark, panel, "line bead");
    return (x, y, span) => {
      const d = path(x, y, span, panel);
      node.setAttribute("d", d);
      beads?.setAttribute("d", d.replace(/[ML]([^ML]+)/g, "M$1h0"));
    };
  },
  bell(mark, panel) { // weight, mean and spread of a Gaussian, upwards or downwards
    const node = stroke(mark, panel);
    return (x, [w, m, s], span) => node.setAttribute("d", path(x, Array.from(x, (v) => (mark.up * w * Math.exp(-(((v - m) / s) ** 2) / 2)) / (s * Math.sqrt(2 * Math.PI))), [0, x.length - 1], panel));
  },
  bars(mark, panel) {
    const half = mark.width / 2, node = stroke(mark, panel, "bar");
    return (x, y) => node.setAttribute("d", Array.from(x, (v, i) => `M${panel.px(v - half)} ${panel.py(0)}V${panel.py(y[i])}H${panel.px(v + half)}V${panel.py(0)}Z`).join(""));
  },
  sticks(mark, panel) {
    const node = stroke(mark, panel), foot = Math.min(BOTTOM, panel.py(0));
    return (x, y) => node.setAttribute("d", Array.from(x, (v, i) => `M${panel.px(v)} ${foot}V${panel.py(y[i])}`).join(""));
  },
  dots(mark, panel) { // all in one path: a node for each would take ten times as long to move
    const node = stroke(mark, panel, "dot"), radius = mark.radius ?? 5, grow = mark.shape === "diamond" ? radius + 2 : radius;
    return (x, y, span, sizes) => node.setAttribute("d", Array.from(x, (v, i) => {
      const r = +(grow * (sizes?.[i] ?? 1)).toFixed(1);
      if (i > span[1] || !(r > 0 && v + y[i] < Infinity)) return "";
      const rest = grow > radius ? `m0 ${-r}l${r} ${r} ${-r} ${r} ${-r} ${-r}Z` : `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
      return `M${panel.px(v)} ${panel.py(y[i])}${rest}`;
    }).join(""));
  },
  words(mark, panel) {
    const node = make("text", { class: mark.role, "text-anchor": mark.anchor ?? "start", x: mark.dx ?? 6, y: mark.dy ?? -6 }, panel.layer, mark.text);
    return (x, y) => place(node, panel, x[0], y[0]);
  },
  belt(mark, panel) { // the interval of every count k of n, one above the other; samples are drawn at random on request
    const [hit, miss, last] = [[mark.role, "thin"], ["estimate", "thin dash"], ["data", ""]].map(([role, style]) => stroke({ role, style }, panel));
    const truth = unpack(mark.truth), { px, py, run } = panel;
    return (low, high, span, chance, at) => {
      const n = low.findLastIndex((v) => !isNaN(v)), [t] = truth.pick(at), covers = (k) => low[k] <= t && t <= high[k];
      const piece = (k) => `M${px(low[k])} ${py(k / n)}H${Math.max(px(high[k]), px(low[k]) + 2)}`;
      const all = (wanted) => Array.from({ length: n + 1 }, (_, k) => (covers(k) === wanted ? piece(k) : "")).join("");
      hit.setAttribute("d", all(true));
      miss.setAttribute("d", all(false));
      last.setAttribute("d", "");
      run.drawn = run.hits = 0;
      run.next = (count) => {
        for (; count > 0; count--) {
          const u = Math.random(), k = chance.findIndex((c) => u < c) >>> 0;
          run.hits += covers(Math.min(k, n));
          run.drawn++;
          last.setAttribute("d", piece(Math.min(k, n)));
        }
      };
    };
  },
  sprite(mark, panel) { // one tile of a sheet of pictures
    const [wide, high, columns, rows] = mark.tiles, width = (HIGH * wide) / high;
    const frame = make("svg", { x: LEFT + (WIDE - width) / 2, y: TOP, width, height: HIGH }, panel.layer);
    make("image", { href: mark.sheet, width: columns * wide, height: rows * high, style: "image-rendering:pixelated" }, frame);
    return ([i]) => frame.setAttribute("viewBox", `${(i % columns) * wide} ${Math.floor(i / columns) * high} ${wide} ${high}`);
  },
};

export function mount(root, spec, onChange = () => {}) {
  const at = {}, seen = {}, inputs = {}, updates = [], byName = {}, now = {}, run = {};
  const key = "mlx" + (window.mlxCount = (window.mlxCount ?? 0) + 1); // figures of a page stay apart
  let best = {}, timer;
  root.replaceChildren();
  root.classList.add("mlx");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", spec.title);
  make("style", {}, root, STYLE);
  make("p", { class: "task" }, root, spec.task);
  const panels = make("div", { class: "panels" }, root), controls = make("div", { class: "controls" }, root);
  const list = make("div", { class: "numbers" }, root), buttons = make("div", { class: "buttons" }, root), said = make("p", { class: "said", "aria-live": "polite" }, root);

  for (const control of spec.controls) {
    const { name, label, labels, start } = byName[control.name] = control;
    at[name] = start;
    seen[name] = [start, start];
    const holder = make(control.values ? "label" : "fieldset", {}, controls, control.values ? `${label} = ` : "");
    if (control.values) {
      const out = make("b", {}, holder), range = make("input", { type: "range", min: 0, max: labels.length - 1, name }, holder);
      range.addEventListener("input", () => set({ [name]: +range.value }));
      inputs[name] = { range, out };
    } else {
      make("legend", {}, holder, label);
      inputs[name] = labels.map((text, i) => {
        const one = make("label", {}, holder), radio = make("input", { type: "radio", name: key + name, value: i }, one);
        one.append(text);
        radio.addEventListener("change", () => set({ [name]: i }));
        return radio;
      });
    }
  }
  spec.panels.forEach((one, number) => {
    const panel = drawPanel(one, panels, key + number);
    const tables = one.marks.map((mark) => [mark.x, mark.y, mark.size].map(unpack));
    one.marks.forEach((mark, index) => {
      const used = [...tables[index], ...(tables[mark.under] ?? [])];
      const follow = MARKS[mark.kind](mark, { ...panel, run, layer: make("g", { class: mark.when ?? "" }, panel.layer) });
      let drawn;
      updates.push(() => {
        const span = seen[mark.over] ?? [0, at[mark.upto] ?? Infinity], wanted = `${[span, used.map((t) => t?.from(at))]}`;
        if (wanted === drawn) return;
        drawn = wanted;
        const [x, y, size, cx, cy] = used.map((t) => t?.pick(at));
        follow(x, cx ? heights(x, cx, cy) : y, [span[0], Math.min(span[1], x.length - 1)], size, at);
      });
    });
    if (one.drag && typeof one.drag[0] === "string") addHandle(one.drag.map((name) => byName[name]), panel);
    else for (const [name, height] of one.drag ?? []) addHandle([byName[name]], panel, height);
  });
  const readouts = spec.readouts.map((readout) => {
    const node = make("b", { "data-name": readout.name }, make("div", {}, list, `${readout.label} `));
    return { ...readout, table: unpack(readout.table), node };
  });
  const button = (text, act, more) => make("button", { type: "button", ...more }, buttons, text).addEventListener("click", act);
  const open = (wanted) => buttons.querySelector("[aria-pressed]")?.setAttribute("aria-pressed", root.classList.toggle("open", wanted));
  const [along, ...letters] = spec.stepper ?? []; // pressed twice, a step changes nothing the second time
  letters.forEach((text, turn) => button(text, () => set({ [along]: Math.min(at[along] + (at[along] % 2 === turn), byName[along].labels.length - 1) })));
  if (spec.reveal) button(spec.reveal, () => open(), { "aria-pressed": false });
  if (spec.run) addRun(spec.run);
  button("Start again", () => {
    best = {};
    run.stop?.();
    run.drawn = run.hits = 0;
    for (const c of spec.controls) at[c.name] = seen[c.name][0] = seen[c.name][1] = c.start;
    set({});
    open(false);
    root.classList.remove("moved");
  });

  function addHandle([across, up], panel, height) { // a point that sets two sliders, or one
    const node = make("circle", { r: 18, class: `handle ${height < 0 ? "model" : "estimate"}` }, panel.layer);
    updates.push(() => place(node, panel, across.values[at[across.name]], up ? up.values[at[up.name]] : height));
    const nearest = (places, p) => places.reduce((found, q, i) => (Math.abs(q - p) < Math.abs(places[found] - p) ? i : found), 0);
    const drag = (event) => {
      const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(panel.root.getScreenCTM().inverse());
      set({ [across.name]: nearest(across.values.map(panel.px), p.x), ...(up && { [up.name]: nearest(up.values.map(panel.py), p.y) }) });
    };
    panel.root.addEventListener("pointerdown", (event) => {
      if ((!up || event.pointerType !== "mouse") && event.target !== node) return; // a finger beside the ring scrolls the page
      event.preventDefault();
      node.setPointerCapture(event.pointerId);
      drag(event);
    });
    node.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false }); // or the page scrolls away
    node.addEventListener("pointermove", (event) => node.hasPointerCapture(event.pointerId) && drag(event));
  }
  function addRun([go, halt, thousand]) { // nothing runs until the reader asks; with reduced motion nothing ever does
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches, idle = calm ? thousand : go;
    const out = make("b", { class: "ran" }, make("div", {}, list, "coverage so far "));
    let clock = 0;
    updates.push(run.tell = () => {
      const { hits, drawn } = run, p = (hits + 2) / (drawn + 4); // so that 3 hits in 3 do not claim an error of 0
      const error = (100 * Math.sqrt((p * (1 - p)) / drawn)).toFixed(1);
      out.textContent = drawn ? `${((100 * hits) / drawn).toFixed(1)} % ± ${error} (${drawn} samples)` : "none drawn";
    });
    run.stop = () => {
      clearInterval(clock);
      clock = 0;
      node.textContent = idle;
      said.textContent = "coverage so far " + out.textContent;
    };
    const draw = (count) => {
      run.next(count);
      run.tell();
      if (run.drawn >= 1e5 || !root.isConnected || calm) run.stop();
    };
    const node = make("button", { type: "button" }, buttons, idle);
    node.addEventListener("click", () => {
      root.classList.add("moved");
      if (clock) run.stop();
      else if (calm) draw(1000);
      else { node.textContent = halt; clock = setInterval(() => draw(1 + (run.drawn >> 5)), 150); }
    });
  }
  function set(change) {
    move(along && !(along in change) ? { ...change, [along]: byName[along].start } : change);
    onChange({ ...at });
  }
  function move(change) {
    Object.assign(at, change);
    root.classList.add("moved");
    refresh();
    clearTimeout(timer);
    timer = setTimeout(say, 400);
  }
  function refresh() {
    for (const { name, labels, unit, values } of spec.controls) {
      const i = at[name], input = inputs[name], [low, high] = seen[name];
      seen[name] = [Math.min(low, i), Math.max(high, i)]; // what a slider jumps over counts as visited
      now[name] = labels[i] + unit;
      if (!values) input[i].checked = true;
      else { input.range.value = i; input.out.textContent = now[name]; input.range.setAttribute("aria-valuetext", now[name]); }
    }
    for (const update of updates) update();
    for (const { name, table, node, digits, unit, gap, ...r } of readouts) {
      let [value] = table.pick(at);
      if (r.best) value = best[name] = Math.max(best[name] ?? -Infinity, isNaN(value) ? -Infinity : value);
      node.textContent = now[name] = isFinite(value) ? value.toFixed(digits).replace("-", "−") + unit : gap;
    }
  }
  const say = () => (said.textContent = spec.finding.replace(/{(.+?)}/g, (_, name) => now[name]));
  for (const node of root.querySelectorAll("input, button")) node.dataset.lmSuppressShortcuts = ""; // JupyterLab leaves them their keys
  refresh();
  say();
  return (positions) => spec.controls.some((c) => positions[c.name] !== at[c.name]) && move(positions);
}

export default {
  render({ model, el }) {
    const follow = mount(make("div", {}, el), JSON.parse(model.get("spec")), (at) => { model.set("at", at); model.save_changes(); });
    const heard = () => follow(model.get("at"));
    model.on("change:at", heard);
    heard();
    return () => model.off("change:at", heard);
  },
};

for (const root of document.querySelectorAll("[data-explorer]:not(.mlx)")) mount(root, JSON.parse(root.querySelector("script").textContent));
