// The attention of a translation, as `heed inspect` draws it: a row for each target word, a column
// for each source word.
import {by_id, element} from "./elements.js";
import {weights_of} from "./words.js";

const STOPS = {
  light: "f0f4f7 a2d4fa 64aff1 3b88da 2a61b4 233f81 1a2347",
  dark: "1e2026 263f63 286299 3189c4 57b1e2 95d7f4 dff7ff",
};
const GAMMA = 0.7;    // keeps small weights visible
const STRONG = 0.42;  // where numbers change from ink to its opposite
const MOST_CELLS = 10000;

function colour(weight) {
  const theme = document.documentElement.dataset.theme;
  const stops = STOPS[theme].split(" ").map((hex) => [0, 2, 4].map(
    (at) => parseInt(hex.slice(at, at + 2), 16)));
  const place = Math.max(0, Math.min(1, weight)) ** GAMMA * (stops.length - 1);
  const stop = Math.min(Math.floor(place), stops.length - 2);
  const mixed = stops[stop].map((from, c) =>
    Math.round(from + (stops[stop + 1][c] - from) * (place - stop)));
  return `rgb(${mixed.join()})`;
}

function cell(weight, row, column) {
  const node = element("td", {className: weight > STRONG ? "strong" : ""},
    weight < 0.05 ? element("span", {className: "hidden"}, weight.toFixed(2))
      : weight.toFixed(2).replace(/^0/, ""));
  node.style.backgroundColor = colour(weight);
  node.dataset.row = row;
  node.dataset.column = column;
  return node;
}

export function draw_matrix(translation) {
  const host = by_id("matrix_host"), source = translation.source_words;
  const target = translation.target_words;
  by_id("readout").textContent = "";
  if (source.length * target.length > MOST_CELLS) {
    host.replaceChildren(`${target.length} × ${source.length} words are too many to draw.`);
    return;
  }
  const head = element("tr", {}, element("td", {className: "corner"}),
    ...source.map((word) => element("th", {scope: "col"},
      element("div", {}, element("span", {dir: "auto"}, word)))));
  const rows = target.map((word, t) => {
    const weights = weights_of(translation, t);
    return element("tr", {}, element("th", {scope: "row", dir: "auto"}, word),
      ...source.map((_, s) => cell(weights[s] || 0, t, s)));
  });
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
  host.replaceChildren(table);
  // Slanted names are as high as the longest of them.
  const names = [...head.querySelectorAll("span")];
  head.style.height = Math.ceil(Math.max(...names.map((name) => name.offsetWidth), 0) * 0.77) + 22 +
    "px";
  table.addEventListener("pointerover", (event) => {
    const {row, column} = event.target.closest("td")?.dataset || {};
    by_id("readout").replaceChildren(...(row === undefined ? [] : [
      element("bdi", {}, target[row]), " ← ", element("bdi", {}, source[column]), " ",
      element("b", {}, (weights_of(translation, row)[column] || 0).toFixed(3))]));
  });
}
