// The page of one run. What happens comes as server-sent events; pictures are asked for when the last one has come.

const $ = id => document.getElementById(id);
const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 2 });

const four = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 4 });
const missing = value => value === undefined || value === null || !Number.isFinite(value);
const minus = text => text.replace("-", "−");

function number(value) {
  if (missing(value)) return "–";
  const size = Math.abs(value);
  return minus(size >= 10000 ? whole.format(value) : size >= 0.001 || size === 0 ? four.format(value) : value.toExponential(1));
}

function duration(seconds) {
  if (missing(seconds)) return "–";
  const two = part => String(Math.floor(part)).padStart(2, "0");
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)}:${two(seconds % 3600 / 60)} h`;
  return `${four.format(Math.round(seconds / 8640) / 10)} days`;
}

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// ---- Curves ----------------------------------------------------------------------------------------------------------

const mostPoints = 16384;
let curves = {};                 // name → {x: [], y: []}
const others = new Map();        // another run's name → {curves, color}
let view = null;                 // [from, to] in steps; null for all
let solved = null;
let live = false;

function addPoints(target, points) {
  for (const [name, added] of Object.entries(points)) {
    const curve = target[name] ??= { x: [], y: [] };
    for (const [step, value] of added) {
      curve.x.push(step);
      curve.y.push(value);
    }
    while (curve.x.length > mostPoints) {
      curve.x = curve.x.filter((_, i) => i % 2);
      curve.y = curve.y.filter((_, i) => i % 2);
    }
  }
}

// The index of the first step at or after one.
function firstAt(x, step) {
  let low = 0, high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (x[middle] < step) low = middle + 1; else high = middle;
  }
  return low;
}

function lastStep() {
  let last = 1;
  for (const all of [curves, ...[...others.values()].map(other => other.curves)])
    for (const curve of Object.values(all))
      if (curve.x.length) last = Math.max(last, curve.x[curve.x.length - 1]);
  return last;
}

const span = () => view ?? [0, lastStep()];

function look(from, to) {
  const end = lastStep();
  const width = Math.max(to - from, Math.max(end / 5000, 2));
  if (width >= end * 0.995) view = null;
  else {
    from = Math.min(Math.max(0, from), Math.max(0, end - width));
    view = [from, from + width];
  }
  $("range").textContent = view ? `steps ${whole.format(view[0])} – ${whole.format(view[1])}` : "all steps";
  drawAll();
}

function zoom(factor, at) {
  const [from, to] = span();
  at ??= (from + to) / 2;
  look(at - (at - from) * factor, at + (to - at) * factor);
}

function move(part) {
  const [from, to] = span();
  look(from + (to - from) * part, to + (to - from) * part);
}

let colors = {};
function readColors() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["text", "quiet", "line", "faint", "accent", "accent-soft", "second", "dots", "solved", "card", "c1", "c2", "c3", "c4", "c5", "c6"])
    colors[name] = style.getPropertyValue(`--${name}`).trim();
}

function ticks(low, high, wanted) {
  const raw = (high - low) / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map(m => m * power).find(s => s >= raw * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) found.push(i * step);
  return { found, step };
}

const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400, 172800, 345600];
function timeTicks(low, high, wanted) {
  const raw = (high - low) / wanted, step = timeSteps.find(s => s >= raw) ?? ticks(0, raw * 4 / 86400, 4).step * 86400;
  const found = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) found.push(i * step);
  return { found, step };
}

class Chart {
  // parts: [{name, kind: line | dots | marks, color, band}]
  constructor({ title, parts, wide, time, zero, reference, none, format }) {
    Object.assign(this, { title, parts, time, zero, reference, none });
    this.format = format ?? (time ? duration : number);
    this.output = element("output");
    this.canvas = element("canvas", { tabIndex: 0 });
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "curve");
    this.canvas.setAttribute("aria-describedby", "keys");
    this.element = element("div", { className: wide ? "chart wide" : "chart" },
      element("div", { className: "label" }, element("b", { textContent: title }), this.output), this.canvas);
    this.element.dataset.curve = parts[0].name;
    this.pointers = new Map();
    this.listen();
    new ResizeObserver(() => this.draw()).observe(this.canvas);
  }

  lines() {
    const found = [];
    for (const [name, { curves: theirs, color }] of others) {
      const part = this.parts.find(p => p.kind === "marks" && theirs[p.name]?.x.length) ?? this.parts.find(p => p.kind === "line" && theirs[p.name]?.x.length);
      if (part) found.push({ curve: theirs[part.name], kind: "line", color, label: name, thin: part.kind === "line" });
    }
    for (const part of this.parts)
      if (curves[part.name]?.x.length)
        found.push({ ...part, curve: curves[part.name], band: part.band && curves[part.band], own: true, label: part.label });
    return found;
  }

  draw() {
    const { canvas } = this;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width) return;
    const scale = devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const g = canvas.getContext("2d");
    g.setTransform(scale, 0, 0, scale, 0, 0);
    g.clearRect(0, 0, width, height);
    g.font = "11.5px system-ui, sans-serif";
    const lines = this.lines();
    const [from, to] = span();
    let low = Infinity, high = -Infinity;
    for (const line of lines) {
      const { x, y } = line.curve;
      const begin = Math.max(0, firstAt(x, from) - 1), end = Math.min(x.length, firstAt(x, to) + 1);
      Object.assign(line, { begin, end });
      for (let i = begin; i < end; i++) {
        const deviation = line.band ? line.band.y[i] ?? 0 : 0;
        low = Math.min(low, y[i] - deviation);
        high = Math.max(high, y[i] + deviation);
      }
    }
    if (low === Infinity) {
      this.area = null;
      g.fillStyle = colors.quiet;
      g.textAlign = "center";
      g.fillText(lines.length ? "no point in this range" : live || !this.none ? "no point yet" : this.none, width / 2, height / 2);
      this.say(lines);
      return;
    }
    const line = this.reference?.();
    if (line !== undefined && line !== null && high > low + (line - low) * 0.4) high = Math.max(high, line);
    if (this.zero) low = Math.min(0, low);
    if (high - low < 1e-9 * Math.max(1, Math.abs(high))) { high += Math.abs(high) * 0.1 || 1; low -= this.zero ? 0 : Math.abs(low) * 0.1 || 1; }
    else { high += (high - low) * 0.05; if (!(this.zero && low === 0)) low -= (high - low) * 0.05; }

    const wanted = Math.max(3, Math.round(height / 52));
    const { found, step } = this.time ? timeTicks(low, high, wanted) : ticks(low, high, wanted);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (String(step).includes("25") ? 1 : 0));
    const name = value => this.time ? duration(value) : minus(Math.abs(value) >= 10000 ? short.format(value) : step < 1e-4 ? value.toExponential(0) : value.toFixed(Math.min(digits, 5)));
    const names = found.map(name);
    const left = Math.ceil(Math.max(...names.map(text => g.measureText(text).width), 20)) + 8;
    const area = this.area = { left, right: width - 6, top: 6, bottom: height - 18 };
    const px = step => area.left + (step - from) / (to - from) * (area.right - area.left);
    const py = value => area.bottom - (value - low) / (high - low) * (area.bottom - area.top);
    this.px = px;

    g.lineWidth = 1;
    g.textBaseline = "middle";
    g.textAlign = "right";
    found.forEach((value, i) => {
      const y = Math.round(py(value)) + 0.5;
      g.strokeStyle = colors.faint;
      g.beginPath(); g.moveTo(area.left, y); g.lineTo(area.right, y); g.stroke();
      g.fillStyle = colors.quiet;
      g.fillText(names[i], area.left - 6, y);
    });
    g.strokeStyle = colors.line;
    g.beginPath(); g.moveTo(area.left, area.bottom + 0.5); g.lineTo(area.right, area.bottom + 0.5); g.stroke();
    g.textBaseline = "top";
    g.textAlign = "center";
    for (const value of ticks(from, to, Math.max(2, (area.right - area.left) / 95)).found) {
      const text = value === 0 ? "0" : short.format(value), half = g.measureText(text).width / 2, x = px(value);
      if (x + half <= width) g.fillText(text, Math.max(x, half), area.bottom + 5);
    }

    g.save();
    g.beginPath(); g.rect(area.left, area.top - 5, area.right - area.left, area.bottom - area.top + 6); g.clip();
    if (line !== undefined && line !== null && line <= high && line >= low) {
      g.strokeStyle = colors.solved;
      g.setLineDash([5, 4]);
      g.beginPath(); g.moveTo(area.left, py(line)); g.lineTo(area.right, py(line)); g.stroke();
      g.setLineDash([]);
    }
    for (const one of lines) this.drawLine(g, one, px, py);
    if (this.drag) {
      g.fillStyle = colors["accent-soft"];
      g.fillRect(Math.min(this.drag.from, this.drag.to), area.top, Math.abs(this.drag.to - this.drag.from), area.bottom - area.top);
    }
    g.restore();
    this.say(lines, g, px, py);
  }

  drawLine(g, { curve: { x, y }, begin, end, kind, color, band, own, thin }, px, py) {
    g.strokeStyle = g.fillStyle = colors[color] ?? color;
    if (kind === "dots") {
      for (let i = begin; i < end; i++) g.fillRect(px(x[i]) - 1, py(y[i]) - 1, 2.4, 2.4);
      return;
    }
    if (band) {
      g.globalAlpha = 0.14;
      g.beginPath();
      for (let i = begin; i < end; i++) g.lineTo(px(x[i]), py(y[i] + (band.y[i] ?? 0)));
      for (let i = end - 1; i >= begin; i--) g.lineTo(px(x[i]), py(y[i] - (band.y[i] ?? 0)));
      g.fill();
      g.globalAlpha = 1;
    }
    g.lineWidth = kind === "marks" ? 2.2 : own ? 1.7 : thin ? 1.3 : 1.8;
    g.lineJoin = "round";
    g.globalAlpha = own ? 1 : 0.9;
    g.beginPath();
    for (let i = begin; i < end; i++) g.lineTo(px(x[i]), py(y[i]));
    g.stroke();
    if (end - begin === 1 || (kind === "marks" && end - begin <= 60)) {
      for (let i = begin; i < end; i++) { g.beginPath(); g.arc(px(x[i]), py(y[i]), 3, 0, 7); g.fill(); }
    }
    g.globalAlpha = 1;
  }

  // The value under the pointer, or the newest.
  say(lines, g, px, py) {
    const own = lines.filter(line => line.own && line.kind !== "dots");
    if (this.cursor !== undefined && this.area && g) {
      const [from, to] = span();
      const at = from + (this.cursor - this.area.left) / (this.area.right - this.area.left) * (to - from);
      g.strokeStyle = colors.quiet;
      g.lineWidth = 1;
      g.beginPath(); g.moveTo(this.cursor, this.area.top); g.lineTo(this.cursor, this.area.bottom); g.stroke();
      const texts = [];
      for (const { curve: { x, y }, color, label, kind, end } of lines) {
        const near = (to - from) / 50;
        if (kind === "dots" || !x.length || at < x[0] - near || at > x[x.length - 1] + near) continue;
        let i = Math.min(firstAt(x, at), x.length - 1);
        if (i > 0 && at - x[i - 1] < x[i] - at) i--;
        if (i >= end) continue;
        g.fillStyle = colors[color] ?? color;
        g.beginPath(); g.arc(px(x[i]), py(y[i]), 3.5, 0, 7); g.fill();
        texts.push(`${label ? `${label} ` : ""}${this.format(y[i])}`);
      }
      this.output.textContent = `step ${whole.format(Math.max(0, at))}: ${texts.join(" · ")}`;
    } else {
      this.output.textContent = own.map(({ curve: { y }, label }) => `${label ? `${label} ` : ""}${this.format(y[y.length - 1])}`).join(" · ");
    }
    const main = own[0]?.curve;
    this.canvas.setAttribute("aria-label", main
      ? `${this.title} over steps ${$("range").textContent}. ${main.y.length} points, the newest ${this.format(main.y[main.y.length - 1])}.`
      : `${this.title}: no points.`);
  }

  at(x) {
    const [from, to] = span();
    return from + (x - this.area.left) / (this.area.right - this.area.left) * (to - from);
  }

  listen() {
    const { canvas, pointers } = this;
    const place = event => event.clientX - canvas.getBoundingClientRect().left;
    canvas.addEventListener("pointerdown", event => {
      if (!this.area || event.button) return;
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, place(event));
      if (event.pointerType === "mouse") this.drag = { from: place(event), to: place(event) };
      else this.held = [...span()];
    });
    canvas.addEventListener("pointermove", event => {
      const x = place(event);
      if (!this.area) return;
      if (pointers.has(event.pointerId) && !this.drag) this.slide(event.pointerId, x);
      if (this.drag && pointers.has(event.pointerId)) this.drag.to = Math.min(Math.max(x, this.area.left), this.area.right);
      this.cursor = x >= this.area.left && x <= this.area.right ? x : undefined;
      this.draw();
    });
    const end = event => {
      pointers.delete(event.pointerId);
      const drag = this.drag;
      this.drag = undefined;
      if (drag && Math.abs(drag.to - drag.from) > 5 && event.type === "pointerup") look(...[this.at(drag.from), this.at(drag.to)].sort((a, b) => a - b));
      else this.draw();
    };
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", end);
    canvas.addEventListener("pointerleave", () => { this.cursor = undefined; this.draw(); });
    canvas.addEventListener("dblclick", () => look(0, Infinity));
    canvas.addEventListener("wheel", event => {
      if (!this.area || !(event.ctrlKey || event.metaKey || document.activeElement === canvas)) return;
      event.preventDefault();
      if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) move(event.deltaX / 800);
      else zoom(Math.exp(Math.max(-60, Math.min(60, event.deltaY)) / 300), this.at(place(event)));
    }, { passive: false });
    canvas.addEventListener("keydown", event => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = {
        "+": () => zoom(0.7), "=": () => zoom(0.7), "-": () => zoom(1 / 0.7), "_": () => zoom(1 / 0.7),
        ArrowLeft: () => move(-0.15), ArrowRight: () => move(0.15), Home: () => move(-1e6), End: () => move(1e6),
        "0": () => look(0, Infinity), Escape: () => look(0, Infinity),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  // A finger moves the curve, two spread it.
  slide(id, x) {
    const before = new Map(pointersOf(this.pointers));
    this.pointers.set(id, x);
    const [from, to] = span(), perPixel = (to - from) / (this.area.right - this.area.left);
    if (this.pointers.size === 1) look(from - (x - before.get(id)) * perPixel, to - (x - before.get(id)) * perPixel);
    else {
      const [a, b] = [...before.values()], [c, d] = [...this.pointers.values()];
      if (Math.abs(d - c) > 10) zoom(Math.abs(b - a) / Math.abs(d - c), this.at((c + d) / 2));
    }
  }
}

const pointersOf = pointers => [...pointers.entries()];

const notKept = "not kept in history.csv";
const charts = [
  new Chart({
    title: "Return of an episode", wide: true, reference: () => solved,
    parts: [
      { name: "evaluation/mean", kind: "marks", color: "accent", band: "evaluation/std", label: "evaluation" },
      { name: "episode/return", kind: "dots", color: "dots" },
      { name: "train/mean_return", kind: "line", color: "second", label: "training" },
    ],
  }),
  new Chart({ title: "Loss", zero: true, parts: [{ name: "train/loss", kind: "line", color: "accent" }] }),
  new Chart({ title: "Mean action value", parts: [{ name: "train/mean_value", kind: "line", color: "accent" }] }),
  new Chart({ title: "ε, share of random actions", zero: true, parts: [{ name: "train/epsilon", kind: "line", color: "accent" }] }),
  new Chart({ title: "Steps per second", zero: true, none: notKept, parts: [{ name: "speed/steps_per_second", kind: "line", color: "accent" }] }),
  new Chart({ title: "Time left", zero: true, time: true, none: notKept, parts: [{ name: "speed/time_left", kind: "line", color: "accent" }] }),
  new Chart({ title: "Evaluation episode length", zero: true, parts: [{ name: "evaluation/mean_steps", kind: "line", color: "accent" }] }),
];
$("charts").append(...charts.map(chart => chart.element));

let drawing = false;
function drawAll() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; for (const chart of charts) chart.draw(); });
}

$("zoom-in").onclick = () => zoom(0.7);
$("zoom-out").onclick = () => zoom(1 / 0.7);
$("zoom-all").onclick = () => look(0, Infinity);

// ---- Comparing -------------------------------------------------------------------------------------------------------

const mostOthers = 6;

function drawLegend() {
  const item = (text, swatch) => element("li", {}, element("i", { className: swatch }), text);
  $("legend").replaceChildren(
    item("evaluation, mean ± standard deviation", "swatch-return"),
    item("training, mean of the last 100 episodes", "swatch-train"),
    ...(curves["episode/return"]?.x.length ? [item("an episode of training", "dot swatch-episode")] : []),
    ...(solved === null ? [] : [item(`solved, ${number(solved)}`, "swatch-solved")]),
    ...[...others].map(([name, { color }]) => item(name, `swatch-${color.slice(1)}`)));
}

$("compare").addEventListener("toggle", async () => {
  if (!$("compare").open) return;
  const names = await fetchJson("/runs") ?? [];
  $("compare-none").hidden = names.length > 0;
  $("runs").replaceChildren(...names.map(name => {
    const box = element("input", { type: "checkbox", checked: others.has(name) });
    box.addEventListener("change", () => compare(name, box));
    return element("li", {}, element("label", {}, box, name));
  }));
});

async function compare(name, box) {
  if (!box.checked) others.delete(name);
  else {
    const used = new Set([...others.values()].map(other => other.color));
    const color = Array.from({ length: mostOthers }, (_, i) => `c${i + 1}`).find(one => !used.has(one));
    const other = { curves: {}, color };
    if (color) others.set(name, other); // the colour is taken from now on
    const points = color && await fetchJson(`/curves?run=${encodeURIComponent(name)}`);
    if (points) addPoints(other.curves, points);
    else {
      box.checked = false;
      if (others.get(name) === other) others.delete(name);
    }
  }
  drawLegend();
  drawAll();
}

// ---- What it sees and does -------------------------------------------------------------------------------------------

let actions = [];
let rows = [];
let scale = null; // [low, high] of the bars, which moves slowly
const svg = (name, attributes) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

function makeRows() {
  rows = actions.map(name => {
    const picture = svg("svg", { viewBox: "0 0 1000 100", preserveAspectRatio: "none", "aria-hidden": "true" });
    const track = svg("rect", { class: "track", x: 0, y: 0, width: 1000, height: 100, rx: 4 });
    const bar = svg("rect", { class: "bar", x: 0, y: 22, height: 56, width: 0 });
    const ridge = svg("path", { class: "ridge" });
    const mean = svg("line", { class: "mean", y1: 6, y2: 94, x1: -9, x2: -9 });
    picture.append(track, bar, ridge, mean);
    const value = element("span", { className: "value", textContent: "–" });
    return { element: element("li", {}, element("span", { className: "name", textContent: name, title: name }), picture, value), bar, ridge, mean, value };
  });
  $("values").replaceChildren(...rows.map(row => row.element));
}

function showMoment(moment) {
  const { values, distribution, numbers, legal } = moment;
  const finite = values.filter((value, i) => Number.isFinite(value) && legal?.[i] !== false);
  let low = distribution?.min ?? Math.min(...finite), high = distribution?.max ?? Math.max(...finite);
  const margin = Math.max((high - low) * 0.15, Math.abs(high) * 0.002, 1e-6);
  if (!distribution) { low = low > 0 && low < high * 0.5 ? 0 : low - margin; high += margin; }
  scale = scale && !distribution ? [Math.min(low, scale[0] * 0.9 + low * 0.1), Math.max(high, scale[1] * 0.9 + high * 0.1)]
    : scale ? [scale[0] * 0.8 + low * 0.2, scale[1] * 0.8 + high * 0.2] : [low, high];
  [low, high] = scale;
  const place = value => Math.max(0, Math.min(1000, (value - low) / (high - low) * 1000));
  const peak = distribution ? Math.max(...distribution.shares.flat()) : 1;
  const digits = Math.max(0, Math.min(4, 3 - Math.ceil(Math.log10(high - low))));
  const fixed = value => missing(value) ? "–" : minus(value.toFixed(digits));
  rows.forEach((row, i) => {
    const illegal = legal?.[i] === false;
    row.value.textContent = illegal ? "illegal" : fixed(values[i]);
    row.element.classList.toggle("illegal", illegal);
    row.element.classList.toggle("chosen", i === moment.action);
    if (i === moment.action) row.element.setAttribute("aria-current", "true"); else row.element.removeAttribute("aria-current");
    const x = place(values[i] ?? low);
    row.mean.setAttribute("x1", x);
    row.mean.setAttribute("x2", x);
    if (!distribution) { row.bar.setAttribute("width", x); return; }
    const { min, max, shares } = distribution, bin = (max - min) / shares[i].length;
    const points = shares[i].map((share, k) => `L${place(min + (k + 0.5) * bin).toFixed(1)} ${(96 - share / peak * 90).toFixed(1)}`);
    row.ridge.setAttribute("d", `M${place(min).toFixed(1)} 96${points.join("")}L${place(max).toFixed(1)} 96Z`);
  });
  const [first, last] = $("values-ends").children;
  first.textContent = fixed(low);
  last.textContent = fixed(high);
  $("choice").textContent = moment.action === moment.best ? `${actions[moment.action] ?? moment.action}: the greatest value` : `${actions[moment.action] ?? moment.action}: explored`;
  $("values-note").textContent = distribution ? "How each action's return is distributed; the line is its value." : "The discounted return that the network expects.";
  $("agent-step").textContent = `step ${whole.format(moment.step)}${moment.return === undefined ? "" : ` · return ${number(moment.return)}`}`;
  if (numbers)
    $("numbers").replaceChildren(...numbers.map((value, i) => element("li", {}, element("span", { textContent: i + 1 }), number(value))));
  else agentPicture.ask(moment.step);
}

// Asks for the next picture when the last one is drawn, so that a slow line sees fewer.
class Pictures {
  constructor(canvas, path, shown) {
    Object.assign(this, { canvas, path, shown, visible: true });
    new IntersectionObserver(entries => { this.visible = entries[0].isIntersecting; }).observe(canvas);
  }

  async ask(step) {
    this.wanted = step;
    if (this.busy || !this.visible) return;
    this.busy = true;
    const picture = new Image();
    picture.src = `${this.path}?step=${step}`;
    try {
      await picture.decode();
      if (this.canvas.width !== picture.naturalWidth || this.canvas.height !== picture.naturalHeight) {
        this.canvas.width = picture.naturalWidth;
        this.canvas.height = picture.naturalHeight;
      }
      this.canvas.classList.toggle("pixels", picture.naturalWidth < 400);
      this.canvas.getContext("2d").drawImage(picture, 0, 0);
      this.canvas.dataset.step = step;
      this.shown?.(step);
    } catch { /* the next one */ }
    this.busy = false;
    if (this.wanted !== step) this.ask(this.wanted);
  }
}

const agentPicture = new Pictures($("agent"), "/picture/agent");
const personPicture = new Pictures($("person"), "/picture/person", step => { $("person-step").textContent = `step ${whole.format(step)}`; });

// ---- Evaluation and films --------------------------------------------------------------------------------------------

let tracks = null;

function showTracks(shown) {
  tracks = { ...shown, sorted: [...shown.episodes].sort((a, b) => a[1] - b[1]) };
  const returns = tracks.sorted.map(episode => episode[1]), count = returns.length;
  if (!count) return;
  $("tracks-none").hidden = true;
  $("tracks").hidden = false;
  $("tracks-step").textContent = shown.step >= 0 ? `after step ${whole.format(shown.step)}` : "";
  const mean = returns.reduce((sum, one) => sum + one, 0) / count;
  const above = solved === null ? "" : `, ${returns.filter(one => one >= solved).length} at or above ${number(solved)}`;
  $("tracks-summary").textContent = `${count} episodes: mean ${number(mean)}, worst ${number(returns[0])}, best ${number(returns[count - 1])}${above}`;
  $("tracks-rows").replaceChildren(...tracks.sorted.slice(0, 500).map(([seed, sum, steps, ended]) => element("tr", {},
    ...[seed, number(sum), whole.format(steps), ended ? "terminated" : "cut off"].map(text => element("td", { textContent: text })))));
  drawStrip();
  linkFilms();
}

// Whatever the program wants to show of a run besides: machines, say.
function showTables(tables) {
  $("tables").hidden = !tables.length;
  $("tables").replaceChildren(...tables.map(({ title, columns, rows }) => element("section", { className: "card", ariaLabel: title },
    element("div", { className: "head" }, element("h2", { textContent: title })),
    element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: title },
      element("table", {},
        element("thead", {}, element("tr", {}, ...columns.map(name => element("th", { scope: "col", textContent: name })))),
        element("tbody", {}, ...rows.map(row => element("tr", {}, ...row.map(cell => element("td", { textContent: cell }))))))))));
}

// A film whose name has an episode's seed in it is that episode's.
function linkFilms() {
  for (const row of $("tracks-rows").children) {
    const seed = row.firstChild.textContent;
    const film = [...$("films").children].find(figure => figure.dataset.film.split(/\D+/).includes(seed));
    const end = row.lastChild;
    end.querySelector("a")?.remove();
    if (film) end.append(" ", element("a", { href: `#${film.id}`, textContent: "film", onclick: () => film.querySelector("video")?.play() }));
  }
}

function drawStrip() {
  const canvas = $("strip");
  if (!tracks || !canvas.clientWidth) return;
  const width = canvas.clientWidth, height = canvas.clientHeight, scale = devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const g = canvas.getContext("2d");
  g.setTransform(scale, 0, 0, scale, 0, 0);
  const returns = tracks.sorted.map(episode => episode[1]), count = returns.length;
  const goal = solved !== null && returns[count - 1] > solved * 0.5 ? solved : null;
  const low = Math.min(0, returns[0]), high = Math.max(returns[count - 1], goal ?? 0, low + 1e-9);
  const py = value => 4 + (high - value) / (high - low) * (height - 8), step = Math.min(width / count, 36), gap = step > 4 ? 1 : 0;
  returns.forEach((value, i) => {
    g.fillStyle = solved !== null && value < solved ? colors.quiet : colors.accent;
    const y = py(value), zero = py(0);
    g.fillRect(i * step, Math.min(y, zero), Math.max(step - gap, 0.7), Math.max(Math.abs(zero - y), 1));
  });
  if (goal !== null) {
    g.strokeStyle = colors.solved;
    g.setLineDash([5, 4]);
    g.beginPath(); g.moveTo(0, py(goal)); g.lineTo(width, py(goal)); g.stroke();
  }
  canvas.setAttribute("aria-label", `Returns of ${count} episodes from the worst, ${number(returns[0])}, to the best, ${number(returns[count - 1])}`);
}
new ResizeObserver(drawStrip).observe($("strip"));

let filmsShown = "";
async function showFilms() {
  const films = await fetchJson("/films") ?? [];
  const key = JSON.stringify(films);
  if (key === filmsShown) return;
  filmsShown = key;
  $("films-none").hidden = films.length > 0;
  $("films-card").classList.toggle("narrow", !films.length);
  $("films").replaceChildren(...films.slice(0, 12).map(({ name, type, bytes, changed }) => {
    const source = `/film/${encodeURIComponent(name)}?changed=${changed}`;
    const shown = type.startsWith("video/")
      ? element("video", { src: source, controls: true, muted: true, loop: true, preload: "metadata", playsInline: true })
      : element("img", { src: source, alt: `Film ${name}`, loading: "lazy" });
    shown.setAttribute("aria-label", `Film ${name}`);
    const figure = element("figure", { id: `film-${name.replace(/\W/g, "-")}` }, shown, element("figcaption", {}, name, element("span", { className: "quiet", textContent: ` ${(bytes / 1e6).toFixed(1)} MB` })));
    figure.dataset.film = name;
    return figure;
  }));
  linkFilms();
}

// ---- Options, log ----------------------------------------------------------------------------------------------------

let options = [];

async function showOptions() {
  const record = await fetchJson("/options") ?? {};
  options = [];
  const walk = (node, path, group) => {
    for (const [key, value] of Object.entries(node)) {
      if (value !== null && typeof value === "object" && !(Array.isArray(value) && value.every(one => typeof one !== "object"))) walk(value, [...path, key], group);
      else options.push({ group, name: [...path, key].join(" · "), value: Array.isArray(value) ? value.join(", ") || "none" : value === null ? "none" : String(value) });
    }
  };
  for (const [group, node] of Object.entries(record.settings ?? {}))
    if (node && typeof node === "object") walk(node, [], group);
  (record.starts ?? []).forEach((start, i) => walk(start, [], `start ${i + 1}`));
  drawOptions();
}

function drawOptions() {
  const wanted = $("find").value.trim().toLowerCase();
  const groups = new Map();
  for (const option of options)
    if (!wanted || `${option.group} ${option.name} ${option.value}`.toLowerCase().includes(wanted))
      groups.set(option.group, [...groups.get(option.group) ?? [], option]);
  $("options").replaceChildren(...(groups.size ? [...groups].map(([group, members]) => element("section", { className: "options-group" },
    element("h3", { textContent: group }),
    ...members.map(({ name, value }) => element("div", {}, element("span", { textContent: name }), element("span", { textContent: value })))))
    : [element("p", { className: "quiet", textContent: options.length ? "No option is called so." : "There is no options.json." })]));
}
$("find").addEventListener("input", drawOptions);

function showLines(lines) {
  const log = $("log");
  for (const [time, text] of lines) {
    const at = new Date(time), today = at.toDateString() === new Date().toDateString();
    const shown = time === 0 ? "" : today ? at.toLocaleTimeString("en-GB") : at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
    log.prepend(element("li", {}, ...(shown ? [element("time", { textContent: shown })] : []), element("span", { textContent: text })));
  }
  while (log.children.length > 500) log.lastChild.remove();
}

// ---- State and orders ------------------------------------------------------------------------------------------------

const words = {
  training: "training", evaluating: "evaluating", pausing: "pausing after this step", paused: "paused", stopping: "stopping",
  finished: "finished", stopped: "stopped", "ended early": "ended early", over: "over", elsewhere: "another process trains in it; this is what it has saved so far", lost: "connection lost, trying again",
};
const overStates = new Set(["finished", "stopped", "ended early", "over", "elsewhere"]);
let state = "connecting";
let title = "Dqn";
let closed = false;

function setState(next, extra = "") {
  state = next;
  const pill = $("state");
  pill.dataset.state = next;
  const text = (words[next] ?? next) + extra;
  if (pill.textContent !== text) pill.textContent = text;
  const over = overStates.has(next) || closed;
  $("pause").textContent = next === "paused" || next === "pausing" ? "Continue" : "Pause";
  $("pause").disabled = over || next === "stopping" || next === "lost";
  $("save").disabled = over || next === "stopping" || next === "lost";
  $("stop").disabled = over || next === "stopping" || next === "lost";
  if (over) unsure();
}

function showStatus(status) {
  const evaluating = status.evaluating ? ` ${status.evaluating[0]}/${status.evaluating[1]}` : "";
  setState(status.state, status.state === "evaluating" ? evaluating : status.state === "pausing" && evaluating ? `, evaluating${evaluating}` : "");
  const part = status.totalSteps ? Math.min(100, status.step / status.totalSteps * 100) : 0;
  $("progress").firstElementChild.style.width = `${part}%`;
  $("progress").setAttribute("aria-valuenow", Math.round(part));
  $("f-step").textContent = whole.format(status.step);
  $("f-total").textContent = status.totalSteps ? `of ${whole.format(status.totalSteps)}` : "";
  $("f-return").textContent = number(status.meanReturn);
  $("f-best").textContent = number(status.best);
  $("f-best-step").textContent = status.bestStep ? `after step ${whole.format(status.bestStep)}` : "none yet";
  $("f-loss").textContent = number(status.loss);
  $("f-episodes").textContent = `${whole.format(status.episodes)} episodes`;
  $("f-epsilon").textContent = status.epsilon === undefined ? "–" : status.epsilon.toFixed(3);
  $("f-warm").textContent = status.warmingUp && live ? "warming up at random" : "random actions";
  $("f-speed").textContent = number(status.stepsPerSecond);
  const over = overStates.has(status.state);
  $("f-left").textContent = over ? "–" : duration(status.timeLeft);
  $("f-trained").textContent = status.trainingTime ? `${duration(status.trainingTime)} trained` : over ? "over" : "";
  document.title = `${words[status.state] ?? status.state}${status.meanReturn === undefined ? "" : ` ${number(status.meanReturn)}`} · ${title}`;
}

async function order(name) {
  const answer = await fetch(`/${name}`, { method: "POST", headers: { "X-Dashboard": "1" } }).catch(() => null);
  if (!answer?.ok) showLines([[Date.now(), `${name} was refused: ${answer ? (await answer.text()).trim() : "the program does not answer"}`]]);
}

const pauseOrContinue = () => order($("pause").textContent === "Continue" ? "continue" : "pause");
$("pause").onclick = pauseOrContinue;
$("save").onclick = () => order("save");

let sure = 0;
function unsure() {
  clearTimeout(sure);
  $("stop").classList.remove("sure");
  $("stop").textContent = "Stop";
}
$("stop").onclick = () => {
  if ($("stop").classList.contains("sure")) { unsure(); order("stop"); return; }
  $("stop").classList.add("sure");
  $("stop").textContent = "Really stop?";
  sure = setTimeout(unsure, 4000);
};
$("stop").addEventListener("blur", unsure);
addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.matches("input, textarea, select")) return;
  if (event.key === "p" && !$("pause").disabled && !$("orders").hidden) pauseOrContinue();
  if (event.key === "s" && !$("save").disabled && !$("orders").hidden) order("save");
});

// ---- The connection --------------------------------------------------------------------------------------------------

async function fetchJson(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? await answer.json() : null;
  } catch { return null; }
}

let source = null;

function connect() {
  if (source || closed) return;
  source = new EventSource("/events");
  const on = (name, act) => source.addEventListener(name, event => act(JSON.parse(event.data)));
  source.onopen = () => { curves = {}; $("log").replaceChildren(); };
  source.onerror = () => { if (!closed) setState("lost"); };
  on("status", status => {
    if (!options.length) showOptions(); // written when training begins
    const ends = overStates.has(status.state) && !overStates.has(state);
    showStatus(status);
    if (ends) showFilms();
  });
  on("points", points => { addPoints(curves, points); drawLegend(); drawAll(); });
  on("tracks", shown => { showTracks(shown); showFilms(); });
  on("tables", tables => showTables(tables));
  on("log", lines => showLines(lines));
  on("moment", moment => showMoment(moment));
  on("picture", step => { if (step >= 0) personPicture.ask(step); });
  on("closed", last => {
    closed = true;
    disconnect();
    setState(last, overStates.has(last) ? "; the program has ended" : ": the program has ended");
  });
}

function disconnect() {
  source?.close();
  source = null;
}

// A page that nobody looks at costs the training nothing.
document.addEventListener("visibilitychange", () => { if (document.hidden) disconnect(); else connect(); });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { readColors(); drawAll(); drawStrip(); });

async function start() {
  readColors();
  const run = await fetchJson("/run");
  if (!run) { setState("lost"); setTimeout(start, 2000); return; }
  title = run.title;
  live = run.live;
  solved = run.solved ?? null;
  actions = run.actions;
  $("title").textContent = title;
  $("environment").textContent = run.environment ?? "";
  $("folder").textContent = run.folder;
  document.body.classList.toggle("over", !live);
  $("orders").hidden = !live;
  $("now").hidden = !live;
  $("person-card").hidden = !run.picture;
  $("frames").hidden = !run.frames;
  $("numbers").hidden = run.frames > 0;
  makeRows();
  drawLegend();
  drawAll();
  if (!document.hidden) connect();
  showOptions();
  showFilms();
}

start();
