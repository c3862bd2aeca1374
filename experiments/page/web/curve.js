// The learning curve: each validation against what had been spent by then, joined to what its modules were made from.

const AXES = {
  episodes: { name: "training episodes played", text: short },
  tokens: { name: "tokens used, test apart", text: short },
  dollars: { name: "dollars, test apart", text: dollars },
};

function curveOf(run, data) {
  const axes = Object.keys(AXES).filter((key) => run.curve.some((point) => point[key] > 0));
  let axis = axes[0] ?? "episodes";
  const host = h("div");
  const redraw = () => host.replaceChildren(curveChart(run, data, axis));
  redraw();
  const choice = h("div", { class: "choice", role: "group", "aria-label": "Against" }, h("span", { class: "muted small", "aria-hidden": true }, "against"), axes.map((key) =>
    h("button", { type: "button", class: "quiet", "aria-pressed": key === axis, onclick: (event) => {
      axis = key;
      for (const other of choice.querySelectorAll("button")) other.setAttribute("aria-pressed", other === event.currentTarget);
      redraw();
    } }, key)));
  const rows = run.curve.map((point) => {
    const node = data.tree.get(point.modules);
    return [h("a", { href: `#/run/${run.key}/tree?node=${point.modules}` }, placeOf(point.scope)), percent(point.mean, 1), count(point.episodes), count(point.tokens), dollars(point.dollars), verdictOf(node)];
  });
  const columns = [{ name: "Where" }, ...["Validation", "Episodes", "Tokens", "$"].map((name) => ({ name, number: true })), { name: "Then" }];
  return [choice, host, legend(), h("details", null, h("summary", null, "As a table"), table("Validations", columns, rows))];
}

const verdictOf = (node) => (!node || node.accepted === null ? (node?.made === "seed" ? "seed" : "–") : node.accepted ? "accepted" : "rejected");

function legend() {
  const sign = (shape, text) => h("span", null, svg("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": true }, shape), text);
  return h("div", { class: "legend" },
    sign(markOf({ made: "seed" }), "seed"), sign(markOf({ made: "proposal", accepted: true }), "proposal"),
    sign(markOf({ made: "merge", accepted: true }), "merge"), sign(markOf({ made: "proposal", accepted: false }), "rejected"));
}

/** A seed is a square, a proposal a circle, a merge a diamond; hollow where it was rejected. */
function markOf(node) {
  const kind = `dot ${node.made}${node.accepted === false ? " rejected" : ""}`;
  if (node.made === "merge") return svg("path", { class: kind, d: "M0 -7L7 0L0 7L-7 0Z" });
  if (node.made === "seed") return svg("rect", { class: kind, x: -5, y: -5, width: 10, height: 10 });
  return svg("circle", { class: kind, r: 5.5 });
}

function curveChart(run, data, axis) {
  const points = run.curve;
  return chart(`Validation mean against ${AXES[axis].name}`, (width, explained) => {
    const [left, right, top, bottom, height] = [48, width - 22, 16, 240, 284];
    const x = scale([0, Math.max(...points.map((point) => point[axis]))], [left + 12, right]);
    const low = Math.max(0, Math.floor(10 * Math.min(...points.map((point) => point.mean)) - 0.5) / 10);
    const high = Math.min(1, Math.ceil(10 * Math.max(...points.map((point) => point.mean)) + 0.5) / 10);
    const y = scale([low, high], [bottom, top]);
    const first = new Map();
    for (const point of points) if (!first.has(point.modules)) first.set(point.modules, point);
    const edges = points.flatMap((point) => (data.tree.get(point.modules)?.parents ?? []).filter((parent) => first.has(parent) && first.get(point.modules) === point).map((parent) => [first.get(parent), point]));
    const best = [];
    let highest = -1;
    for (const point of points) {
      if (best.length) best.push([x(point[axis]), y(highest)]);
      highest = Math.max(highest, point.mean);
      best.push([x(point[axis]), y(highest)]);
    }
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group" },
      yAxis(y, ticks(low, high, 5), left, right, (value) => percent(value)),
      xAxis(x, ticks(0, Math.max(...points.map((point) => point[axis])), width < 520 ? 3 : 6), bottom, AXES[axis].text),
      svg("text", { class: "axis", x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, AXES[axis].name),
      svg("path", { class: "best", fill: "none", d: `M${best.map((place) => place.join(" ")).join("L")}` }),
      edges.map(([from, to]) => svg("line", { class: "edge", x1: x(from[axis]), y1: y(from.mean), x2: x(to[axis]), y2: y(to.mean) })),
      points.map((point) => {
        const node = data.tree.get(point.modules) ?? { made: "seed" };
        const link = svg("a", { href: `#/run/${run.key}/tree?node=${point.modules}`, class: "mark", transform: `translate(${x(point[axis])} ${y(point.mean)})` }, markOf(node), svg("circle", { r: 12, fill: "transparent" }));
        return explained(link, [`${node.made}: ${placeOf(point.scope)}`, `validation ${percent(point.mean, 1)} of ${plural(point.tasks, "task")}`, `${plural(point.episodes, "episode")}, ${short(point.tokens)} tokens by then`, ...(node.why ? [node.why] : [])]);
      }));
  });
}
