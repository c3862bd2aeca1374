// What the page carries. The core is read at once; a run's details and its trajectories when they are looked at.

const core = JSON.parse(byId("core").textContent);
core.runs.forEach((run, key) => { run.key = key; });

const KEPT = 24; // opened blocks of trajectories, some 256 kB each
const blocks = new Map();
const runs = new Map();

async function unpack(id) {
  const bytes = Uint8Array.from(atob(byId(id).textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

/** A block of trajectories; the last few stay open. */
function block(id) {
  const found = blocks.get(id) ?? unpack(id);
  blocks.delete(id);
  blocks.set(id, found);
  if (blocks.size > KEPT) blocks.delete(blocks.keys().next().value);
  return found;
}

/** {tree: Map digest -> node, unused, final, episodes, byId: Map, failures, names} of a run. */
function details(run) {
  if (!runs.has(run.key)) runs.set(run.key, unpack(`r${run.key}`).then((raw) => arranged(run, raw)));
  return runs.get(run.key);
}

function arranged(run, raw) {
  const name = (column, value) => raw.names[column][value];
  const episodes = raw.rows.map((row, index) => ({
    index, id: raw.ids[index], task: name("task", row[0]), goal: name("goal", row[1]), category: name("category", row[2]),
    phase: name("phase", row[3]), status: name("status", row[4]), modules: name("modules", row[5]), scope: name("scope", row[6]),
    won: row[7] === 1, steps: row[8], malformed: row[9], tokens: row[10], repeat: row[11],
  }));
  const tree = new Map(raw.tree.map((node) => [node.digest, node]));
  for (const node of tree.values()) node.texts ??= core.seeds[node.digest] ?? null;
  return { tree, unused: raw.unused, final: raw.final, episodes, byId: new Map(episodes.map((e) => [e.id, e])), failures: raw.failures, names: raw.names };
}

/** Which block holds an episode. */
function blockOf(run, index) {
  let low = 0, high = run.starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (run.starts[middle] <= index) low = middle; else high = middle - 1;
  }
  return low;
}

/** {opening, steps: [[reply, action, observation]], error, value, details, usage}; null where texts are withheld. */
async function trajectory(run, index) {
  if (!run.text) return null;
  const number = blockOf(run, index);
  return (await block(`r${run.key}-${number}`))[index - run.starts[number]];
}

/** The numbers of the episodes whose trajectory holds a text (case ignored). progress(share) is told now and then. */
async function searchInside(run, text, progress) {
  const found = new Set();
  const wanted = text.toLowerCase();
  for (let number = 0; number < run.starts.length; number++) {
    const items = await unpack(`r${run.key}-${number}`);
    items.forEach((item, i) => {
      const texts = [item.opening, item.error, ...item.steps.flat()];
      if (texts.some((part) => part && part.toLowerCase().includes(wanted))) found.add(run.starts[number] + i);
    });
    if (!progress((number + 1) / run.starts.length)) return null; // somebody asked for something else
  }
  return found;
}
