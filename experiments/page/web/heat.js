// A study's map: one method's lead over another, across training sizes and the values of what the study varies.

/** heat: {title, x_label, y_label, lead, x, y, cells: rows (one a y) of intervals or null}, as experiments/figures.py has it. */
function heatMap(heat) {
  const most = Math.max(0.05, ...heat.cells.flat().filter(Boolean).map((cell) => Math.abs(cell[0])));
  return chart(`${heat.title}: ${heat.lead}`, (width, explained) => {
    const [left, top, row] = [84, 10, 46];
    const column = Math.min(110, (width - left - 8) / heat.x.length);
    const bottom = top + heat.y.length * row;
    const middle = left + (heat.x.length * column) / 2;
    return svg("svg", { width, height: bottom + 64, viewBox: `0 0 ${width} ${bottom + 64}`, role: "group" },
      heat.y.map((value, i) => svg("text", { class: "tick", x: left - 10, y: bottom - (i + 0.5) * row + 4, "text-anchor": "end" }, String(value))),
      heat.x.map((value, j) => svg("text", { class: "tick", x: left + (j + 0.5) * column, y: bottom + 18, "text-anchor": "middle" }, count(value))),
      svg("text", { class: "axis", x: middle, y: bottom + 38, "text-anchor": "middle" }, `across: ${heat.x_label}; up: ${heat.y_label}`),
      svg("text", { class: "axis", x: middle, y: bottom + 56, "text-anchor": "middle" }, heat.lead),
      heat.cells.flatMap((cells, i) => cells.map((cell, j) => {
        const [x, y] = [left + j * column, bottom - (i + 1) * row];
        const tile = svg("rect", { x: x + 1, y: y + 1, width: column - 2, height: row - 2, rx: 4, fill: !cell ? "var(--sunken)" : cell[0] >= 0 ? "var(--blue)" : "var(--vermillion)", "fill-opacity": cell ? 0.08 + (0.5 * Math.abs(cell[0])) / most : 1 });
        const text = svg("text", { x: x + column / 2, y: y + row / 2 + 4, "text-anchor": "middle" }, cell ? interval(cell, true).split(" ")[0] : "–");
        const said = cell ? `${interval(cell, true)} points` : "no number";
        return explained(svg("g", { class: "mark", tabindex: 0, role: "img" }, tile, text), [said, `${heat.x_label} ${count(heat.x[j])}`, `${heat.y_label} ${heat.y[i]}`]);
      })));
  }, true);
}
