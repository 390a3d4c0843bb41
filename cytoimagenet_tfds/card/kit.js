// Data enters the page as text (textContent) or as a checked address, never as markup.
const SVG = "http://www.w3.org/2000/svg";
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const facts = read("facts-data");
const at = (id) => document.getElementById(id);
const number = (value) => value.toLocaleString("en-GB");
const counted = (value, one, many) => `${number(value)} ${value === 1 ? one : many}`;
const collator = new Intl.Collator("en", { numeric: true });
const COMMERCIAL = { yes: "allowed", no: "not allowed", unknown: "unknown" };

function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// `names` between backticks as code; a line may break after a slash.
const prose = (text) => text.split("`").map((part, place) => (place % 2 ? el("code", {}, part) : part));
const breakable = (text) => text.split(/(?<=\/)/).flatMap((part) => [part, el("wbr")]);

const fraction = (scale) => (scale < 1 ? `1/${number(Math.round(1 / scale))}` : String(scale));

const link = (url, text) =>
  /^https?:\/\//.test(url) ? el("a", { href: url, rel: "noopener noreferrer" }, text) : text;

function percent(part, whole) {
  if (!part || !whole) return "0\u00a0%";
  const value = (100 * part) / whole;
  return value < 0.1 ? "<\u00a00.1\u00a0%" : `${value.toFixed(value < 10 ? 1 : 0)}\u00a0%`;
}

function bytes(count) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (count >= 1000 && unit < units.length - 1) { count /= 1000; unit += 1; }
  return `${count.toFixed(unit && count < 10 ? 1 : 0)} ${units[unit]}`;
}

// Rows of [name, count]: a table whose middle column is a bar.
function bars(heading, rows, note = "") {
  const most = Math.max(1, ...rows.map((row) => row[1]));
  const lines = rows.map(([name, count]) => el("tr", {},
    el("th", { scope: "row" }, name),
    el("td", { "aria-hidden": "true" }, svg("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none" },
      svg("rect", { width: (100 * count) / most, height: 10 }))),
    el("td", { class: "number" }, number(count))));
  return el("div", {}, el("h3", {}, heading),
    el("table", { class: "bars", "aria-label": heading }, el("tbody", {}, ...lines)),
    note ? el("p", { class: "note" }, note) : null);
}

function histogram(heading, values, unit) {
  const least = Math.min(...values), most = Math.max(...values);
  const count = Math.min(30, Math.max(1, most - least + 1));
  const bins = new Array(count).fill(0);
  for (const value of values) bins[Math.min(count - 1, Math.floor(((value - least) / (most - least || 1)) * count))] += 1;
  const top = Math.max(...bins);
  const drawn = bins.map((size, place) => svg("rect", { x: place * 10 + 0.5, width: 9, y: 100 - (97 * size) / top, height: (97 * size) / top }));
  const text = `${counted(values.length, "class", "classes")} of ${number(least)} to ${number(most)} ${unit}`;
  return el("div", {}, el("h3", {}, heading),
    svg("svg", { class: "histogram", viewBox: `0 0 ${count * 10} 100`, preserveAspectRatio: "none", role: "img", "aria-label": text }, ...drawn),
    el("p", { class: "axis", "aria-hidden": "true" }, el("span", {}, number(least)), el("span", {}, `${unit} per class`), el("span", {}, number(most))),
    el("p", { class: "note" }, `${text}; the highest bar stands for ${number(top)}.`));
}

function table(label, heads, rows, numbers = [], less = []) {
  const kind = (place) => [numbers.includes(place) && "number", less.includes(place) && "less"].filter(Boolean).join(" ");
  const head = heads.map((text, place) => el("th", { scope: "col", class: kind(place) }, text));
  const body = rows.map((cells) => el("tr", {}, ...cells.map((cell, place) =>
    place ? el("td", { class: kind(place) }, cell) : el("th", { scope: "row" }, cell))));
  return el("div", { class: "wide" }, el("table", { "aria-label": label },
    el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)));
}

// Text with a button that copies it; where the browser forbids that, the text is selected.
function copyable(text, name) {
  const block = el("pre", { tabIndex: 0, "aria-label": name }, text);
  const button = el("button", { type: "button", "aria-label": `Copy: ${name}` }, "Copy");
  const said = el("span", { class: "note", role: "status" });
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(block);
    const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    said.textContent = copied ? "Copied." : "Selected: copy it with Ctrl+C.";
  });
  return el("div", { class: "copyable" }, block, el("p", {}, button, " ", said));
}
