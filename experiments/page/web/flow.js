// Where the tokens went: from who asked (left) to the phase they were spent in (right), as wide as they are many.

const PHASES = ["explore", "validate", "optimize", "merge", "test"];
const ROLES = ["agent", "evaluator", "optimizer", "merger"];
const ROLE_COLOUR = { __proto__: null, agent: "var(--sky)", evaluator: "var(--green)", optimizer: "var(--orange)", merger: "var(--purple)" };

/** ledger lines: role, phase, calls, cached, failed, prompt, output, longest, dollars, paid. */
function flowChart(run) {
  const lines = run.ledger.map(([role, phase, , , , prompt, output]) => ({ role, phase, prompt, output, tokens: prompt + output })).filter((line) => line.tokens);
  if (!lines.length) return null;
  const all = lines.reduce((sum, line) => sum + line.tokens, 0);
  const sides = [ordered(lines, "role", ROLES), ordered(lines, "phase", PHASES)];
  return chart("Tokens by role and phase", (width, explained) => {
    const names = width < 520 ? 100 : 130;
    const [left, right, gap] = [names, width - names, 30];
    const height = 60 + 160 + gap * Math.max(...sides.map((side) => side.length - 1));
    const size = (tokens) => Math.max(1.5, (tokens / all) * 160);
    const places = sides.map((side) => {
      let at = 24;
      return new Map(side.map(([name, tokens]) => { const place = { at, fill: at, tokens }; at += Math.max(size(tokens), 3) + gap; return [name, place]; }));
    });
    const byOrder = [...lines].sort((a, b) => rank(ROLES, a.role) - rank(ROLES, b.role) || rank(PHASES, a.phase) - rank(PHASES, b.phase));
    const ribbons = byOrder.map((line) => {
      const [from, to, thick] = [places[0].get(line.role), places[1].get(line.phase), size(line.tokens)];
      const [a, b, middle] = [from.fill, to.fill, (left + right) / 2];
      from.fill += thick;
      to.fill += thick;
      const d = `M${left + 6} ${a}C${middle} ${a} ${middle} ${b} ${right - 6} ${b}V${b + thick}C${middle} ${b + thick} ${middle} ${a + thick} ${left + 6} ${a + thick}Z`;
      return explained(svg("path", { class: "ribbon", d, tabindex: 0, role: "img", fill: ROLE_COLOUR[line.role] ?? "var(--grey)" }),
        [`${line.role} → ${line.phase}`, `${count(line.tokens)} tokens, ${percent(line.tokens / all, 1)}`, `${count(line.prompt)} prompt, ${count(line.output)} output`]);
    });
    const label = (side, x, anchor) => [...places[side]].map(([name, place]) => svg("g", null,
      svg("rect", { x: side ? right - 6 : left, y: place.at, width: 6, height: Math.max(size(place.tokens), 3), rx: 1.5, fill: side ? "var(--muted)" : ROLE_COLOUR[name] ?? "var(--grey)" }),
      svg("text", { class: "name", x, y: place.at + size(place.tokens) / 2 - 1, "text-anchor": anchor }, name),
      svg("text", { class: "tick", x, y: place.at + size(place.tokens) / 2 + 14, "text-anchor": anchor }, `${short(place.tokens)} · ${percent(place.tokens / all, place.tokens / all < 0.1 ? 1 : 0)}`)));
    return svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group" }, ribbons, label(0, left - 8, "end"), label(1, right + 8, "start"));
  });
}

const rank = (order, name) => (order.includes(name) ? order.indexOf(name) : order.length);

function ordered(lines, key, order) {
  const sums = new Map();
  for (const line of lines) sums.set(line[key], (sums.get(line[key]) ?? 0) + line.tokens);
  return [...sums].sort((a, b) => rank(order, a[0]) - rank(order, b[0]));
}

function ledgerTable(run) {
  const cells = ([calls, cached, failed, prompt, output, longest, cost, paid]) => [count(calls), count(cached), count(failed), count(prompt), count(output), count(longest), dollars(cost), dollars(paid)];
  const names = ["Calls", "Cached", "Failed", "Prompt", "Output", "Longest prompt", "$", "$ paid"];
  const rows = run.ledger.map(([role, phase, ...amounts]) => [role, phase, ...cells(amounts)]);
  const box = table("Tokens and dollars", [{ name: "Role" }, { name: "Phase" }, ...names.map((name) => ({ name, number: true }))], [...rows, ["all", "", ...cells(run.total)]]);
  box.querySelector("tr:last-child").classList.add("sum");
  return box;
}
