// Two runs side by side: the test tasks that one solved and the other did not.

async function compareView(a, b) {
  const first = core.runs[a] ?? core.runs[0];
  const second = core.runs[b] ?? partner(first);
  const pick = (label, run, change) => h("label", null, h("span", null, label), h("select", { name: label, onchange: (event) => change(event.target.value) }, core.runs.map((other) => h("option", { value: other.key, selected: other === run }, `${runName(other)}${other.simulated ? " (simulated)" : ""}`))));
  const head = [
    h("h1", { tabindex: -1 }, "Two runs side by side"),
    h("form", { class: "filters stacked", onsubmit: (event) => event.preventDefault() },
      pick("A", first, (key) => { location.hash = `#/compare/${key}/${second.key}`; }), pick("B", second, (key) => { location.hash = `#/compare/${first.key}/${key}`; }))];
  const [one, other] = await Promise.all([details(first), details(second)]);
  const pairs = paired(one, other);
  if (!pairs.length) return { element: h("div", null, head, h("p", { class: "note" }, "These runs have no test task in common.")), update: () => {} };
  const groups = [
    { name: "A solved, B did not", of: pairs.filter((pair) => pair.a.won && !pair.b.won) },
    { name: "B solved, A did not", of: pairs.filter((pair) => !pair.a.won && pair.b.won) },
    { name: "Both solved", of: pairs.filter((pair) => pair.a.won && pair.b.won) },
    { name: "Neither solved", of: pairs.filter((pair) => !pair.a.won && !pair.b.won) },
  ];
  const columns = groups.map((group) => {
    const list = longList({ label: `${group.name}: arrow keys move, Enter opens`, height: 60, row: pairRow, open: (pair) => go({ t: pairs.indexOf(pair) }) });
    list.show(group.of);
    return h("section", { class: "flips" }, h("h2", null, group.name, " ", h("span", { class: "muted" }, group.of.length)), group.of.length ? list.element : h("p", { class: "muted" }, "None."));
  });
  const share = (key) => percent(pairs.filter((pair) => pair[key].won).length / pairs.length, 1);
  const element = h("div", null, head,
    h("p", null, `Of ${plural(pairs.length, "common test task")} `, h("strong", null, `A solved ${share("a")}`), ", ", h("strong", null, `B ${share("b")}`), `; ${groups[0].of.length + groups[1].of.length} went differently.`),
    h("div", { class: "two" }, columns));
  return {
    element,
    update(query) {
      const at = query.get("t") === null ? undefined : pairs[Number(query.get("t"))];
      if (!at) return drawer.close();
      const own = groups.find((group) => group.of.includes(at)).of;
      const step = (pair) => (pair ? () => go({ t: pairs.indexOf(pair) }, true) : null);
      return openPair([first, one, at.a], [second, other, at.b], { previous: step(own[own.indexOf(at) - 1]), next: step(own[own.indexOf(at) + 1]) });
    },
  };
}

/** A run to compare with: the same task and seed by another method, if there is one. */
function partner(run) {
  const same = (other, ...keys) => other !== run && keys.every((key) => other.point[key] === run.point[key]);
  const found = (...keys) => core.runs.find((other) => same(other, ...keys) && other.point.optimizer !== run.point.optimizer);
  return found("env", "model", "train_size", "seed") ?? found("env") ?? core.runs.find((other) => other !== run) ?? run;
}

function paired(one, other) {
  const tested = (data) => new Map(data.episodes.filter((e) => e.phase === "test").map((e) => [e.task, e]));
  const theirs = tested(other);
  return [...tested(one)].filter(([task]) => theirs.has(task)).map(([task, a]) => ({ task, a, b: theirs.get(task) })).sort((p, q) => (p.task < q.task ? -1 : 1));
}

function pairRow(pair) {
  return [
    h("div", { class: "what" }, h("div", { class: "one" }, pair.a.goal || pair.task), h("div", { class: "one muted small" }, pair.a.category.replaceAll("_", " "))),
    h("div", { class: "end small" }, h("div", null, "A ", outcomeMark(pair.a.won), ` ${plural(pair.a.steps, "step")}`), h("div", null, "B ", outcomeMark(pair.b.won), ` ${plural(pair.b.steps, "step")}`)),
  ];
}

async function openPair(a, b, neighbours) {
  const body = h("div", { class: "pair" });
  drawer.open({ title: a[2].goal || a[2].task, simulated: a[0].simulated || b[0].simulated, body, neighbours, wide: true, closed: () => go({ t: null }) });
  const sides = await Promise.all([a, b].map(([run, data, episode]) => episodeParts(run, data, episode, false)));
  body.replaceChildren(...sides.map((parts, i) => h("section", null, h("h3", null, `${"AB"[i]}: ${runName([a, b][i][0])}`), parts)));
}
