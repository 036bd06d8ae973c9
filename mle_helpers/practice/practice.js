// Questions that answer back. Each box holds its reasons, folded, and the few numbers by which an answer is judged; this
// module puts controls in the place of the folds and shows the reason for what the reader chose. Nothing is fetched, and
// what a reader types is never run: formulas are read by the small parser below.
const STYLE = `
.practice{--q:var(--course-predict,#a0628f);--yes:var(--course-exercise,#00775a);--back:var(--pst-color-background,var(--jp-layout-color0,#fff));
&>details,&>ul.choices{display:none}
form{margin:0 .4rem .4rem}&>.ask{margin-bottom:.7rem}fieldset{border:0;margin:0;padding:0;min-width:0}
.choice,.items>li{display:flex;gap:.7rem;align-items:center;min-height:2.75rem;padding:.3rem .8rem;margin:0 0 .35rem;border:1px solid color-mix(in srgb,var(--q) 40%,transparent);border-radius:.4rem;background:var(--back);box-sizing:border-box}
.choice{cursor:pointer;&:hover{border-color:var(--q)}&:has(:checked){box-shadow:inset 3px 0 var(--q)}}
.choice>span,.items>li>span{flex:1;min-width:0}
.choice input{flex:none;width:1.2rem;height:1.2rem;margin:0;accent-color:var(--q)}
.choice[data-tried]::after{font-weight:700}.choice[data-tried=yes]::after{content:"✓" / "right";color:var(--yes)}.choice[data-tried=no]::after{content:"✗" / "not so";color:var(--q)}
.items{list-style:none;margin:0;padding:0;counter-reset:i}.items>li{counter-increment:i;padding-right:.3rem;&::before{content:counter(i);font-weight:700;color:var(--q)}}
.field{display:flex;flex-wrap:wrap;gap:.2rem .6rem;align-items:center}
input[type=text]{font:inherit;font-size:max(1em,16px);color:inherit;background:var(--back);border:1.5px solid var(--q);border-radius:.4rem;min-height:2.75rem;padding:.2rem .7rem;box-sizing:border-box;width:12em;max-width:100%}
&.kind-formula input[type=text]{width:24em;font-family:ui-monospace,monospace}
.hint{font-size:.9em;margin:.3rem 0 0}
button{font:600 .95rem/1.3 var(--course-sans,inherit);color:var(--q);background:none;border:1.5px solid currentcolor;border-radius:.4rem;min-height:2.75rem;min-width:2.75rem;padding:.3rem .9rem;cursor:pointer;&:hover{background:color-mix(in srgb,var(--q) 10%,transparent)}&[aria-disabled=true]{opacity:.4}}
button[type=submit]{color:var(--back);background:var(--q);border-color:var(--q);&:hover{filter:brightness(1.1)}}
.items button{border:0;padding:0;font-size:1.2rem}
.buttons{display:flex;flex-wrap:wrap;gap:.5rem;margin:.6rem 0 0}
:is(input,button):focus-visible{outline:3px solid var(--course-orange,#c44f00);outline-offset:2px}
.said:not(:empty){margin:.8rem .4rem .6rem;padding:.1rem 0 .1rem .9rem;border-left:3px solid var(--q);&.yes{border-color:var(--yes)}}
.answer{font-weight:600}.said p{margin:0 0 .5rem;&:last-child{margin:0}}
.said strong{color:var(--q);&.yes{color:var(--yes);&::before{content:"✓ " / ""}}&.no::before{content:"✗ " / ""}}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media print{form,.said{display:none}&>details{display:block}&>ul.choices{display:revert}}}`;

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// --- the language of formulas: numbers, symbols, + - * / ^, brackets, a few functions; a missing * is put in ------------
const GREEK = Object.fromEntries("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho varsigma sigma tau upsilon phi chi psi omega".split(" ").map((name, i) => [String.fromCharCode(945 + i), name]));
const LANCZOS = [676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7];
function lgamma(x) {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - lgamma(1 - x);
  const t = x + 6.5, sum = LANCZOS.reduce((s, c, i) => s + c / (x + i), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
const gamma = (x) => (x > 0 ? Math.exp(lgamma(x)) : NaN);
const FUNCTIONS = {
  ...{ log: Math.log, ln: Math.log, exp: Math.exp, sqrt: Math.sqrt, abs: Math.abs, log10: Math.log10, log2: Math.log2, log1p: Math.log1p, expm1: Math.expm1 },
  ...{ gamma, lgamma, gammaln: lgamma, factorial: (x) => gamma(x + 1) },
};
FUNCTIONS.comb = FUNCTIONS.binom = FUNCTIONS.choose = (n, k) => Math.exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1));
const CONSTANTS = { pi: Math.PI, e: Math.E };

// One spelling for each name: Greek letters spelt out, x̄ as xbar, no underscores.
const plain = (name) => [...name].map((c) => GREEK[c] ?? c).join("").replaceAll("_", "");
// What people write for the signs of the language, some of it in TeX. What stands before "=" is left out.
const HABITS = [
  [/^(?:[^={]|\{[^=}]*\})*=/, ""], [/\b(?:np|math)\./g, ""], [/\blam(?:bd)?\b/g, "lambda"], [/Γ/g, "gamma"], [/\|([^|]*)\|/g, "abs($1)"], [/\^\s*\{([^{}]*)\}/g, "^($1)"], [/([\p{L}])\u0304/gu, "$1bar"], [/([\p{L}])\u0302/gu, "$1hat"], [/\\(?:bar|overline)\s*\{?\s*([a-z])\s*\}?/gi, "$1bar"],
  [/(Σ|∑|\bsum)(?:_?[({]?i *= *1[)}]?\^?[({]?n[)}]?|_i\b)/g, "$1 "], [/\\[dt]?frac\s*([a-z\d])\s*(\\?[a-z]+|\d)/gi, "(($1)/($2))"], ...Array(3).fill([/\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}/g, "(($1)/($2))"]), [/\\(?:cdot|times)|[×·⋅∙]/g, "*"], [/\\(?:left|right|[,; ])/g, ""], [/\\/g, " "],
  [/[−–]/g, "-"], [/÷/g, "/"], [/√/g, " sqrt "], [/½/g, "(1/2)"], [/[[{]/g, "("], [/[\]}]/g, ")"],
  [/⁻?[⁰¹²³⁴-⁹]+/g, (up) => `^(${[...up].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(c)).join("").replace("-1", "-")})`], [/[₀-₉]/g, (low) => "₀₁₂₃₄₅₆₇₈₉".indexOf(low)],
  [/\bmean\s*\(\s*([a-z])(?:_?i)?\s*\)/gi, "$1bar"],
];
// A symbol such as sum_x, sum_log_x or sum_x2, however its sum is written: Σx, sum(x_i), Σ log x, sum(log(x)), Σx².
function sums(text, name) {
  const [, ...parts] = name.split("_");
  const body = parts.reduceRight((inner, part) => {
    const [, letter, two] = part.match(/^([a-z])(2?)$/i) ?? [];
    if (letter) return `${letter}(?:_?i|_\\(i\\))?${two && "\\s*(?:\\^\\s*)?(?:2|\\(2\\))"}`;
    return `${part}[\\s_]*(?:\\(\\s*${inner}\\s*\\)|${inner})`;
  }, "");
  return text.replace(new RegExp(`(?:[Σ∑]|\\bsum)[\\s_]*(?:\\(\\s*${body}\\s*\\)|${body}(?![a-z\\d^]))`, "gi"), ` ${name} `);
}
function tidy(text, names) {
  const usual = HABITS.reduce((now, [from, to]) => now.replace(from, to), text.normalize("NFD"));
  return names.filter((name) => name.startsWith("sum_")).reduce(sums, usual);
}

function stop(text, at, why) {
  const before = text.slice(0, at).trim().slice(-40);
  throw new Error(before ? `I understand as far as ‘${before}’: ${why}.` : `I cannot read that: ${why}.`);
}

// Which name a word is: as it stands, or in another case if that is not ambiguous; undefined if it is none.
function known(word, names) {
  const name = plain(word), alike = names.filter((each) => plain(each).toLowerCase() === name.toLowerCase());
  const exact = names.find((each) => plain(each) === name) ?? (alike.length === 1 ? alike[0] : undefined);
  if (exact !== undefined) return { symbol: exact };
  if (Object.hasOwn(FUNCTIONS, name.toLowerCase())) return { call: name.toLowerCase() };
  if (Object.hasOwn(CONSTANTS, name)) return { constant: name };
}
// A word as the names that it is made of: "np" is n times p.
function split(word, names) {
  if (known(word, names)) return [word];
  for (let size = word.length - 1; size > 0; size--) {
    const rest = known(word.slice(0, size), names) && !/^[\d_]/.test(word.slice(size)) && split(word.slice(size), names);
    if (rest) return [word.slice(0, size), ...rest];
  }
}
function tokens(text, names) {
  const found = [], pattern = /\s*(?:((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|([A-Za-zα-ω][A-Za-zα-ω\d_]*)|(\*\*|[-+*/^!(),]))/iuy;
  for (let at = 0; text.slice(at).trim(); at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) stop(text, at, `‘${[...text.slice(at).trim()][0]}’ is no part of a formula`);
    const [, number, word, sign] = match, start = pattern.lastIndex - (number ?? word ?? sign).length;
    if (!word) { found.push({ start, end: pattern.lastIndex, number, sign: sign === "**" ? "^" : sign }); continue; }
    const parts = split(word, names);
    if (!parts) stop(text, start, `I do not know ‘${word}’${names.length ? `; the symbols here are ${names.join(", ")}` : ""}`);
    let from = start;
    for (const part of parts) { found.push({ start: from, end: from + part.length, word: part, ...known(part, names) }); from += part.length; }
  }
  return found;
}

// A function of the symbols' values. Some habits can be read in more than one way: an implicit product behind "/" or "^", as
// in k/2n or 1/2v (a+b), and log (p)^2. `ways` says how to read each such place: 0 by the rules, 1 with all that follows,
// 2 with the letters that touch; `unsure` counts the places.
export function parse(given, names = [], ways = []) {
  const text = tidy(given, names), all = tokens(text, names);
  let at = 0, unsure = 0;
  const next = () => all[at] ?? { start: text.length };
  const take = (sign) => next().sign === sign && ++at;
  const touches = () => next().word && !next().call && next().start === all[at - 1].end;
  const begins = () => next().word || next().sign === "("; // a number behind something is a slip
  const fail = (why) => stop(text, next().start, why);
  const odd = () => fail(`‘${next().sign ?? next().word ?? next().number}’ cannot stand here`);
  const close = () => take(")") || (all[at] ? odd() : fail("a closing bracket is missing"));

  function sum() {
    let value = product();
    for (;;) {
      const left = value;
      if (take("+")) { const right = product(); value = (v) => left(v) + right(v); }
      else if (take("-")) { const right = product(); value = (v) => left(v) - right(v); }
      else return value;
    }
  }
  function gathered(one) { // an implicit product, as far as it goes, if that is the reading
    const way = begins() ? (ways[unsure++] ?? 0) : 0;
    while (way === 1 ? begins() : way && touches()) { const left = one, right = power(); one = (v) => left(v) * right(v); }
    return one;
  }
  function product() {
    let value = signed();
    for (;;) {
      const left = value;
      if (take("*")) { const right = signed(); value = (v) => left(v) * right(v); }
      else if (take("/")) { const right = gathered(signed()); value = (v) => left(v) / right(v); }
      else if (begins()) { const right = power(); value = (v) => left(v) * right(v); }
      else return value;
    }
  }
  function signed() {
    if (take("-")) { const value = signed(); return (v) => -value(v); }
    return take("+") ? signed() : power();
  }
  function power() {
    const base = factor();
    if (!take("^")) return base;
    const raised = gathered(signed());
    return (v) => base(v) ** raised(v);
  }
  function factor() {
    let value = single();
    while (take("!")) { const inner = value; value = (v) => gamma(inner(v) + 1); }
    return value;
  }
  function single() {
    const token = next();
    if (token.number) { at++; const value = +token.number; return () => value; }
    if (take("(")) { const value = sum(); close(); return value; }
    if (!token.word) token.sign ? odd() : fail(text.trim() ? "something is missing at the end" : "it is empty");
    at++;
    if (token.symbol !== undefined) return (v) => v[token.symbol];
    if (token.constant) return () => CONSTANTS[token.constant];
    return called(token.call);
  }
  function called(name) {
    const values = [], wanted = FUNCTIONS[name].length;
    if (take("(")) {
      do values.push(sum()); while (take(","));
      close();
      if (next().sign === "^" && ways[unsure++]) { // log (p)^2 as the logarithm of a square
        at++;
        const base = values[0], raised = signed();
        values[0] = (v) => base(v) ** raised(v);
      }
    } else {
      values.push(power());
      if (begins()) fail(`put brackets behind ${name}, as in ${name}(x)`);
    }
    if (values.length !== wanted) fail(`${name} has ${wanted === 1 ? "one number" : `${wanted} numbers`} in its brackets`);
    return (v) => FUNCTIONS[name](...values.map((value) => value(v)));
  }
  const value = sum();
  if (next().sign === ",") fail("a comma cannot stand here (write 0.5, and 1000 without one)");
  if (all[at]) odd();
  return Object.assign(value, { unsure });
}

// --- are two formulas the same? ------------------------------------------------------------------------------------------
function chance(seed) { // the same points for every reader
  return () => {
    seed = (seed * 1664525 + 1013904223) % 4294967296;
    return seed / 4294967296;
  };
}
function points(where, many = 24) {
  const names = Object.keys(where), rows = where[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, where[name][i]]))), next = chance(7);
  for (let i = 0; i < many; i++) {
    rows.push(Object.fromEntries(names.map((name) => {
      const low = Math.min(...where[name]), high = Math.max(...where[name]);
      return [name, low + (high - low) * next()];
    })));
  }
  return rows;
}
function close(one, other) {
  const there = one.flatMap((value, i) => (Number.isFinite(value) ? [i] : [])), least = 1e-14 * Math.max(...there.map((i) => Math.abs(one[i])));
  return there.length > 0 && there.every((i) => Math.abs(one[i] - other[i]) <= 1e-6 * Math.abs(one[i]) + least);
}
export function same(spec, one, other) {
  const rows = points(spec.where), by = spec.parameter;
  const logs = spec.theta_free_factors === "drop";
  if (!logs && spec.theta_free_terms !== "drop") return close(rows.map(one), rows.map(other));
  const places = points({ [by]: spec.where[by] }, 6);
  const gaps = (f) => rows.flatMap((row) => {
    const height = logs ? (v) => Math.log(f(v)) : f, here = height(row);
    return places.map((place) => height({ ...row, ...place }) - here);
  });
  const [a, b] = [gaps(one), gaps(other)], fine = 1e-9 * Math.max(1, ...rows.map(one).filter(Number.isFinite).map(Math.abs));
  const there = a.flatMap((value, i) => (Number.isFinite(value) ? [i] : []));
  return there.length > 0 && there.every((i) => Math.abs(a[i] - b[i]) <= 1e-6 * Math.abs(a[i]) + (logs ? 1e-9 : fine));
}
const USUAL = [ // [what the reader may have done to the right formula, what is said of it]
  [(a) => -a, "The sign is turned round."],
  [(a, v) => a * v.n, "That is n times what is asked for."],
  [(a, v) => a / v.n, "That is what is asked for, divided by n."],
  [(a) => 1 / a, "That is the reciprocal of what is asked for."],
  [(a) => 2 * a, "That is twice what is asked for."],
  [(a) => a / 2, "That is half of what is asked for."],
  [(a) => a * a, "That is the square of what is asked for."],
  [(a) => Math.sqrt(a), "That is the square root of what is asked for."],
  [(a) => Math.log(a), "That is the logarithm of what is asked for."],
  [(a) => Math.exp(a), "That is the exponential of what is asked for."],
];
// {right}, {right, note}, {near: number}, {usual: words} or {unread: words}
export function judgeFormula(spec, text) {
  const names = Object.keys(spec.where), answer = parse(spec.answer, names);
  let mine, tries;
  try {
    mine = parse(text, names);
    const places = Math.min(mine.unsure, 4);
    tries = Array.from({ length: 3 ** places - 1 }, (_, i) => parse(text, names, Array.from({ length: places }, (_, j) => Math.floor((i + 1) / 3 ** j) % 3)));
  } catch (error) {
    return { unread: error.message };
  }
  if (same(spec, answer, mine)) return { right: true };
  if (tries.some((other) => same(spec, answer, other))) return { right: true, note: "(I took together what seems to belong together; brackets would say so to everybody.)" };
  const each = [mine, ...tries], near = spec.near.findIndex((miss) => each.some((f) => same(spec, parse(miss, names), f)));
  if (near >= 0) return { near };
  const exact = { where: spec.where };
  const usual = USUAL.find(([change]) => [spec, exact].some((by) => same(by, (v) => change(answer(v), v), mine)));
  return usual ? { usual: usual[1] } : {};
}

// --- numbers -------------------------------------------------------------------------------------------------------------
export function readNumber(given, unit = "") {
  let text = given.trim().replace(/^[^={]*=\s*/, "").replace(/^[≈~]\s*|^about\s+/i, "").replace(/[\u2009\u202f\u00a0']/g, "");
  if (unit && text.endsWith(unit)) text = text.slice(0, -unit.length).trim();
  const share = /%$|\bper ?cent$/i;
  const factor = share.test(text) && unit !== "%" ? 0.01 : 1;
  text = text.replace(share, "").trim();
  if (/^[-−+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(text)) text = text.replaceAll(",", "");
  else if (/^[-−+]?\d*,\d+$/.test(text)) text = text.replace(",", "."); // a decimal comma
  else if (/^\d{1,3}( \d{3})+$/.test(text)) text = text.replaceAll(" ", "");
  const value = factor * parse(text)({});
  if (!Number.isFinite(value)) throw new Error("That is no finite number.");
  return value;
}
export function judgeNumber(spec, text) {
  let value;
  try {
    value = readNumber(text, spec.unit);
  } catch (error) {
    return { unread: text.trim() ? `${error.message} A number is wanted, such as 0.5, 4/6 or 1e-3.` : "Write a number first." };
  }
  const within = ([number, gap], mine = value) => Math.abs(mine - number) <= gap * (1 + 1e-9) + 1e-12 * Math.abs(number);
  if (within(spec.answer)) return { right: true };
  const hits = spec.near.flatMap((miss, i) => (within(miss) ? [[Math.abs(miss[0] - value), i]] : [])).sort(([a], [b]) => a - b);
  if (hits.length) return { near: hits[0][1] };
  if (within(spec.answer, -value)) return { usual: "The sign is turned round." };
  if (within(spec.answer, 100 * value) || within(spec.answer, value / 100)) return { usual: "The digits are right, but it is off by a factor of 100." };
  return {};
}

// --- the kinds of questions: each gives its controls, what they hold, and what is said of it --------------------------------
const VERDICTS = { yes: "Right.", no: "Not so." };
const strong = (kind, words = VERDICTS[kind]) => make("strong", { class: kind }, words);
// A reason of the folds without what stands in front of it: a verdict, or the number, formula or order that it is about.
function bare(reason) {
  const line = reason.cloneNode(true);
  line.firstElementChild.remove();
  return line;
}
function told(reason, kind) {
  const line = bare(reason);
  line.prepend(strong(kind), " ");
  return line;
}
// … and with it.
function answered(reason, words) {
  const line = reason.cloneNode(true), first = line.firstElementChild;
  first.replaceWith(strong("yes", words), " ", make("span", { class: "answer" }, ...first.childNodes));
  return line;
}
const AGAIN = "Try again, or show the answer.";
const line = (kind, words) => make("p", {}, strong(kind), ` ${words}`);

function choice(box, spec, key) {
  const folds = [...box.querySelectorAll(":scope > details")], many = spec.kind === "several";
  const reason = (i) => folds[i].querySelector(".reason > p");
  const text = (i) => [...folds[i].querySelector("summary").cloneNode(true).childNodes].filter((node) => !node.classList?.contains("mark"));
  const inputs = folds.map((_, i) => make("input", { type: many ? "checkbox" : "radio", name: key, value: i }));
  const spans = folds.map((_, i) => make("span", {}, ...text(i)));
  const labels = inputs.map((input, i) => make("label", { class: "choice" }, input, spans[i]));
  const named = (i, kind, words) => make("p", {}, strong(kind, words), " ", make("em", {}, ...text(i)), " ", ...bare(reason(i)).childNodes);
  const judge = (chosen) => {
    const right = chosen.length === spec.right.length && chosen.every((i) => spec.right.includes(i));
    if (!many) labels[chosen[0]].dataset.tried = right ? "yes" : "no";
    if (!many) return { right, lines: [told(reason(chosen[0]), right ? "yes" : "no")] };
    const extra = chosen.filter((i) => !spec.right.includes(i)), missing = spec.right.filter((i) => !chosen.includes(i));
    labels.forEach((label, i) => { delete label.dataset.tried; if (chosen.includes(i)) label.dataset.tried = spec.right.includes(i) ? "yes" : "no"; });
    if (right) return { right, lines: spec.right.map((i) => named(i, "yes")) };
    return { right, lines: [make("p", {}, strong("no"), ` ${extra.length} too many, ${missing.length} missing.`), ...extra.map((i) => named(i, "no", "Too many:")), ...missing.map((i) => named(i, "no", "Missing:"))] };
  };
  return {
    controls: [make("fieldset", { role: many ? "group" : "radiogroup" }, ...labels)],
    many,
    redraw: () => spans.forEach((span, i) => span.replaceChildren(...text(i))),
    read: () => inputs.flatMap((input, i) => (input.checked ? [i] : [])),
    write: (chosen) => inputs.forEach((input, i) => { input.checked = chosen.includes(i); }),
    judge: (chosen) => (chosen.length ? judge(chosen) : { unread: many ? "Tick at least one first." : "Choose one first." }),
    answer: () => spec.right.map((i) => named(i, "yes", "Answer:")),
  };
}

function typed(box, spec, key, judgement, attributes, around, hint) {
  const reasons = [...box.querySelectorAll(":scope > details .reason > p")];
  const input = make("input", { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 200, "aria-describedby": `${key}-hint`, ...attributes });
  const judge = (text) => {
    const found = judgement(spec, text);
    if (found.unread) return found;
    if (found.right) return { right: true, lines: [answered(reasons[0]), ...(found.note ? [make("p", {}, found.note)] : [])] };
    if (found.near !== undefined) return { right: false, lines: [told(reasons[1 + found.near], "no")] };
    return { right: false, lines: [line("no", `${found.usual ? `${found.usual} ` : ""}${AGAIN}`)] };
  };
  return {
    controls: [make("label", { class: "field" }, "Your answer ", input, around), make("p", { class: "hint", id: `${key}-hint` }, hint)],
    read: () => input.value,
    write: (text) => { input.value = text; },
    judge,
    answer: () => [answered(reasons[0], "Answer:")],
  };
}
function number(box, spec, key) {
  const minus = [spec.answer, ...spec.near].some(([value]) => value < 0); // the decimal keys of some phones have no minus
  return typed(box, spec, key, judgeNumber, { inputmode: minus ? "text" : "decimal" }, spec.unit, "A number such as 0.5, 4/6 or 1e-3.");
}
function formula(box, spec, key) {
  const names = Object.keys(spec.where), by = spec.parameter, drop = ["terms", "factors"].find((what) => spec[`theta_free_${what}`] === "drop");
  let hint = `In ${names.join(", ")}; for example ${names[0]}^2, 1/${names.at(-1)}, log(${names[0]}), exp, sqrt.`;
  if (by) hint += drop ? ` ${drop === "terms" ? "Terms" : "Factors"} without ${by} do not count.` : ` Terms and factors without ${by} count.`;
  return typed(box, spec, key, judgeFormula, {}, "", hint);
}

function order(box, spec, key, say) {
  const reasons = [...box.querySelectorAll(":scope > details .reason > p")], texts = [...box.querySelectorAll(":scope > ul.choices > li")];
  const list = make("ol", { class: "items" });
  const items = texts.map((text, i) => {
    const span = make("span", { id: `${key}-${i}` }, ...text.cloneNode(true).childNodes), item = make("li", {}, span);
    for (const [way, sign, step] of [["up", "↑", -1], ["down", "↓", 1]]) {
      const button = make("button", { type: "button", id: `${key}-${i}-${way}`, "aria-labelledby": `${key}-${i}-${way} ${key}-${i}` });
      button.append(make("span", { "aria-hidden": "true" }, sign), make("span", { class: "unseen" }, `Move ${way}`));
      button.addEventListener("click", () => move(item, step, button));
      item.append(button);
    }
    list.append(item);
    return item;
  });
  const now = () => [...list.children].map((item) => items.indexOf(item));
  function ends() {
    items.forEach((item) => {
      const [up, down] = item.querySelectorAll("button");
      up.setAttribute("aria-disabled", !item.previousElementSibling);
      down.setAttribute("aria-disabled", !item.nextElementSibling);
    });
  }
  function move(item, step, button) {
    const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (step < 0) other.before(item); else other.after(item);
    ends();
    button.focus();
    say([make("p", { class: "unseen" }, `Now ${now().indexOf(items.indexOf(item)) + 1} of ${items.length}`)]);
  }
  const judge = (mine) => {
    const equal = (one, other) => one.every((v, i) => v === other[i]);
    if (equal(mine, spec.right)) return { right: true, lines: [answered(reasons[0])] };
    const near = spec.near.findIndex((miss) => equal(mine, miss));
    if (near >= 0) return { right: false, lines: [told(reasons[1 + near], "no")] };
    if (equal(mine, [...spec.right].reverse())) return { right: false, lines: [line("no", "That is the order from last to first.")] };
    const first = mine.findIndex((v, i) => v !== spec.right[i]);
    return { right: false, lines: [line("no", `${first ? `The first ${first === 1 ? "one stands" : `${first} stand`} rightly, number ${first + 1} does not.` : "Number 1 does not belong there."} ${AGAIN}`)] };
  };
  ends();
  return {
    controls: [make("fieldset", { role: "group" }, list)],
    redraw: () => items.forEach((item, i) => item.firstElementChild.replaceChildren(...texts[i].cloneNode(true).childNodes)),
    read: now,
    write: (mine) => { mine.forEach((i) => list.append(items[i])); ends(); },
    judge,
    answer: () => [answered(reasons[0], "Answer:")],
  };
}
const KINDS = { one: choice, several: choice, number, formula, order };

// --- answers stay on this device, only by http, under the name of the page ----------------------------------------------------
const STORE = "course-answers";
const PAGE = globalThis.location?.protocol.startsWith("http") && location.pathname.match(/book\/([\w-]+)\.html$/)?.[1];
function load() {
  try {
    return JSON.parse(localStorage.getItem(STORE)) || {};
  } catch {
    return {}; // storage is switched off, or holds something else
  }
}
function keep(change) {
  if (!PAGE || PAGE === "drills") return; // drills are there to be done again
  const all = load();
  all[PAGE] = change(all[PAGE] ?? {});
  try {
    localStorage.setItem(STORE, JSON.stringify(all));
  } catch { /* then nothing is kept */ }
}

// MathJax makes every formula a stop of the Tab key: not so in an option, where it would stand before the next control.
// The page lets wide formulas scroll when its width changes (course.js), so it is told of new ones as of a new width.
function still(part) {
  const formulas = part.querySelectorAll("mjx-container");
  for (const one of formulas) one.removeAttribute("tabindex");
  if (formulas.length) dispatchEvent(new Event("resize"));
}

// --- a box comes to life ------------------------------------------------------------------------------------------------------
function mount(box) {
  const spec = JSON.parse(box.querySelector(":scope > script").textContent), key = `q${(window.practiceCount = (window.practiceCount ?? 0) + 1)}`;
  const said = make("div", { class: "said", role: "status" }), title = box.querySelector(":scope > .admonition-title"), ask = box.querySelector(":scope > .ask");
  const say = (lines, kind = "") => {
    said.className = `said ${kind}`;
    said.replaceChildren(...lines);
    still(said);
  };
  const kind = KINDS[spec.kind](box, spec, key, say);
  title.id ||= `${key}-title`;
  ask.id ||= `${key}-ask`;
  const show = make("button", { type: "button" }, "Show answer");
  const form = make("form", { novalidate: "" }, ...kind.controls, make("div", { class: "buttons" }, make("button", { type: "submit" }, "Check"), show));
  (form.querySelector("fieldset") ?? form).setAttribute("aria-labelledby", `${title.id} ${ask.id}`);
  // What the answer would have given away; it opens for whoever has committed to something, or wants to see it.
  const goOn = () => {
    const after = box.nextElementSibling;
    if (after?.matches("details.fold-answer")) after.open = true;
  };
  // Formulas that are being typeset just now are shown when they are.
  const settled = (then) => (window.MathJax?.startup?.promise ? MathJax.startup.promise.then(then) : then());
  const commit = (value, stored) => {
    const verdict = kind.judge(value);
    if (verdict.unread) return say([make("p", {}, verdict.unread)]);
    settled(() => say(kind.judge(value).lines, verdict.right ? "yes" : "no"));
    box.dataset.answered = verdict.right ? "right" : "wrong";
    goOn();
    if (!stored) keep((page) => ({ ...page, [spec.id]: value }));
  };
  const reveal = (stored) => {
    settled(() => say(kind.answer(), "yes"));
    box.dataset.answered = "shown";
    goOn();
    if (!stored) keep((page) => ({ ...page, [spec.id]: null }));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    commit(kind.read());
  });
  form.addEventListener("keydown", (event) => { // by itself, Enter does nothing in JupyterLab
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    form.requestSubmit();
  });
  show.addEventListener("click", () => reveal());
  (box.querySelector(":scope > ul.choices") ?? ask).after(form, said);
  for (const node of form.querySelectorAll("input, button")) node.dataset.lmSuppressShortcuts = ""; // JupyterLab leaves them their keys
  box.classList.add("practice");
  settled(() => {
    kind.redraw?.();
    still(form);
  });
  const before = PAGE ? load()[PAGE]?.[spec.id] : undefined;
  if (before === null) reveal(true);
  else if (before !== undefined) {
    kind.write(before);
    commit(before, true);
  }
  return spec.id;
}

// --- drills: problems in sections of their own, to be solved again in another order and with other numbers -----------------------
const WAITING = "[data-practice]:not(.practice)";
function shuffled(list) {
  return list.map((item) => [Math.random(), item]).sort(([a], [b]) => a - b).map(([, item]) => item);
}
function goAgain(drills, fresh) {
  const sections = drills.map((drill) => drill.closest("section")), mark = make("span");
  drills.forEach((drill, i) => {
    drill.replaceChildren(...fresh[i].cloneNode(true).childNodes);
    const cases = [...drill.children].filter((part) => part.matches("div:not(.admonition)")), old = +drill.dataset.case || 0;
    drill.dataset.case = (old + 1 + Math.floor(Math.random() * (cases.length - 1))) % cases.length;
    cases.forEach((part, j) => { part.hidden = j !== +drill.dataset.case; });
    drill.querySelectorAll(WAITING).forEach(mount);
  });
  sections[0].parentElement.insertBefore(mark, [...sections[0].parentElement.children].find((part) => sections.includes(part)));
  mark.replaceWith(...shuffled(sections));
  window.MathJax?.typesetPromise?.(drills);
}
function offerAgain() {
  const drills = [...document.querySelectorAll("section [data-drill]")];
  if (!drills.length || document.querySelector(".drill-again")) return;
  const fresh = drills.map((drill) => drill.cloneNode(true)), said = make("span", { role: "status" });
  const button = make("button", { type: "button", class: "course-button" }, "Again, in another order and with other numbers");
  button.addEventListener("click", () => {
    goAgain(drills, fresh);
    said.textContent = ` ${drills.length} problems, none answered yet.`;
  });
  drills[0].closest("section").before(make("p", { class: "drill-again" }, button, said));
}

if (typeof document !== "undefined") {
  offerAgain();
  const boxes = document.querySelectorAll(WAITING);
  if (boxes.length && !document.getElementById("practice-style")) document.head.append(make("style", { id: "practice-style" }, STYLE));
  const ids = [...boxes].map(mount);
  if (PAGE && load()[PAGE]) keep((page) => Object.fromEntries(Object.entries(page).filter(([id]) => ids.includes(id)))); // answers to what is asked no more
}
