// The panel that comes in from the side with what was clicked. The browser keeps the focus in it; Escape closes it.

const drawer = {
  element: byId("drawer"),
  closed: () => {},

  /** neighbours: {previous, next}: functions, or absent. closed: called once when it goes away, however. */
  open({ title, simulated, body, neighbours = {}, wide = false, closed }) {
    this.closed = closed;
    this.neighbours = neighbours;
    this.element.className = wide ? "wide" : "";
    const step = (way, sign, label) =>
      neighbours[way] === undefined ? null
        : h("button", { class: "quiet", type: "button", "aria-label": label, title: `${label} (${sign === "←" ? "left" : "right"} arrow)`, disabled: !neighbours[way], onclick: () => neighbours[way]() }, sign);
    this.element.replaceChildren(
      h("div", { class: "drawer-head" },
        h("h2", { id: "drawer-title" }, title),
        simulated && simulatedMark(),
        step("previous", "←", "Previous"), step("next", "→", "Next"),
        h("button", { class: "quiet", type: "button", "aria-label": "Close", title: "Close (Escape)", onclick: () => this.element.close() }, "✕")),
      h("div", { class: "drawer-body", tabindex: 0, role: "region", "aria-label": title }, body),
    );
    if (!this.element.open) this.element.showModal();
    this.element.querySelector(".drawer-body").focus();
  },

  close() {
    this.closed = () => {};
    if (this.element.open) this.element.close();
  },
};

// On paper the drawer stands in the page's flow, which a modal dialog can't: it is opened anew, the other way.
let printed = 0; // close events that mean nothing
for (const [event, way] of [["beforeprint", "show"], ["afterprint", "showModal"]]) {
  window.addEventListener(event, () => {
    if (!drawer.element.open) return;
    printed += 1;
    drawer.element.close();
    drawer.element[way]();
  });
}

drawer.element.addEventListener("close", () => {
  if (printed) printed -= 1;
  else drawer.closed();
});
drawer.element.addEventListener("click", (event) => { if (event.target === drawer.element) drawer.element.close(); });
drawer.element.addEventListener("keydown", (event) => {
  const way = { ArrowLeft: "previous", ArrowRight: "next" }[event.key];
  if (way && drawer.neighbours[way]) { event.preventDefault(); drawer.neighbours[way](); }
});
