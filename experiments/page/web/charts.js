// What charts share: colours, scales, axes, and a box that draws anew when its width changes.

// Okabe and Ito's palette, told apart with any common colour vision. CSS lightens it in the dark (--c0 ... in page.css).
const KNOWN = { __proto__: null, none: "var(--grey)", all_at_once: "var(--vermillion)", fgo: "var(--blue)" };
const OTHERS = ["var(--green)", "var(--purple)", "var(--orange)", "var(--sky)", "var(--ink)"];

/** optimizer -> colour, the same as in the study's printed figures. */
function colours(optimizers) {
  const others = optimizers.filter((name) => !(name in KNOWN));
  return (name) => KNOWN[name] ?? OTHERS[others.indexOf(name) % OTHERS.length];
}

/** The same for small text, dark (in the dark: light) enough to be read. */
const inked = (colour) => `color-mix(in oklab, ${colour} 65%, var(--ink))`;

/** A chart's box: draw(width, explained) gives an SVG element; drawn when it is shown, and when its width changes. */
function chart(label, draw, plot = false) {
  const tip = h("div", { class: "tip", hidden: true });
  const box = h("figure", { class: plot ? "chart plot" : "chart", "aria-label": label });
  let width = 0;
  new ResizeObserver(() => {
    const now = Math.floor(box.clientWidth);
    if (now === width || now === 0) return;
    width = now;
    box.replaceChildren(draw(width, (element, text) => explain(box, tip, element, text)), tip);
  }).observe(box);
  return box;
}

/** Show a text beside an element while the pointer or the focus is on it. */
function explain(box, tip, element, text) {
  element.setAttribute("aria-label", text.join(", "));
  const show = () => {
    tip.replaceChildren(...text.map((line, i) => h(i ? "div" : "strong", null, line)));
    tip.hidden = false;
    const [outer, inner] = [box.getBoundingClientRect(), element.getBoundingClientRect()];
    const left = Math.max(0, Math.min(inner.x - outer.x + inner.width / 2 - tip.offsetWidth / 2, outer.width - tip.offsetWidth));
    const above = inner.y - outer.y - tip.offsetHeight - 8;
    tip.style.left = `${left}px`;
    tip.style.top = `${above < 0 ? inner.y - outer.y + inner.height + 8 : above}px`;
  };
  const hide = () => { tip.hidden = true; };
  for (const name of ["pointerenter", "focus"]) element.addEventListener(name, show);
  for (const name of ["pointerleave", "blur"]) element.addEventListener(name, hide);
  return element;
}

const scale = (from, to) => (value) => to[0] + ((value - from[0]) / (from[1] - from[0] || 1)) * (to[1] - to[0]);

/** About n round numbers from low to high. */
function ticks(low, high, n) {
  const rough = (high - low || 1) / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) found.push(value);
  return found;
}

/** Horizontal lines with their values at the left. */
function yAxis(y, values, left, right, text) {
  return values.map((value) => svg("g", null,
    svg("line", { class: "grid", x1: left, x2: right, y1: y(value), y2: y(value) }),
    svg("text", { class: "tick", x: left - 8, y: y(value) + 4, "text-anchor": "end" }, text(value))));
}

function xAxis(x, values, bottom, text) {
  return values.map((value) => svg("text", { class: "tick", x: x(value), y: bottom + 18, "text-anchor": "middle" }, text(value)));
}

/** Positions moved apart so that neighbours are at least `gap` from each other; in the same order. */
function spread(positions, gap) {
  const order = positions.map((_, i) => i).sort((a, b) => positions[a] - positions[b]);
  const placed = [...positions];
  for (let round = 0; round < 50; round++) {
    let moved = false;
    for (let k = 1; k < order.length; k++) {
      const lack = gap - (placed[order[k]] - placed[order[k - 1]]);
      if (lack > 0.01) { placed[order[k]] += lack / 2; placed[order[k - 1]] -= lack / 2; moved = true; }
    }
    if (!moved) break;
  }
  return placed;
}

/** A horizontal share between 0 and 1. */
function meter(share, label) {
  const bar = h("span", { class: "meter", role: "img", "aria-label": label });
  const fillOf = h("span");
  fillOf.style.width = `${100 * share}%`;
  bar.append(fillOf);
  return bar;
}
