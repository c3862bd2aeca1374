// All episodes of a run, with filters: phase, how it ended, category, and text (of tasks, or inside trajectories).

const FILTERS = ["phase", "status", "category", "modules", "text"];

function episodesView(run, data, query) {
  const state = Object.fromEntries(FILTERS.map((key) => [key, query.get(key) ?? ""]));
  let inside = query.get("inside") === "1";
  let found = [];
  let asked = 0;
  const told = h("p", { class: "muted", role: "status" });
  const list = longList({ label: "Episodes: arrow keys move, Enter opens", height: 60, row: episodeRow, open: (episode) => go({ e: episode.index }) });

  const options = (key, values, name) => h("label", null, h("span", null, capital(key)),
    h("select", { name: key, onchange: (event) => { state[key] = event.target.value; refresh(); } },
      h("option", { value: "" }, "all"), values.map((value) => h("option", { value, selected: state[key] === value }, name ? name(value) : value || "none"))));
  const text = h("input", { type: "search", name: "text", value: state.text, placeholder: "task, goal or id", autocomplete: "off", spellcheck: "false", oninput: () => { clearTimeout(text.timer); text.timer = setTimeout(refresh, 150); } });
  const statuses = ["succeeded", "failed", ...data.names.status];
  const filters = h("form", { class: "filters", role: "search", "aria-label": "Filter episodes", onsubmit: (event) => event.preventDefault() },
    options("phase", ordered(data.episodes.map((e) => ({ phase: e.phase, tokens: 0 })), "phase", PHASES).map(([phase]) => phase)),
    options("status", statuses, (value) => ({ succeeded: "any success", failed: "any failure" })[value] ?? STATUS[value] ?? value),
    options("category", [...data.names.category].sort(), (value) => value.replaceAll("_", " ") || "none"),
    h("label", { class: "wide" }, h("span", null, "Text"), text),
    run.text && h("label", { class: "check" }, h("input", { type: "checkbox", name: "inside", checked: inside, onchange: (event) => { inside = event.target.checked; refresh(); } }), "inside trajectories"));

  async function refresh() {
    const own = ++asked;
    clearTimeout(text.timer);
    state.text = text.value;
    keep({ ...state, inside: inside ? "1" : "" });
    const wanted = state.text.toLowerCase();
    const ended = (e) => !state.status || state.status === e.status || (state.status === "succeeded" ? e.won : state.status === "failed" && !e.won);
    let some = data.episodes.filter((e) => ended(e) && ["phase", "category", "modules"].every((key) => !state[key] || state[key] === e[key]));
    if (wanted && inside && run.text) {
      const hits = await searchInside(run, wanted, (share) => {
        told.textContent = `Searching ${percent(share)} …`;
        return own === asked && told.isConnected;
      });
      if (!hits) return;
      some = some.filter((e) => hits.has(e.index));
    } else if (wanted) {
      some = some.filter((e) => [e.task, e.goal, e.id, e.scope].some((part) => part.toLowerCase().includes(wanted)));
    }
    if (own !== asked) return;
    found = some;
    const won = found.filter((e) => e.won).length;
    told.replaceChildren(`${count(found.length)} of ${plural(data.episodes.length, "episode")}; ${count(won)} won`,
      state.modules && h("span", null, " with modules ", h("code", null, state.modules.slice(0, 8)), " ", h("a", { href: `#/run/${run.key}/episodes` }, "show all")) || "");
    list.show(found);
  }

  const failures = data.failures.length > 0 && h("details", null, h("summary", null, `${plural(data.failures.length, "failure")} of the machinery, tried again`),
    table("Failures of the machinery", [{ name: "Task" }, { name: "Phase" }, { name: "Status" }, { name: "Error" }], data.failures.map((f) => [f.task_id, f.phase, STATUS[f.status] ?? f.status, f.error || (run.text ? "" : "withheld")])));
  const element = h("div", null, filters, told, list.element, failures);
  refresh();
  return {
    element,
    update(now) {
      const at = now.get("e");
      if (at === null) return drawer.close();
      const episode = data.episodes[Number(at)];
      if (!episode) return drawer.close();
      const i = found.indexOf(episode);
      list.reach(episode);
      const step = (to) => (found[to] && i >= 0 ? () => go({ e: found[to].index }, true) : null);
      return openEpisode(run, data, episode, { previous: step(i - 1), next: step(i + 1) });
    },
  };
}

function episodeRow(episode) {
  return [
    outcomeMark(episode.won),
    h("div", { class: "what" }, h("div", { class: "one" }, episode.goal || episode.task), h("div", { class: "one muted small" }, [episode.category.replaceAll("_", " "), episode.goal && episode.task].filter(Boolean).join(" · "))),
    h("div", { class: "end" }, h("div", null, episode.phase, episode.scope && h("span", { class: "extra" }, ` · ${episode.scope}`)), h("div", { class: "muted small" }, `${STATUS[episode.status] ?? episode.status} · ${plural(episode.steps, "step")}`, h("span", { class: "extra" }, ` · ${short(episode.tokens)} tokens`))),
  ];
}
