const STRIP = 16; // images at the top of the page
let images; // parsed when the first image is asked for
const imagesOf = (label) => (images ??= new Map(read("images-data"))).get(label) ?? [];

// Images with what is known of them, shown on hover, focus or tap.
const NAMES = { key: "Key", dir_name: "Source", licence: "Licence", split: "Split", microscopy: "Microscopy", channels: "Channels",
  organism: "Organism", cell_type: "Cell type", cell_visible: "Visible", phenotype: "Phenotype", compound: "Compound", gene: "Gene", sirna: "siRNA" };

function cropText(one) {
  const [top, bottom, left, right] = one.crop;
  return `${fraction(one.scaling)} of each side: rows ${top}–${bottom - 1}, columns ${left}–${right - 1} of the source image`;
}

function cropPicture(one) {
  const [top, bottom, left, right] = one.crop;
  const height = Math.max(bottom, (bottom - top) / one.scaling), width = Math.max(right, (right - left) / one.scaling);
  const line = Math.max(height, width) / 60;
  return svg("svg", { viewBox: `${-line} ${-line} ${width + 2 * line} ${height + 2 * line}`, width: (80 * width) / Math.max(width, height), height: (80 * height) / Math.max(width, height), "aria-hidden": "true" },
    svg("rect", { class: "field", width, height, "stroke-width": line }),
    svg("rect", { class: "crop", x: left, y: top, width: right - left, height: bottom - top, "stroke-width": line }));
}

function describe(one) {
  const pairs = Object.entries(NAMES).filter(([name]) => one[name]).map(([name, text]) => [text, one[name].replaceAll("|", ", ")]);
  pairs.push(["Size", `${one.size[1]} × ${one.size[0]} px (width × height)`], ["Crop", one.crop ? cropText(one) : "no, the whole image"]);
  const list = el("dl", {}, ...pairs.flatMap(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));
  return one.crop ? [list, cropPicture(one)] : [list];
}

function showTip(button, one) {
  const tip = at("tip");
  tip.replaceChildren(...describe(one));
  tip.hidden = false;
  const box = button.getBoundingClientRect(), page = document.documentElement;
  const left = Math.max(8, Math.min(box.left, page.clientWidth - tip.offsetWidth - 8));
  const below = box.bottom + 8, above = box.top - tip.offsetHeight - 8;
  const top = below + tip.offsetHeight > page.clientHeight && above > 0 ? above : below;
  tip.style.left = `${left + window.scrollX}px`;
  tip.style.top = `${top + window.scrollY}px`;
}

const hideTip = () => { at("tip").hidden = true; };

function picture(one, place, label = "") {
  const image = el("img", { alt: "", src: `data:image/webp;base64,${one.data}` });
  const button = el("button", { type: "button", "aria-describedby": "tip", "aria-label": `${label ? `${label}, i` : "I"}mage ${place + 1}, ${one.dir_name}, ${one.crop ? "crop" : "whole image"}` }, image);
  for (const event of ["mouseenter", "focus", "click"]) button.addEventListener(event, () => showTip(button, one));
  for (const event of ["mouseleave", "blur"]) button.addEventListener(event, hideTip);
  return el("li", {}, button);
}

// A gallery is one stop of the Tab key; arrows left and right, Home and End go from image to image.
function roving(list) {
  const buttons = [...list.querySelectorAll("button")];
  const choose = (chosen) => { for (const one of buttons) one.tabIndex = one === chosen ? 0 : -1; };
  choose(buttons[0]);
  list.addEventListener("focusin", (event) => choose(event.target));
  list.addEventListener("keydown", (event) => {
    const here = buttons.indexOf(event.target), last = buttons.length - 1;
    const next = { ArrowRight: Math.min(last, here + 1), ArrowLeft: Math.max(0, here - 1), Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons[next].focus();
  });
  return list;
}

// One image of some classes, evenly over the list of classes.
function strip() {
  const step = Math.max(1, facts.classes.length / STRIP);
  const places = Array.from({ length: Math.min(STRIP, facts.classes.length) }, (_, place) => Math.floor(place * step));
  return places.map((place) => facts.classes[place].label).flatMap((label) => imagesOf(label).slice(0, 1).map((one, place) => {
    const item = picture(one, place, label);
    item.append(el("span", { class: "caption", "aria-hidden": "true" }, label));
    return item;
  }));
}

function gallery(label) {
  const found = imagesOf(label);
  if (!found.length) return el("p", { class: "note" }, "No image of this class fits into the page.");
  return roving(el("ul", { class: "gallery", role: "list" }, ...found.map((one, place) => picture(one, place))));
}

function imageSection() {
  const intro = at("images-intro");
  intro.textContent = `Drawn at random (seed ${facts.seed}) and made smaller; proportions are kept. Hover, tap or focus an image for its source and its crop; arrow keys go from image to image.`;
  if (!facts.classes.length) { at("picker").hidden = true; at("gallery").append(gallery("")); return; }
  const select = at("class");
  select.append(...facts.classes.map((one, place) => el("option", { value: String(place) }, `${one.label} (${one.category}, ${number(one.images)})`)));
  const show = () => at("gallery").replaceChildren(gallery(facts.classes[Number(select.value)].label));
  select.addEventListener("change", show);
  at("picker").addEventListener("submit", (event) => event.preventDefault());
  at("any").addEventListener("click", () => { select.value = String(Math.floor(Math.random() * facts.classes.length)); show(); });
  show();
}
