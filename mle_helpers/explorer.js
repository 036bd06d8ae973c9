// A figure that moves. Python computed every number; this module looks them up at the controls' positions and draws.
const ROLES = ["data", "model", "estimate", "truth", "other"];
const STYLE = `
.mlx{--ink:#1b1b1b;--soft:#d9d9d9;--data:#5f5f5f;--model:#0072B2;--estimate:#C44F00;--truth:#00775a;--other:#a8568a;color:var(--ink);font:16px/1.4 system-ui,sans-serif;margin:1em 0;padding:.8em;border:1px solid var(--soft);border-radius:8px;max-width:60em}
[data-theme=dark] .mlx,[data-jp-theme-light=false] .mlx{--ink:#ececec;--soft:#4a4a4a;--data:#b4b4b4;--model:#6cc0f5;--estimate:#ff9a57;--truth:#3fcfa6;--other:#e79bcb}
.mlx .task{font-weight:600;margin:.2em 0 .6em}.mlx .panels,.mlx .controls{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,17em),1fr));gap:.4em 1.2em;margin:.5em 0}
.mlx .panels>*{max-width:34em;min-width:0}.mlx svg{width:100%;height:auto;display:block}
.mlx text{fill:var(--ink);font:14px system-ui,sans-serif}.mlx .axis,.mlx .grid,.mlx .line{stroke:var(--ink);fill:none}.mlx .grid{stroke:var(--soft)}
.mlx .line{stroke-width:2.4}.mlx .thin{stroke-width:1.1}.mlx .dash{stroke-dasharray:7 5}.mlx .soft{opacity:.45}.mlx .bar{fill-opacity:.3;stroke-width:1.5}.mlx .dot{stroke-width:1.5;fill-opacity:.75}
.mlx .handle{cursor:grab;touch-action:none;fill-opacity:.2}.mlx:not(.open) .later{display:none}
${ROLES.map((r) => `.mlx .${r}{stroke:var(--${r})}.mlx :is(.dot,.bar,.handle,text).${r}{fill:var(--${r})}`).join("")}.mlx text{stroke:none!important}
.mlx label{display:block}.mlx input[type=range]{width:100%;min-height:2em;margin:0;accent-color:var(--model);touch-action:pan-y}
.mlx fieldset{border:0;margin:0;padding:0;min-width:0}.mlx legend{padding:0}.mlx fieldset label{display:inline-flex;align-items:center;gap:.3em;min-height:2em;margin-right:1em}
.mlx output,.mlx dd{font-variant-numeric:tabular-nums;font-weight:600}.mlx dl,.mlx dl div{display:flex;flex-wrap:wrap;gap:.1em 1.4em;margin:.4em 0}.mlx dl div{gap:.5em;margin:0}.mlx dt,.mlx dd{margin:0;font-size:inherit}
.mlx button{font:inherit;color:inherit;background:none;border:1.5px solid var(--model);border-radius:6px;padding:.3em .8em;min-height:2.4em;margin:.2em .6em .2em 0;cursor:pointer}
.mlx :is(button,input):focus-visible{outline:3px solid var(--estimate);outline-offset:2px}
.mlx .said{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@media print{.mlx :is(.buttons,input){display:none}.mlx{break-inside:avoid}}`;
const WIDTH = 400, HEIGHT = 270, BOX = { left: 58, right: 388, top: 26, bottom: 222 };
const ARRAYS = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array };

function make(tag, attributes, parent, text) {
  const drawn = parent?.namespaceURI?.endsWith("svg") || tag === "svg";
  const node = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes ?? {})) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  parent?.append(node);
  return node;
}

// A packed table: whole numbers q that stand for (first + q) * step; the top code marks a gap in a line.
function unpack(packed) {
  if (!packed) return;
  const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
  const codes = new ARRAYS[packed.type](bytes.buffer);
  const gap = 2 ** (8 * codes.BYTES_PER_ELEMENT) - 1;
  const values = Float64Array.from(codes, (q) => (q === gap ? NaN : (packed.first + q) * packed.step));
  const by = packed.by ?? [], shape = packed.shape, size = shape.slice(by.length).reduce((a, b) => a * b, 1);
  return { values, size, start: (at) => by.reduce((sum, name, axis) => sum * shape[axis] + at[name], 0) * size };
}
const nearest = (values, v) => values.reduce((found, w, i) => (Math.abs(w - v) < Math.abs(values[found] - v) ? i : found), 0);
const pick = (table, at) => { const from = table.start(at); return table.values.subarray(from, from + table.size); };

function drawPanel(spec, parent, key) {
  const root = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spec.alt }, parent);
  const [x0, x1] = spec.xlim, [y0, y1] = spec.ylim;
  const px = (x) => +(BOX.left + ((x - x0) / (x1 - x0)) * (BOX.right - BOX.left)).toFixed(1);
  const py = (y) => +(BOX.bottom - ((y - y0) / (y1 - y0)) * (BOX.bottom - BOX.top)).toFixed(1);
  for (const [value, label] of spec.xticks) {
    make("line", { class: "grid", x1: px(value), x2: px(value), y1: BOX.top, y2: BOX.bottom }, root);
    make("text", { x: px(value), y: BOX.bottom + 18, "text-anchor": "middle" }, root, label);
  }
  for (const [value, label] of spec.yticks) {
    make("line", { class: "grid", x1: BOX.left, x2: BOX.right, y1: py(value), y2: py(value) }, root);
    make("text", { x: BOX.left - 6, y: py(value) + 5, "text-anchor": "end" }, root, label);
  }
  make("path", { class: "axis", d: `M${BOX.left} ${BOX.top}V${BOX.bottom}H${BOX.right}` }, root);
  make("text", { x: (BOX.left + BOX.right) / 2, y: HEIGHT - 8, "text-anchor": "middle" }, root, spec.xlabel);
  make("text", { x: 4, y: 14 }, root, spec.ylabel);
  const clip = make("clipPath", { id: key }, root);
  make("rect", { x: BOX.left, y: BOX.top - 6, width: BOX.right - BOX.left + 6, height: BOX.bottom - BOX.top + 6 }, clip);
  return { root, px, py, x0, x1, y0, y1, layer: make("g", { "clip-path": `url(#${key})` }, root) };
}

// Heights of the drawn curve (cx, cy) above the places x, for sticks that reach up to it.
function heights(x, cx, cy) {
  return Float64Array.from(x, (v) => {
    const j = cx.findIndex((c) => c >= v);
    return j > 0 ? cy[j - 1] + ((cy[j] - cy[j - 1]) * (v - cx[j - 1])) / (cx[j] - cx[j - 1]) : j === 0 && cx[0] === v ? cy[0] : 0;
  });
}

function path(x, y, count, panel) {
  let d = "", pen = "M";
  for (let i = 0; i < count; i++) {
    if (isNaN(x[i]) || isNaN(y[i])) { pen = "M"; continue; }
    d += `${pen}${panel.px(x[i])} ${panel.py(y[i])}`;
    pen = "L";
  }
  return d;
}

const stroke = (mark, panel, kind = "line") => make("path", { class: `${kind} ${mark.role} ${mark.style}` }, panel.layer);

// Each kind of mark is drawn once and returns how it follows the controls.
const MARKS = {
  line(mark, panel) {
    const node = stroke(mark, panel);
    return (x, y, at) => node.setAttribute("d", path(x, y, mark.upto ? at[mark.upto] + 1 : x.length, panel));
  },
  bars(mark, panel) {
    const half = mark.width / 2, node = stroke(mark, panel, "bar");
    return (x, y) => node.setAttribute("d", Array.from(x, (v, i) => `M${panel.px(v - half)} ${panel.py(0)}V${panel.py(y[i])}H${panel.px(v + half)}V${panel.py(0)}Z`).join(""));
  },
  sticks(mark, panel) {
    const node = stroke(mark, panel), foot = panel.py(Math.max(0, panel.y0));
    return (x, y) => node.setAttribute("d", Array.from(x, (v, i) => `M${panel.px(v)} ${foot}V${panel.py(y[i])}`).join(""));
  },
  dots(mark, panel) {
    const group = make("g", {}, panel.layer), r = mark.radius ?? 5, nodes = [];
    return (x, y, at) => {
      const count = mark.upto ? at[mark.upto] + 1 : x.length;
      while (nodes.length < count) nodes.push(make("path", { class: `dot ${mark.role} ${mark.style}`, d: mark.shape === "diamond" ? `M0 ${-r - 2}L${r + 2} 0L0 ${r + 2}L${-r - 2} 0Z` : `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0` }, group));
      nodes.forEach((node, i) => {
        const there = i < count && !isNaN(x[i]) && !isNaN(y[i]);
        node.setAttribute("visibility", there ? "inherit" : "hidden");
        if (there) node.setAttribute("transform", `translate(${panel.px(x[i])} ${panel.py(y[i])})`);
      });
    };
  },
  trace(mark, panel, seen) { // the visited part of a curve
    const node = stroke(mark, panel);
    return (x, y) => node.setAttribute("d", path(x, y.map((v, i) => (seen[mark.over]?.has(i) ? v : NaN)), x.length, panel));
  },
  words(mark, panel) {
    const node = make("text", { class: mark.role, "text-anchor": mark.anchor ?? "start" }, panel.layer, mark.text);
    return (x, y) => { node.setAttribute("x", panel.px(x[0]) + (mark.dx ?? 6)); node.setAttribute("y", panel.py(y[0]) + (mark.dy ?? -6)); };
  },
  sprite(mark, panel) { // one tile of a sheet of pictures
    const frame = make("svg", { x: BOX.left, y: BOX.top, width: BOX.right - BOX.left, height: BOX.bottom - BOX.top }, panel.layer);
    make("image", { href: mark.sheet, width: mark.columns * mark.tile, height: mark.rows * mark.tile, style: "image-rendering:pixelated" }, frame);
    return (x) => frame.setAttribute("viewBox", `${(x[0] % mark.columns) * mark.tile} ${Math.floor(x[0] / mark.columns) * mark.tile} ${mark.tile} ${mark.tile}`);
  },
};

export function mount(root, spec, onChange = () => {}) {
  const at = {}, seen = {}, key = "mlx" + Math.random().toString(36).slice(2), inputs = {}, updates = [];
  let best = {}, timer;
  root.replaceChildren();
  root.classList.add("mlx");
  make("style", {}, root, STYLE);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", spec.title);
  make("p", { class: "task" }, root, spec.task);
  const panels = make("div", { class: "panels" }, root), controls = make("div", { class: "controls" }, root);
  const list = make("dl", {}, root), buttons = make("div", { class: "buttons" }, root), said = make("p", { class: "said", "aria-live": "polite" }, root);
  const byName = Object.fromEntries(spec.controls.map((c) => [c.name, c]));
  const shown = (c, i) => c.labels[i] + (c.unit ? ` ${c.unit}` : "");

  for (const control of spec.controls) {
    at[control.name] = control.start;
    seen[control.name] = new Set();
    if (!control.values) {
      const field = make("fieldset", {}, controls);
      make("legend", {}, field, control.label);
      inputs[control.name] = control.labels.map((text, i) => {
        const label = make("label", {}, field), radio = make("input", { type: "radio", name: key + control.name, value: i }, label);
        label.append(text);
        radio.addEventListener("change", () => set({ [control.name]: i }));
        return radio;
      });
    } else {
      const label = make("label", {}, controls, `${control.label} = `), out = make("output", {}, label);
      const range = make("input", { type: "range", min: 0, max: control.labels.length - 1, step: 1, name: control.name }, label);
      range.addEventListener("input", () => set({ [control.name]: +range.value }));
      inputs[control.name] = { range, out };
    }
  }
  spec.panels.forEach((one, number) => {
    const panel = drawPanel(one, make("div", {}, panels), key + number);
    const tables = one.marks.map((mark) => [unpack(mark.x), unpack(mark.y)]);
    one.marks.forEach((mark, index) => {
      const before = panel.layer.childNodes.length, [x, y] = tables[index], curve = tables[mark.under];
      const follow = MARKS[mark.kind](mark, panel, seen);
      if (mark.reveal) for (const node of [...panel.layer.childNodes].slice(before)) node.classList.add("later");
      updates.push(() => follow(pick(x, at), y ? pick(y, at) : curve && heights(pick(x, at), pick(curve[0], at), pick(curve[1], at)), at));
    });
    if (one.drag) addHandle(one.drag, panel);
  });
  const readouts = spec.readouts.map((readout) => {
    const row = make("div", {}, list);
    make("dt", {}, row, readout.label);
    return { ...readout, table: unpack(readout.table), node: make("dd", { "data-name": readout.name }, row) };
  });
  const format = (r, value) => (isNaN(value) ? r.gap : value.toFixed(r.digits).replace("-", "−")) + (r.unit ? ` ${r.unit}` : "");
  if (spec.reveal) {
    const button = make("button", { type: "button", "aria-pressed": "false" }, buttons, spec.reveal);
    button.addEventListener("click", () => {
      const open = root.classList.toggle("open");
      button.setAttribute("aria-pressed", open);
    });
  }
  make("button", { type: "button" }, buttons, "Start again").addEventListener("click", () => {
    best = {};
    for (const c of spec.controls) seen[c.name].clear();
    set(Object.fromEntries(spec.controls.map((c) => [c.name, c.start])));
  });

  function addHandle(drag, panel) { // a point that sets two controls; the sliders do the same by keyboard
    const node = make("circle", { r: 17, class: "handle line estimate" }, panel.layer), c = [byName[drag[0]], byName[drag[1]]];
    updates.push(() => { node.setAttribute("cx", panel.px(c[0].values[at[drag[0]]])); node.setAttribute("cy", panel.py(c[1].values[at[drag[1]]])); });
    const move = (event) => {
      const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(panel.root.getScreenCTM().inverse());
      const x = panel.x0 + ((p.x - BOX.left) / (BOX.right - BOX.left)) * (panel.x1 - panel.x0);
      const y = panel.y0 + ((BOX.bottom - p.y) / (BOX.bottom - BOX.top)) * (panel.y1 - panel.y0);
      set({ [drag[0]]: nearest(c[0].values, x), [drag[1]]: nearest(c[1].values, y) });
    };
    node.addEventListener("pointerdown", (event) => { node.setPointerCapture(event.pointerId); event.preventDefault(); });
    node.addEventListener("pointermove", (event) => node.hasPointerCapture(event.pointerId) && move(event));
    panel.root.addEventListener("pointerdown", (event) => event.pointerType === "mouse" && move(event));
  }
  function set(change) {
    Object.assign(at, change);
    refresh();
    onChange(Object.fromEntries(spec.controls.map((c) => [c.name, (c.values ?? c.labels)[at[c.name]]])));
  }
  function refresh() {
    for (const control of spec.controls) {
      const i = at[control.name], input = inputs[control.name];
      seen[control.name].add(i);
      if (!control.values) input[i].checked = true;
      else { input.range.value = i; input.out.textContent = shown(control, i); input.range.setAttribute("aria-valuetext", shown(control, i)); }
    }
    for (const update of updates) update();
    const now = {};
    for (const r of readouts) {
      let value = pick(r.table, at)[0];
      if (r.best) value = best[r.name] = Math.max(best[r.name] ?? -Infinity, isNaN(value) ? -Infinity : value);
      r.node.textContent = now[r.name] = format(r, value);
    }
    for (const c of spec.controls) now[c.name] = shown(c, at[c.name]);
    clearTimeout(timer);
    timer = setTimeout(() => (said.textContent = spec.finding.replace(/\{(\w+)\}/g, (_, name) => now[name])), 400);
  }
  refresh();
  return (change) => { // values chosen in Python, moved to the nearest positions
    for (const c of spec.controls) if (c.name in change) {
      const target = change[c.name], i = c.values ? nearest(c.values, target) : c.labels.indexOf(target);
      if (i >= 0) at[c.name] = i;
    }
    refresh();
  };
}

export default {
  render({ model, el }) {
    const root = make("div", {}, el);
    const follow = mount(root, JSON.parse(model.get("spec")), (value) => { model.set("value", value); model.save_changes(); });
    model.on("change:value", () => follow(model.get("value")));
  },
};

for (const root of document.querySelectorAll("[data-explorer]:not(.mlx)")) mount(root, JSON.parse(root.querySelector("script").textContent));
