// The first view: each study's verdicts, figure and table, then all runs.

function overview() {
  const episodes = core.runs.reduce((sum, run) => sum + run.episodes, 0);
  const element = h("div", null,
    h("h1", { tabindex: -1 }, core.title),
    h("p", { class: "muted" }, `${plural(core.runs.length, "run")}, ${plural(episodes, "episode")}, ${short(core.runs.reduce((sum, run) => sum + run.total[3] + run.total[4], 0))} tokens.`),
    core.studies.map((study) => studyView(study)),
    section("Runs", runsTable()));
  return { element, update: () => drawer.close() };
}

function studyView(study) {
  return h("div", null,
    core.studies.length > 1 && h("h2", { class: "study" }, study.title, study.simulated && simulatedMark()),
    study.verdicts.length > 0 && section("Verdicts", h("div", { class: "verdicts" }, study.verdicts.map(verdictCard))),
    study.problems.length > 0 && h("div", { class: "note alarm" }, h("strong", null, "Not complete"), h("ul", null, study.problems.map((problem) => h("li", null, problem)))),
    study.heat && h("section", { "aria-label": study.heat.title }, heatMap(study.heat)),
    study.sections.map((part) => h("section", null, h("h2", null, part.title), !study.heat && successChart(part), rowsTable(study, part))),
    study.notes.map((note) => h("p", { class: "muted small prose" }, note)));
}

function verdictCard(verdict) {
  const good = /^(reproduced|simulated: consistent)/.test(verdict.verdict);
  const bad = /^(not reproduced|simulated: inconsistent)/.test(verdict.verdict);
  return h("article", { class: "card" },
    h("p", { class: `verdict ${good ? "good" : bad ? "bad" : ""}` }, h("span", { "aria-hidden": true }, good ? "✓ " : bad ? "✗ " : "○ "), verdict.verdict),
    h("h3", null, verdict.claim),
    h("dl", { class: "facts" }, [["stated", verdict.stated], ["measured", verdict.measured], ["why", verdict.why]].filter(([, value]) => value).map(([name, value]) => [h("dt", null, name), h("dd", null, value)])));
}

function rowsTable(study, part) {
  const number = (name) => ({ name, number: true });
  const columns = [{ name: "Optimizer" }, number("Training tasks"), number("Test tasks × seeds"), number("Success % [95 %]"), ...study.baselines.map((name) => number(`vs ${nameOf(name)}`)),
    number("Training episodes"), number("Prompt a call, mean"), number("max"), ...study.phases.map((phase) => number(`${phase} tokens`)), number("$")];
  const mixed = core.runs.some((run) => !run.simulated);
  const colour = colours([...new Set(part.rows.map((row) => row.optimizer))]);
  const rows = part.rows.map((row) => {
    const swatch = h("span", { class: "swatch", "aria-hidden": true });
    swatch.style.background = colour(row.optimizer);
    const head = [[swatch, nameOf(row.optimizer), mixed && row.simulated && [" ", simulatedMark()]], count(row.size), `${row.tasks} × ${row.seeds.length}`];
    if (row.problem) return [...head, h("span", { class: "alarm" }, row.problem), ...Array(columns.length - 4).fill("–")];
    const whole = (value) => (value === null ? "–" : count(value));
    return [...head, h("strong", null, interval(row.success)), ...study.baselines.map((name) => interval(row.differences[name], true)), count(row.episodes), whole(row.prompt_mean), whole(row.prompt_max), ...study.phases.map((phase) => short(row.tokens[phase])), dollars(row.dollars)];
  });
  return table(`Results: ${part.title}`, columns, rows);
}

function runsTable() {
  const number = (name) => ({ name, number: true });
  const mixed = core.runs.some((run) => !run.simulated);
  const rows = core.runs.map((run) => [
    [h("a", { href: `#/run/${run.key}` }, runName(run)), mixed && run.simulated && [" ", simulatedMark()]],
    run.state === "complete" ? "complete" : h("span", { class: "alarm", title: run.reason }, `${run.state}: ${run.reason}`),
    run.success ? [meter(run.success[0], ""), percent(run.success[0], 1)] : "–",
    count(run.episodes), short(run.total[3] + run.total[4]), dollars(run.total[6]),
    h("a", { href: `#/compare/${run.key}/${partner(run).key}`, "aria-label": `Compare ${runName(run)}` }, "compare"),
  ]);
  const columns = [{ name: "Run" }, { name: "State" }, number("Solved"), number("Episodes"), number("Tokens"), number("$"), { name: "" }];
  return table("Runs", columns, rows);
}
