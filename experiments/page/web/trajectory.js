// One episode as it went: what was seen, thought and done, turn by turn.

/** Show an episode in the drawer. */
async function openEpisode(run, data, episode, neighbours) {
  const body = h("div", null, h("p", { class: "muted" }, "Unpacking …"));
  drawer.open({ title: episode.goal || episode.task, simulated: run.simulated, body, neighbours, closed: () => go({ e: null }) });
  body.replaceChildren(...(await episodeParts(run, data, episode)));
}

/** An episode's facts and turns, as a list of elements. */
async function episodeParts(run, data, episode, named = true) {
  const told = await trajectory(run, episode.index);
  const facts = [
    ["ended", [outcomeMark(episode.won), ` ${STATUS[episode.status] ?? episode.status}, ${plural(episode.steps, "step")}`, episode.malformed ? `, ${episode.malformed} unreadable` : ""]],
    named && ["run", runName(run)],
    ["task", [episode.task, episode.category && h("span", { class: "pill" }, episode.category.replaceAll("_", " "))]],
    ["played in", `${episode.phase}${episode.scope ? `, ${episode.scope}` : ""}${episode.repeat ? `, repeat ${episode.repeat}` : ""}`],
    ["with", data.tree.has(episode.modules) ? h("a", { class: "chip", href: `#/run/${run.key}/tree?node=${episode.modules}` }, nodeName(data.tree.get(episode.modules))) : h("code", null, episode.modules)],
    ["tokens", told ? `${count(told.usage.prompt_tokens ?? 0)} prompt, ${count(told.usage.completion_tokens ?? 0)} output` : count(episode.tokens)],
    told && !episode.won && told.value > 0 && ["graded", percent(told.value, 1)],
    ...(told ? Object.entries(told.details).map(([key, value]) => [key.replaceAll("_", " "), typeof value === "string" ? value : JSON.stringify(value)]) : []),
    told && told.error && ["error", told.error],
  ].filter(Boolean);
  const list = h("dl", { class: "facts" }, facts.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
  if (!told) return [list, h("p", { class: "muted" }, WITHHELD)];
  return [list, h("ol", { class: "turns" }, h("li", null, h("div", { class: "seen" }, told.opening)), told.steps.map(turn))];
}

function turn([reply, action, observation]) {
  const lines = reply.trim().split("\n");
  const at = lines.findIndex((line) => /^\s*Action:/i.test(line));
  const thought = (at < 0 ? lines : lines.slice(0, at)).join("\n").replace(/^\s*Thought:\s*/i, "");
  return h("li", null,
    action === null
      ? h("div", { class: "thought" }, h("span", { class: "pill alarm" }, "unreadable"), " ", reply)
      : [thought.trim() && h("div", { class: "thought" }, thought), h("div", { class: "did" }, at < 0 ? action : lines.slice(at).join("\n").replace(/^\s*Action:\s*/i, ""))],
    h("div", { class: "seen" }, observation));
}
