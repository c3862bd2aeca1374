// Elements. Every text becomes a text node or an attribute that holds no code: none can turn into markup or script.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (onNAME: a listener; null, undefined, false: left out) and children, nested as you like. */
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/** The same for SVG. */
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || (value === false && !name.startsWith("aria-"))) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

const byId = (id) => document.getElementById(id);

/** A table in a box of its own that scrolls sideways. columns: {name, number?}; rows: lists of cells. */
function table(caption, columns, rows) {
  const cell = (column, content) => h("td", { class: column.number ? "number" : null }, content);
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      null,
      h("caption", { class: "hidden" }, caption),
      h("thead", null, h("tr", null, columns.map((column) => h("th", { scope: "col", class: column.number ? "number" : null }, column.name)))),
      h("tbody", null, rows.map((row) => h("tr", null, row.map((content, i) => (i ? cell(columns[i], content) : h("th", { scope: "row" }, content)))))),
    ),
  );
}

function section(title, ...children) {
  return h("section", null, h("h2", null, title), children);
}

const simulatedMark = () => h("span", { class: "simulated" }, "SIMULATED");
