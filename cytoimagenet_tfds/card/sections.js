function header() {
  at("name").append(...breakable(facts.name));
  at("config").textContent = facts.config;
  for (const section of document.querySelectorAll("main > section")) {
    if (section.hidden) continue;
    const text = section.querySelector("h2").textContent;
    at("nav").append(el("li", {}, el("a", { href: `#${section.id}` }, text)));
  }
}

function overview() {
  const side = facts.sides, origins = new Set(facts.sources.map((one) => one.dir_name)).size;
  const tiles = [
    [facts.images === 1 ? "image" : "images", number(facts.images)],
    [facts.classes.length === 1 ? "class" : "classes", facts.classes.length ? number(facts.classes.length) : "none"],
    [origins === 1 ? "source" : "sources", number(origins)],
    ...facts.splits.map(([name, count]) => [`images in ${name}`, number(count)]),
    ["on disk", bytes(facts.bytes)],
    [side.least === side.greatest ? "px, longer side" : `px, median longer side (${number(side.least)}–${number(side.greatest)})`, number(side.median ?? 0)],
  ];
  at("tiles").append(...tiles.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
  const paragraphs = facts.description.split(/\n\s*\n/).filter(Boolean).map((text) => el("p", {}, ...prose(text)));
  const rest = paragraphs.splice(2);
  at("lead").append(...paragraphs.splice(0, 1));
  at("strip").append(...strip());
  roving(at("strip"));
  at("load").append(copyable(facts.load, "Python code that loads the dataset"));
  at("description").append(...paragraphs);
  if (rest.length) at("description").append(el("details", {}, el("summary", {}, "More about the builder"), ...rest));
  if (facts.homepage) at("description").append(el("p", {}, "Homepage: ", link(facts.homepage, facts.homepage)));
}

function composition() {
  const charts = [];
  if (facts.categories.length) {
    charts.push(bars("Classes by category", facts.categories.map((one) => [one.name, one.classes]), "The metadata column that a class comes from."));
    charts.push(bars("Images by category", facts.categories.map((one) => [one.name, one.images])));
  }
  const several = facts.databases.length > 1;
  if (several && facts.classes.length) {
    charts.push(bars("Classes by database", facts.databases.map((one) => [one.name, one.classes]), "A class that draws on two databases counts in both."));
  }
  charts.push(bars("Images by database", facts.databases.map((one) => [one.name, one.images])));
  if (facts.classes.length > 1) charts.push(histogram("Sizes of the classes", facts.classes.map((one) => one.images), "images"));
  const crops = facts.scalings.map(([scale, count]) => [scale === "1" ? "whole image" : `crop, ${fraction(Number(scale))} of a side`, count]);
  charts.push(bars("Crops", crops.sort((a, b) => b[1] - a[1]), "Side of the crop relative to the source image."));
  charts.push(bars("Microscopy", facts.microscopy.slice(0, 12)));
  at("charts").append(...charts);
  at("sources").append(table("Sources", ["Source", "Name", "Database", "Licence", "Images", "Classes"],
    facts.sources.map((one) => [link(one.homepage, one.dir_name), one.name, one.database, link(one.licence_page, one.licence), number(one.images), number(one.classes)]),
    [4, 5], [1, 2, 5]));
}

function licences() {
  const totals = { yes: 0, no: 0, unknown: 0 };
  for (const one of facts.licences) totals[one.commercial] += one.images;
  const words = { yes: "commercial use allowed", no: "commercial use not allowed", unknown: "licence unknown: ask before any use" };
  const share = el("div", { class: "share", "aria-hidden": "true" });
  const legend = el("ul", { class: "legend" });
  for (const kind of ["yes", "no", "unknown"]) {
    if (!totals[kind]) continue;
    const part = el("span", { class: `${kind}-fill` });
    part.style.width = `${(100 * totals[kind]) / facts.images}%`;
    share.append(part);
    legend.append(el("li", {}, el("i", { class: `${kind}-fill`, "aria-hidden": "true" }), `${counted(totals[kind], "image", "images")} (${percent(totals[kind], facts.images)}): ${words[kind]}`));
  }
  const rows = facts.licences.map((one) => [
    el("span", {}, link(one.url, one.licence || "unknown"), el("span", { class: "narrow note" }, one.conditions)), number(one.images), percent(one.images, facts.images),
    el("span", { class: one.commercial }, COMMERCIAL[one.commercial]), one.conditions || "unknown", one.sources.join(", ")]);
  at("licence-content").append(share, legend,
    table("Licences", ["Licence", "Images", "Share", "Commercial use", "Asks for", "Sources"], rows, [1, 2], [2, 4, 5]),
    el("p", { class: "note" }, "Read from the licence identifiers of the sources; no legal advice. ", ...prose(facts.licence)));
}

function quality() {
  const at_ = at("quality-content"), found = facts.quality;
  if (!found.known) { at_.append(el("p", {}, "No build report lies beside the data: what was rejected is not known.")); return; }
  const steps = [["source images read", found.read], ["planned", found.planned], ["passed the checks", found.accepted], ["whole images and crops", found.rendered], ["in the dataset", found.written]];
  at_.append(el("ol", { class: "steps" }, ...steps.filter((step) => step[1] !== null).map(([name, count]) => el("li", {}, el("span", {}, el("b", {}, number(count)), ` ${name}`)))));
  const rejected = found.rejected.reduce((sum, one) => sum + one.count, 0);
  at_.append(el("p", {}, rejected ? `${counted(rejected, "planned source image was", "planned source images were")} rejected when the pixels were read (${percent(rejected, found.planned)}):` : "No planned source image was rejected when the pixels were read."));
  if (rejected) at_.append(bars("Rejected, by reason", found.rejected.map((one) => [one.reason, one.count])));
  for (const one of found.rejected) {
    at_.append(el("details", {}, el("summary", {}, `Examples of ${one.reason}: ${number(one.examples.length)} of ${number(one.count)}`),
      table(`Rejected: ${one.reason}`, ["Key", "What was found"], one.examples.map(([key, message]) => [key, message]))));
  }
  if (found.left_out.length) at_.append(bars("Left out before planning", found.left_out, "Source images that took no part, by reason."));
  if (found.dropped_classes.length) at_.append(bars("Classes left out: too few images passed", found.dropped_classes));
  const extra = found.rendered - found.written;
  if (extra > 0) at_.append(el("p", { class: "note" }, `${counted(extra, "image that passed is", "images that passed are")} not used: over the size limit of the class, or of a class that was left out.`));
}

function splits() {
  const found = facts.leakage, place = at("splits-content");
  place.append(bars("Images by split", facts.splits));
  if (!found.several) { place.append(el("p", {}, "There is one split, so nothing can leak between splits.")); return; }
  const checked = `${counted(found.groups, "group was", "groups were")} compared over all images of this dataset. A group is what must not be divided: a well, a patient, a photograph.`;
  if (!found.divided) place.append(el("p", { class: "good" }, `No group lies in more than one split. ${checked}`));
  else place.append(el("p", { class: "bad" }, `${counted(found.divided, "group lies", "groups lie")} in more than one split (${percent(found.divided, found.groups)}): scores on the held-out split are too good. ${checked}`));
  if (found.rule === "paper") place.append(el("p", {}, "The rules of this dataset draw each image by itself, as the published dataset does."));
}

function made() {
  const place = at("made-content");
  place.append(table("How it was built", ["What", "Value"], facts.made.map(([name, value]) => [name, el("span", { class: "code" }, value)])));
  const rules = Object.entries(facts.rules).map(([name, value]) => [name, el("span", { class: "code" }, JSON.stringify(value))]);
  if (rules.length) place.append(el("details", {}, el("summary", {}, `All ${number(rules.length)} rules`), table("Rules", ["Rule", "Value"], rules)));
  place.append(el("details", {}, el("summary", {}, `The ${facts.columns.length} columns of an example beside its image`), table("Columns", ["Column", "What it holds"], facts.columns)));
}

function citation() {
  const place = at("citation-content"), cited = new Map(facts.sources.map((one) => [one.dir_name, one.citation]));
  place.append(copyable(facts.citation, "Citation of the dataset as BibTeX"));
  const entries = [...cited].filter(([, text]) => text).sort(([a], [b]) => collator.compare(a, b));
  const texts = [...new Set(entries.map(([, text]) => text))];
  if (entries.length) place.append(el("details", {}, el("summary", {}, entries.length === 1 ? "Citation of the source" : `Citations of the ${number(entries.length)} sources`),
    copyable(texts.join("\n"), "Citations of the sources as BibTeX")));
}

for (const step of [overview, composition, licences, classTable, imageSection, quality, splits, made, citation, header]) step();
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (at("tip").hidden) closeClass();
  else hideTip();
});
document.documentElement.dataset.ready = "true";
