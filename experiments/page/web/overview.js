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
    study.verdicts.length > 0 && section("Verdicts on the paper's claims", h("div", { class: "verdicts" }, study.verdicts.map(verdictCard))),
    study.problems.length > 0 && h("div", { class: "note alarm" }, h("strong", null, "Not complete"), h("ul", null, study.problems.map((problem) => h("li", null, problem)))),
    study.heat && h("section", { "aria-label": study.heat.title }, heatMap(study.heat)),
    study.sections.map((part) => h("section", null, h("h2", null, part.title), !study.heat && successChart(part), rowsTable(study, part), testedTable(part))),
    study.notes.map((note) => h("p", { class: "muted small prose" }, note)),
    study.footer && h("p", { class: "muted small prose" }, study.footer));
}

/** A claim: each sensible reading of it down, where it was judged across; the parts of a verdict behind a click. */
function verdictCard(found) {
  const cell = (one) => one && [verdictWord(one.verdict), h("div", null, one.why),
    one.parts.length > 0 && h("details", null, h("summary", null, plural(one.parts.length, "part")),
      h("ul", null, one.parts.map((part) => h("li", null, [part.where, part.verdict, part.why].filter(Boolean).join(": ")))))];
  const heads = found.sections.map((name, i) => ({ name: [name, found.notes[i] && h("div", { class: "small" }, found.notes[i])] }));
  return h("article", null,
    h("h3", null, found.claim),
    table(`Verdicts: ${found.claim}`, [{ name: "Read as" }, ...heads], found.readings.map((one) => [one.reading || "–", ...one.cells.map((each) => cell(each) ?? "–")])),
    h("details", null, h("summary", null, "The claim and its measure"),
      h("dl", { class: "facts" }, [["claimed", found.stated], ["measured", found.measured]].map(([name, value]) => [h("dt", null, name), h("dd", null, value)]))));
}

function verdictWord(word) {
  const [kind, sign] = GOOD.test(word) ? ["good", "✓ "] : BAD.test(word) ? ["bad", "✗ "] : ["", "○ "];
  return h("div", { class: `verdict ${kind}` }, h("span", { "aria-hidden": true }, sign), word);
}

const GOOD = /^(reproduced|simulated: consistent)/;
const BAD = /^(not reproduced|simulated: inconsistent)/;

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

/** The differences as they were tested; a row of cells each, as experiments/page/judged.py has them. */
function testedTable(part) {
  if (!part.tested.length) return null;
  const names = ["Training tasks", "against", "Difference, points [95 %]", "relative % [95 %]", "Cohen's h", "won : lost", "p, adjusted", "detectable, points"];
  const rows = part.tested.map(([optimizer, size, baseline, ...rest]) => [nameOf(optimizer), size, nameOf(baseline), ...rest]);
  return h("details", null, h("summary", null, "Differences, tested"), table(`Differences: ${part.title}`, [{ name: "Optimizer" }, ...names.map((name) => ({ name, number: true }))], rows));
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
