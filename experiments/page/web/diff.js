// What changed between two texts, line by line (longest common subsequence).

/** [[sign, line]]: "=" in both, "-" in the first alone, "+" in the second alone. */
function lineDiff(before, after) {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const longest = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i][j] = a[i] === b[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
    }
  }
  const found = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) { found.push(["=", a[i]]); i++; j++; }
    else if (longest[i + 1][j] >= longest[i][j + 1]) found.push(["-", a[i++]]);
    else found.push(["+", b[j++]]);
  }
  return [...found, ...a.slice(i).map((line) => ["-", line]), ...b.slice(j).map((line) => ["+", line])];
}

const CLASS = { "=": "same", "-": "gone", "+": "new" };
const SAID = { "=": "", "-": "removed: ", "+": "added: " };

/** The difference of two sets of modules, a block for each module that changed. */
function diffOf(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  const changed = names.filter((name) => (before[name] ?? "") !== (after[name] ?? ""));
  if (!changed.length) return h("p", { class: "muted" }, "Nothing: the texts are the same.");
  return changed.map((name) => {
    const lines = lineDiff(before[name] ?? "", after[name] ?? "").filter(([sign, line]) => line || sign === "=");
    const [more, less] = ["+", "-"].map((wanted) => lines.filter(([sign]) => sign === wanted).length);
    return h("div", { class: "diff" },
      h("div", { class: "muted small" }, `${name}: ${plural(more, "line")} added, ${less} removed`),
      lines.map(([sign, line]) => h("div", { class: CLASS[sign] }, h("span", { class: "sign", "aria-hidden": true }, sign === "=" ? " " : sign), h("span", { class: "hidden" }, SAID[sign]), line)));
  });
}
