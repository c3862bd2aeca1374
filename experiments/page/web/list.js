// A list of any length, of which only what is in view is in the page. One stop for the Tab key; arrows move in it.

/** options: {label, height (px of a row), row(item) -> content, open(item)}. Returns {element, show(items), reach(item)}. */
function longList({ label, height, row, open }) {
  const inner = h("div", { class: "rows" });
  const element = h("div", { class: "list", tabindex: 0, role: "listbox", "aria-label": label }, inner);
  const prefix = `o${++longList.made}-`;
  let items = [];
  let active = 0;

  function draw() {
    const first = Math.max(0, Math.floor(element.scrollTop / height) - 6);
    const last = Math.min(items.length, Math.ceil((element.scrollTop + element.clientHeight) / height) + 6);
    inner.replaceChildren(...Array.from({ length: Math.max(0, last - first) }, (_, k) => option(first + k)));
    element.setAttribute("aria-activedescendant", items.length ? prefix + active : "");
  }

  function option(i) {
    const one = h("div", { class: "option", id: prefix + i, role: "option", "aria-selected": i === active, "aria-setsize": items.length, "aria-posinset": i + 1, onclick: () => { active = i; draw(); open(items[i]); } }, row(items[i]));
    one.style.top = `${i * height}px`;
    one.style.height = `${height}px`;
    return one;
  }

  function move(to) {
    active = Math.max(0, Math.min(items.length - 1, to));
    const [top, view] = [active * height, element.clientHeight];
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + height > element.scrollTop + view) element.scrollTop = top + height - view;
    draw();
  }

  element.addEventListener("scroll", draw, { passive: true });
  new ResizeObserver(draw).observe(element);
  element.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(element.clientHeight / height) - 1);
    const to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) move(to);
    else if ((event.key === "Enter" || event.key === " ") && items.length) open(items[active]);
    else return;
    event.preventDefault();
  });

  return {
    element,
    show(found) {
      items = found;
      active = 0;
      element.scrollTop = 0;
      inner.style.height = `${items.length * height}px`;
      element.classList.toggle("short", items.length * height < 300);
      draw();
    },
    reach(item) { if (items.includes(item)) move(items.indexOf(item)); },
  };
}
longList.made = 0;
