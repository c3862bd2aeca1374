// One run: what it came to, and the ways into it.

async function runView(run, part, query) {
  const data = await details(run);
  const tabs = [["", "Summary"], ["tree", "Merge tree"], ["episodes", `Episodes ${count(run.episodes)}`]];
  const links = tabs.map(([name, title]) => h("a", { href: `#/run/${run.key}${name && `/${name}`}`, "aria-current": name === part ? "page" : null }, title));
  const nav = h("nav", { class: "tabs", "aria-label": "Parts of the run", onkeydown: (event) => {
    const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const target = way && links[links.indexOf(document.activeElement) + way];
    if (target) { target.focus(); event.preventDefault(); }
  } }, links);
  const view = part === "episodes" ? episodesView(run, data, query) : part === "tree" ? treeView(run, data) : summaryView(run, data);
  const state = run.state === "complete" ? null : h("p", { class: "note alarm" }, `${capital(run.state)}: ${run.reason}`);
  const withheld = run.text ? null : h("p", { class: "note" }, "Texts of tasks and trajectories are withheld: they must not be passed on. fgo report --text shows them.");
  return { ...view, element: h("div", null,
    h("p", { class: "over" }, h("a", { href: "#/" }, "Overview"), " / ", run.point.study || "no study"),
    h("h1", { tabindex: -1 }, runName(run)),
    h("p", { class: "muted" }, `${run.point.env}${run.data ? ` (${run.data} tasks)` : ""} · ${run.point.model} · ${duration(run.seconds)}`),
    state, withheld, nav, view.element) };
}

function summaryView(run, data) {
  const key = (name, value, more) => h("div", { class: "key" }, h("div", { class: "muted small" }, name), h("div", { class: "big" }, value), h("div", { class: "muted small" }, more));
  const training = Object.entries(run.played).filter(([phase]) => phase !== "test").flatMap(([, counts]) => Object.values(counts)).reduce((a, b) => a + b, 0);
  const decided = ([yes, no]) => `${yes} accepted, ${no} rejected`;
  const element = h("div", null,
    h("div", { class: "keys" },
      key("Test tasks solved", run.success ? percent(run.success[0], 1) : "–", run.success ? `${run.solved} of ${run.tasks}; 95 %: ${interval(run.success).slice(interval(run.success).indexOf("["))}` : `${run.solved} solved so far, of ${run.tasks}`),
      key("Training episodes", count(training), Object.keys(run.played).filter((phase) => phase !== "test").join(", ") || "none"),
      key("Tokens", short(run.total[3] + run.total[4]), `${count(run.total[0])} calls, ${count(run.total[1])} cached`),
      key("Dollars", dollars(run.total[6]), `${dollars(run.total[7])} paid`),
      key("Proposals", String(run.decisions[0] + run.decisions[1]), decided(run.decisions)),
      key("Merges", String(run.merges[0] + run.merges[1]), decided(run.merges))),
    run.curve.length > 0 && section("Learning curve", curveOf(run, data)),
    section("Where the tokens went", flowChart(run), ledgerTable(run),
      h("p", { class: "muted small" }, `Tokens and $ as without a cache. ${run.overflows ? `${plural(run.overflows, "prompt")} exceeded their limit and were cut.` : ""}`)),
    run.categories.length > 0 && section("Test tasks solved, by category", h("div", { class: "categories" }, run.categories.map(([name, won, n]) =>
      h("a", { href: `#/run/${run.key}/episodes?phase=test&category=${encodeURIComponent(name)}` }, h("span", null, name.replaceAll("_", " ") || "all"), meter(won / n, `${won} of ${n}`), h("span", { class: "number" }, `${won} / ${n}`))))),
    section("How it was made", h("details", null, h("summary", null, "Command, versions, settings"), h("dl", { class: "facts" }, run.about.map(([name, value]) => [h("dt", null, name), h("dd", null, value)])))));
  return { element, update: (query) => episodeAsked(run, data, query) };
}

/** The node that the address names. */
const selectedNode = () => new URLSearchParams(location.hash.split("?")[1]).get("node");

function treeView(run, data) {
  const panel = h("div");
  if (!data.tree.size) return { element: h("p", { class: "muted" }, "This run made no modules yet."), update: () => {} };
  const tree = treeChart(data, (digest) => go({ node: digest }));
  const unused = data.unused.length > 0 && h("details", null, h("summary", null, `${plural(data.unused.length, "attempt")} without a usable result`),
    h("ul", null, data.unused.map((one) => h("li", null, `${one.made}, ${placeOf(one.scope)}`, one.problem && `: ${one.problem}`))));
  let shown = null;
  return {
    element: h("div", null, legend(), tree.element, unused, panel),
    update(query) {
      const digest = query.get("node") ?? data.final ?? data.tree.keys().next().value;
      if (digest !== shown) {
        shown = digest;
        tree.select(digest);
        panel.replaceChildren(nodePanel(run, data, digest || data.tree.keys().next().value));
      }
      return episodeAsked(run, data, query);
    },
  };
}

/** Open the episode that the address names, if any. */
function episodeAsked(run, data, query) {
  const episode = query.get("e") === null ? undefined : data.episodes[Number(query.get("e"))];
  return episode ? openEpisode(run, data, episode) : drawer.close();
}
