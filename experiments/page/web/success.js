// Success against training size: a line a method, with intervals; each method named at the end of its line.

function successChart(part) {
  const rows = part.rows.filter((row) => row.success);
  const methods = [...new Set(rows.map((row) => row.optimizer))];
  const sizes = [...new Set(rows.map((row) => row.size))].sort((a, b) => a - b);
  const colour = colours(methods);
  if (!rows.length) return null;
  if (sizes.length === 1) return dotChart(part, rows, colour);
  return chart(`Test tasks solved against training size: ${part.title}`, (width, explained) => {
    const names = width < 520 ? 104 : 130;
    const [left, right, top, bottom, height] = [44, width - names, 14, 250, 292];
    const low = Math.max(0, Math.floor(10 * Math.min(...rows.map((row) => row.success[1]))) / 10);
    const high = Math.min(1, Math.ceil(10 * Math.max(...rows.map((row) => row.success[2]))) / 10);
    const y = scale([low, high], [bottom, top]);
    const gap = sizes.length > 1 ? (right - left - 60) / (sizes.length - 1) : 0;
    const x = (size) => left + 30 + (sizes.length > 1 ? sizes.indexOf(size) * gap : (right - left - 60) / 2);
    const picture = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group" },
      yAxis(y, ticks(low, high, 5), left, right, (value) => percent(value)),
      xAxis(x, sizes, bottom, count),
      svg("text", { class: "axis", x: (left + right) / 2, y: height - 4, "text-anchor": "middle" }, "training tasks"));
    const last = methods.map((name) => rows.filter((row) => row.optimizer === name).at(-1));
    const labels = spread(last.map((row) => y(row.success[0])), 32);
    methods.forEach((name, number) => {
      const own = rows.filter((row) => row.optimizer === name).sort((a, b) => a.size - b.size);
      const shift = (number - (methods.length - 1) / 2) * 7;
      const place = (row) => [x(row.size) + shift, y(row.success[0])];
      picture.append(svg("path", { class: "line", fill: "none", stroke: colour(name), "stroke-dasharray": name === "none" ? "5 4" : null, d: `M${own.map((row) => place(row).join(" ")).join("L")}` }));
      for (const row of own) {
        const [at, mean] = place(row);
        picture.append(explained(
          svg("g", { class: "mark", tabindex: 0, role: "img" },
            svg("line", { stroke: colour(name), "stroke-width": 1.5, x1: at, x2: at, y1: y(row.success[1]), y2: y(row.success[2]) }),
            svg("circle", { cx: at, cy: mean, r: 5, fill: colour(name) }),
            svg("rect", { x: at - 12, y: y(row.success[2]) - 6, width: 24, height: Math.max(24, y(row.success[1]) - y(row.success[2]) + 12), fill: "transparent" })),
          [`${nameOf(name)}, ${plural(row.size, "training task")}`, `${interval(row.success)} % solved`, `${row.tasks} test tasks, ${plural(row.seeds.length, "seed")}`]));
      }
      picture.append(
        svg("text", { class: "name", x: right + 4, y: labels[number] - 1, fill: inked(colour(name)) }, nameOf(name)),
        svg("text", { class: "tick", x: right + 4, y: labels[number] + 14 }, percent(last[number].success[0])));
    });
    return picture;
  }, true);
}

/** With one training size: a line a method, its estimate and its interval. */
function dotChart(part, rows, colour) {
  return chart(`Test tasks solved: ${part.title}`, (width, explained) => {
    const [left, right, top, row] = [width < 520 ? 108 : 140, width - 64, 8, 34];
    const bottom = top + rows.length * row;
    const x = scale([0, 1], [left, right]);
    return svg("svg", { width, height: bottom + 44, viewBox: `0 0 ${width} ${bottom + 44}`, role: "group" },
      ticks(0, 1, 5).map((value) => svg("line", { class: "grid", x1: x(value), x2: x(value), y1: top, y2: bottom })),
      xAxis(x, ticks(0, 1, 5), bottom, (value) => percent(value)),
      svg("text", { class: "axis", x: (left + right) / 2, y: bottom + 40, "text-anchor": "middle" }, `test tasks solved, after ${plural(rows[0].size, "training task")}`),
      rows.map((one, i) => {
        const y = top + (i + 0.5) * row;
        return [
          svg("text", { class: "name", x: left - 12, y: y + 4, "text-anchor": "end", fill: inked(colour(one.optimizer)) }, nameOf(one.optimizer)),
          svg("text", { class: "tick", x: right + 12, y: y + 4 }, percent(one.success[0], 1)),
          explained(svg("g", { class: "mark", tabindex: 0, role: "img" },
            svg("rect", { x: x(one.success[1]) - 8, y: y - 14, width: x(one.success[2]) - x(one.success[1]) + 16, height: 28, fill: "transparent" }),
            svg("line", { stroke: colour(one.optimizer), "stroke-width": 2, x1: x(one.success[1]), x2: x(one.success[2]), y1: y, y2: y }),
            svg("circle", { cx: x(one.success[0]), cy: y, r: 5.5, fill: colour(one.optimizer) })),
          [nameOf(one.optimizer), `${interval(one.success)} % solved`, `${one.tasks} test tasks, ${plural(one.seeds.length, "seed")}`]),
        ];
      }));
  }, true);
}
