// One node of the tree: what it says, what changed, how it did, and the trajectories behind each of its lines.

function nodePanel(run, data, digest) {
  const node = data.tree.get(digest);
  if (!node) return h("p", { class: "muted" }, "This run made no such modules.");
  const link = (other) => h("a", { href: `#/run/${run.key}/tree?node=${other}`, class: "chip" }, nodeName(data.tree.get(other)));
  const children = [...data.tree.values()].filter((other) => other.parents.includes(digest));
  const played = data.episodes.filter((episode) => episode.modules === digest).length;
  const facts = [
    ["validation", node.mean === null ? "not validated" : percent(node.mean, 1)],
    node.accepted !== null && [node.accepted ? "accepted" : "rejected", node.why],
    node.parents.length && ["made from", node.parents.map(link)],
    children.length && ["went into", children.map((child) => link(child.digest))],
    played > 0 && ["played in", h("a", { class: "chip", href: `#/run/${run.key}/episodes?modules=${digest}` }, plural(played, "episode"))],
    ["digest", h("code", null, digest)],
  ].filter(Boolean);
  return h("section", { class: "card", "aria-live": "polite" },
    h("h2", null, nodeName(node), digest === data.final && h("span", { class: "pill" }, "the run's result")),
    h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)])),
    changes(run, data, node), texts(run, data, node), evidence(run, data, node));
}

const nodeName = (node) => (node.made === "seed" ? "Seed" : `${node.made === "merge" ? "Merge" : "Proposal"}: ${placeOf(node.scope)}`);

const WITHHELD = "Withheld, since it may quote tasks that must not be passed on; fgo report --text shows it.";

function unknown(run, node) {
  const lines = Object.entries(node.lines).map(([name, n]) => `${name}: ${plural(n, "line")}`).join(", ");
  const why = run.text ? "Its text is not in this run's journal; a run without optimization on this page would show it." : WITHHELD;
  return h("p", { class: "muted" }, lines && `${lines}. `, why);
}

function changes(run, data, node) {
  if (!node.parents.length) return null;
  return node.parents.map((digest) => {
    const parent = data.tree.get(digest);
    return h("details", { open: true },
      h("summary", null, `What changed against ${nodeName(parent)}${parent.mean === null ? "" : ` (${percent(parent.mean, 1)})`}`),
      node.texts && parent.texts ? diffOf(parent.texts, node.texts) : unknown(run, node.texts ? parent : node));
  });
}

function texts(run, data, node) {
  if (!node.texts) return node.parents.length ? null : unknown(run, node);
  const known = [...ancestry(data, node.digest)].map((digest) => data.tree.get(digest));
  return Object.keys(node.texts).sort().filter((name) => node.texts[name]).map((name) => h("details", { open: true },
    h("summary", null, capital(name)),
    h("ol", { class: "lines" }, node.texts[name].split("\n").map((line) => h("li", null, h("div", null, line), line.trim() && sourcesOf(run, data, known, line))))));
}

const capital = (name) => name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
const bare = (line) => line.trim().replace(/^[-*] +/, "");

/** Who gave a line its wording, of the node's ancestors, and the trajectories it was drawn from. */
function sourcesOf(run, data, known, line) {
  const found = known.flatMap((node) => node.evidence.filter(([rule]) => bare(rule) === bare(line)).map(([, labels]) => [node, labels]));
  return found.map(([node, labels]) => h("div", { class: "sources" },
    h("span", { class: "muted small" }, `${placeOf(node.scope)}: `),
    labels.length ? labels.map((label) => witness(run, data, node, label)) : h("span", { class: "muted small" }, "trajectories it was not shown")));
}

/** A link to the episode that was shown under a label. */
function witness(run, data, node, label, whole = false) {
  const episode = data.byId.get(node.shown[label]);
  if (!episode) return h("span", { class: "chip" }, label);
  return h("a", { class: whole ? "chip" : "chip label", href: `#/run/${run.key}/tree?node=${selectedNode() ?? node.digest}&e=${episode.index}`, title: `${episode.goal || episode.task}: ${STATUS[episode.status] ?? episode.status}`, "aria-label": `${label}, ${episode.goal || episode.task}: ${STATUS[episode.status] ?? episode.status}` },
    outcomeMark(episode.won), whole ? shortTask(episode.goal || episode.task) : label);
}

function evidence(run, data, node) {
  const shown = Object.keys(node.shown);
  if (!shown.length) return null;
  const cited = (label) => node.evidence.filter(([, labels]) => labels.includes(label)).length;
  return h("details", null, h("summary", null, `The ${plural(shown.length, "trajectory").replace("trajectorys", "trajectories")} it was drawn from`),
    h("ul", { class: "plain" }, shown.map((label) => h("li", null, witness(run, data, node, label, true), h("span", { class: "muted small" }, `${label}, behind ${plural(cited(label), "rule")}`)))));
}

const outcomeMark = (won) => h("span", { class: won ? "won" : "lost", "aria-label": won ? "won" : "not won", role: "img" }, won ? "✓" : "✗");
const shortTask = (task) => (task.length > 60 ? `${task.slice(0, 58)}…` : task);
