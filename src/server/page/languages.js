// The choice of languages: what there is, what is chosen, and what was found in the text.
import {by_id, element, store, stored} from "./elements.js";

const source = by_id("source"), target = by_id("target"), swap = by_id("swap");
let all = [];       // {code, name, targets} each
let detected = "";  // the language of the text, where it is to be found

const find = (code) => all.find((language) => language.code === code);
const name_of = (code) => find(code)?.name || code;
const exists = (from, to) => from !== to && Boolean(find(from)?.targets.includes(to));

// {source, target} as a request has them: source may be "auto".
export const chosen = () => ({source: source.value, target: target.value});
// The language of the text itself, as far as it is known.
export const source_language = () => source.value === "auto" ? detected : source.value;

function offer_targets() {
  const from = source.value === "auto" ? all : all.filter(({code}) => code === source.value);
  const codes = new Set(from.flatMap(({code, targets}) => targets.filter((to) => to !== code)));
  const before = target.value;
  target.replaceChildren(...all.filter(({code}) => codes.has(code))
    .map(({code, name}) => element("option", {value: code}, name)));
  if (codes.has(before)) target.value = before;
}

function update() {
  by_id("auto").textContent = source.value === "auto" && detected
    ? `Detected: ${name_of(detected)}` : "Detect language";
  swap.disabled = !exists(target.value, source_language());
}

// `code`: what the server found; empty: nothing yet.
export function set_detected(code) {
  detected = code;
  update();
}

export function choose(languages) {
  if (languages.source === "auto" || find(languages.source)) source.value = languages.source;
  offer_targets();
  if ([...target.options].some(({value}) => value === languages.target)) {
    target.value = languages.target;
  }
  detected = "";
  update();
}

// `changed` is called when the reader has chosen, `swapped` after both languages changed places.
export function show_languages(list, changed, swapped) {
  all = list;
  source.replaceChildren(element("option", {value: "auto", id: "auto"}, "Detect language"),
    ...all.filter(({code, targets}) => targets.some((to) => to !== code))
      .map(({code, name}) => element("option", {value: code}, name)));
  const first = all.find(({code, targets}) => targets.some((to) => to !== code));
  const query = new URLSearchParams(location.search);
  choose({source: first ? first.code : "auto", target: "", ...stored("languages", {}),
    ...Object.fromEntries(query)});
  const on_change = () => {
    store("languages", chosen());
    update();
    changed();
  };
  source.addEventListener("change", () => { detected = ""; offer_targets(); on_change(); });
  target.addEventListener("change", on_change);
  swap.addEventListener("click", () => {
    choose({source: target.value, target: source_language()});
    store("languages", chosen());
    swapped();
  });
  by_id("languages").hidden = false;
}
