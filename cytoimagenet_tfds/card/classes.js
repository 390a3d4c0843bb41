// The table of classes: searched, filtered, sorted, opened.
const FIRST = 20, STEP = 100; // rows shown at first, and added at a time
const state = { query: "", category: "", sort: "label", down: false, shown: FIRST };
const columns = facts.classes.length ? [
  { id: "label", text: "Class", value: (one) => one.label },
  { id: "category", text: "Category", value: (one) => one.category },
  { id: "images", text: "Images", value: (one) => one.images, number: true },
  ...facts.splits.map(([name], place) => ({ id: `split${place}`, text: name, value: (one) => one.splits[place], number: true, less: true })),
  { id: "sources", text: "Sources", value: (one) => one.sources.length, number: true, less: true },
  { id: "free", text: "Commercial use allowed", value: (one) => one.free / one.images, number: true, less: true, show: (one) => percent(one.free, one.images) },
] : [];

function chosen() {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const column = columns.find((one) => one.id === state.sort);
  // A word lies anywhere in the class, or begins a part of a source's name: `12` is not `bbbc012`.
  const fits = (one) => {
    const label = one.label.toLowerCase(), parts = one.sources.map(([name]) => `_${name.toLowerCase()}`);
    const found = (word) => label.includes(word) || parts.some((name) => name.includes(`_${word}`));
    return (!state.category || one.category === state.category) && words.every(found);
  };
  const compare = (a, b) => column.number ? column.value(a) - column.value(b) : collator.compare(column.value(a), column.value(b));
  return facts.classes.filter(fits).sort((a, b) => (state.down ? -1 : 1) * compare(a, b) || collator.compare(a.label, b.label));
}

function classRow(one) {
  const button = el("button", { type: "button", class: "open", "aria-expanded": "false" }, one.label);
  const cells = columns.slice(1).map((column) => el("td", { class: `${column.number ? "number" : ""} ${column.less ? "less" : ""}` },
    column.show ? column.show(one) : column.number ? number(column.value(one)) : column.value(one)));
  const row = el("tr", {}, el("th", { scope: "row" }, button), ...cells);
  button.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) row.nextElementSibling.remove();
    else row.after(el("tr", { class: "detail" }, el("td", { colSpan: columns.length }, ...classDetail(one))));
  });
  return row;
}

// Closes the class that has the focus, and goes back to its name.
function closeClass() {
  const row = document.activeElement.closest("#class-table tbody tr");
  const owner = row?.classList.contains("detail") ? row.previousElementSibling : row;
  const button = owner?.querySelector(".open[aria-expanded=true]");
  button?.click();
  button?.focus();
}

function classDetail(one) {
  const splits = facts.splits.map(([name], place) => `${number(one.splits[place])} in ${name}`).join(", ");
  const origins = one.sources.map(([name, count]) => `${name} (${number(count)})`).join(", ");
  return [el("p", {}, `${splits}. Sources: ${origins}. Commercial use allowed for ${percent(one.free, one.images)} of the images.`), gallery(one.label)];
}

function showClasses() {
  const found = chosen(), shown = found.slice(0, state.shown);
  at("class-table").querySelector("tbody").replaceChildren(...shown.map(classRow));
  for (const head of at("class-table").querySelectorAll("thead th")) {
    const own = head.dataset.column === state.sort;
    if (own) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  at("found").textContent = found.length ? `${number(found.length)} of ${number(facts.classes.length)} classes, ${number(shown.length)} shown` : "No class fits. Try fewer letters, or all categories.";
  const left = found.length - shown.length;
  at("more").textContent = `Show ${number(Math.min(STEP, left))} more`;
  at("all").textContent = `Show all ${number(found.length)}`;
  at("more").hidden = left <= 0;
  at("all").hidden = left <= STEP;
}

function classTable() {
  if (!columns.length) { at("classes").hidden = true; return; }
  const heads = columns.map((column) => {
    const button = el("button", { type: "button" }, column.text);
    button.addEventListener("click", () => {
      state.down = state.sort === column.id ? !state.down : Boolean(column.number);
      state.sort = column.id;
      showClasses();
    });
    const head = el("th", { scope: "col", class: `${column.number ? "number" : ""} ${column.less ? "less" : ""}` }, button);
    head.dataset.column = column.id;
    return head;
  });
  at("class-table").append(el("table", { "aria-label": "Classes" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody")));
  at("category").append(...facts.categories.filter((one) => one.classes).map((one) => el("option", { value: one.name }, `${one.name} (${number(one.classes)})`)));
  const change = (values) => { Object.assign(state, { shown: FIRST }, values); showClasses(); };
  at("query").addEventListener("input", (event) => change({ query: event.target.value }));
  at("category").addEventListener("change", (event) => change({ category: event.target.value }));
  at("filters").addEventListener("submit", (event) => event.preventDefault());
  at("more").addEventListener("click", () => change({ shown: state.shown + STEP }));
  at("all").addEventListener("click", () => change({ shown: Infinity }));
  showClasses();
}
