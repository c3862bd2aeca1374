// The tree of modules: the seed at the left, proposals and merges to the right of what they were made from.

const MANY = 60; // nodes; beyond that the rejected ones are hidden until asked for
const [COLUMN, ROW, BOX_WIDTH, BOX_HEIGHT] = [158, 56, 118, 42];

/** {element, select(digest)}: the tree, and a way to mark a node in it. choose(digest): somebody wants to see that one. */
function treeChart(data, choose) {
  const all = [...data.tree.values()];
  const used = ancestry(data, data.final);
  let withRejected = all.length <= MANY;
  let selected = data.final;
  const host = h("div", { class: "scroll tree", role: "group", "aria-label": "Tree of modules: arrow keys move, Enter shows" });
  const marks = new Map();

  function draw() {
    const nodes = all.filter((node) => withRejected || node.accepted !== false || used.has(node.digest));
    const place = layout(nodes);
    const at = (node) => [14 + place.get(node.digest).layer * COLUMN, 14 + place.get(node.digest).row * ROW];
    const extent = (key) => Math.max(...[...place.values()].map((p) => p[key]));
    const [width, height] = [28 + extent("layer") * COLUMN + BOX_WIDTH, 28 + extent("row") * ROW + BOX_HEIGHT];
    marks.clear();
    const lines = nodes.flatMap((node) => node.parents.filter((parent) => place.has(parent)).map((parent) => {
      const [[x1, y1], [x2, y2]] = [at(data.tree.get(parent)), at(node)];
      const [from, to] = [x1 + BOX_WIDTH, (x1 + BOX_WIDTH + x2) / 2];
      const [a, b] = [y1 + BOX_HEIGHT / 2, y2 + BOX_HEIGHT / 2];
      return svg("path", { class: used.has(node.digest) && used.has(parent) ? "edge used" : "edge", fill: "none", d: `M${from} ${a}C${to} ${a} ${to} ${b} ${x2} ${b}` });
    }));
    const boxes = nodes.map((node) => {
      const [x, y] = at(node);
      const score = node.mean === null ? "not validated" : percent(node.mean);
      const mark = markOf(node);
      mark.setAttribute("transform", `translate(15 ${BOX_HEIGHT / 2})`);
      const box = svg("g", {
        class: `node${node.accepted === false ? " rejected" : ""}${node.digest === data.final ? " final" : ""}`, transform: `translate(${x} ${y})`, tabindex: -1, role: "button",
        "aria-label": `${node.made}, ${placeOf(node.scope)}, ${score}, ${verdictOf(node)}${node.digest === data.final ? ", the result" : ""}`,
        onclick: () => choose(node.digest), onkeydown: (event) => press(event, node, nodes, place),
      },
      svg("rect", { class: "box", width: BOX_WIDTH, height: BOX_HEIGHT, rx: 8 }), mark,
      svg("text", { class: "name", x: 30, y: 18 }, node.made === "seed" ? "seed" : shortPlace(node.scope)),
      svg("text", { class: "tick", x: 30, y: 33 }, node.digest === data.final ? `${score} · result` : score));
      marks.set(node.digest, box);
      return box;
    });
    host.replaceChildren(svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group" }, lines, boxes));
    mark(selected);
  }

  function press(event, node, nodes, place) {
    const own = place.get(node.digest);
    const beside = nodes.filter((other) => place.get(other.digest).layer === own.layer).sort((a, b) => place.get(a.digest).row - place.get(b.digest).row);
    const children = nodes.filter((other) => other.parents.includes(node.digest)).map((other) => other.digest);
    const target = {
      ArrowLeft: node.parents.find((parent) => marks.has(parent)), ArrowRight: children[0],
      ArrowUp: beside[beside.indexOf(node) - 1]?.digest, ArrowDown: beside[beside.indexOf(node) + 1]?.digest,
    }[event.key];
    if (event.key === "Enter" || event.key === " ") choose(node.digest);
    else if (event.key.startsWith("Arrow")) { if (target) reach(target); }
    else return;
    event.preventDefault();
  }

  function reach(digest) {
    for (const [other, box] of marks) box.setAttribute("tabindex", other === digest ? 0 : -1);
    marks.get(digest).focus();
  }

  function mark(digest) {
    selected = marks.has(digest) ? digest : marks.keys().next().value;
    for (const [other, box] of marks) {
      box.setAttribute("tabindex", other === selected ? 0 : -1);
      box.classList.toggle("selected", other === selected);
      box.setAttribute("aria-pressed", other === selected);
    }
    const [box, view] = [marks.get(selected).getBoundingClientRect(), host.getBoundingClientRect()];
    if (box.left < view.left || box.right > view.right) host.scrollLeft += box.left - view.left - (view.width - box.width) / 2;
    if (box.top < view.top || box.bottom > view.bottom) host.scrollTop += box.top - view.top - (view.height - box.height) / 2;
  }

  draw();
  const toggle = all.length > MANY && h("label", { class: "check" }, h("input", { type: "checkbox", onchange: (event) => { withRejected = event.target.checked; draw(); } }), "with the rejected ones");
  return { element: h("div", null, toggle, host), select: mark };
}

/** digest -> {layer, row}: each layer in the order of what its nodes were made from. */
function layout(nodes) {
  const layers = [];
  for (const node of nodes) (layers[node.layer] ??= []).push(node);
  const place = new Map();
  layers.forEach((members, layer) => {
    const wish = (node, i) => {
      const rows = node.parents.filter((parent) => place.has(parent)).map((parent) => place.get(parent).row);
      return layer < 2 || !rows.length ? i : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    const order = layer === 1 ? [...members].sort((a, b) => (a.scope.subset ?? 0) - (b.scope.subset ?? 0)) : members;
    const rows = spread(order.map(wish), 1);
    order.forEach((node, i) => place.set(node.digest, { layer, row: rows[i] }));
  });
  const first = layers[1];
  if (first && layers[0]?.length === 1) place.get(layers[0][0].digest).row = first.reduce((sum, node) => sum + place.get(node.digest).row, 0) / first.length;
  const top = Math.min(...[...place.values()].map((p) => p.row));
  for (const p of place.values()) p.row -= top;
  return place;
}

/** The digests of these modules and of all that they were made from, nearest first. */
function ancestry(data, digest) {
  const found = new Set();
  const waiting = [digest];
  while (waiting.length) {
    const current = waiting.shift();
    if (found.has(current) || !data.tree.has(current)) continue;
    found.add(current);
    waiting.push(...data.tree.get(current).parents);
  }
  return found;
}
