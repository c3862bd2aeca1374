// From the address to a view. Everything one can look at has an address: #/, #/run/2/tree?node=…, #/compare/0/4?t=7.

let shown = null; // {path, view}

const address = () => {
  const [path, query] = location.hash.slice(1).split("?");
  return { path: path || "/", query: new URLSearchParams(query ?? "") };
};

function hashOf(path, query) {
  for (const [key, value] of [...query]) if (value === "") query.delete(key);
  const text = query.toString();
  return `#${path}${text && `?${text}`}`;
}

/** Change a part of the address; null takes it out. instead: without a new entry in the history. */
function go(changes, instead = false) {
  const { path, query } = address();
  let closing = false;
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) { closing ||= query.has(key); query.delete(key); } else query.set(key, value);
  }
  if (instead || closing) { history.replaceState(null, "", hashOf(path, query)); route(); }
  else location.hash = hashOf(path, query);
}

/** Note filters in the address, for a reload or a link. */
function keep(filters) {
  const { path, query } = address();
  for (const [key, value] of Object.entries(filters)) query.set(key, value);
  history.replaceState(null, "", hashOf(path, query));
}

async function route() {
  const { path, query } = address();
  if (shown?.path !== path) {
    const own = { path, view: null };
    const before = shown;
    shown = own;
    drawer.close();
    const [kind, first, second] = path.split("/").filter(Boolean);
    const run = core.runs[first];
    const about = kind === "run" && run ? [run] : kind === "compare" ? [core.runs[first], core.runs[second]].filter(Boolean) : core.runs;
    frame(kind, about);
    const view = await (kind === "run" && run ? runView(run, second ?? "", query) : kind === "compare" ? compareView(first, second) : overview());
    if (shown !== own) return; // somebody went elsewhere meanwhile
    own.view = view;
    byId("main").replaceChildren(view.element);
    if (before) {
      window.scrollTo(0, 0);
      if (before.path.split("/")[2] === path.split("/")[2] && kind === "run") byId("main").querySelector(".tabs [aria-current]").focus();
      else byId("main").querySelector("h1").focus();
    }
  }
  await shown.view?.update(address().query);
}

/** The bar at the top, and what must be known of a view whoever looks at it. */
function frame(kind, about) {
  const simulated = about.some((run) => run.simulated);
  const link = (href, text, on) => h("a", { href, "aria-current": on ? "page" : null }, text);
  byId("nav").replaceChildren(
    h("a", { class: "brand", href: "#/" }, "FGO"),
    link("#/", "Overview", !kind), core.runs.length > 1 ? link(`#/compare/${core.runs[0].key}/${partner(core.runs[0]).key}`, "Compare", kind === "compare") : "",
    h("span", { class: "space" }), simulated ? simulatedMark() : "");
  const banner = byId("banner");
  banner.hidden = !simulated;
  const all = about.every((run) => run.simulated);
  banner.replaceChildren(h("div", { class: "inner" }, h("strong", null, "SIMULATED. "), `${all ? "Made" : "Part of this was made"} with a model of a model: it shows that the harness works, not that any claim about real models holds.`));
}

window.addEventListener("hashchange", route);
route();
