// The translation, word by word: each can be pointed at, and opens a menu of other words.
import {by_id, element} from "./elements.js";
import {locate, strength} from "./words.js";

const host = by_id("result");
let spans = [];  // {node, line, word, begin} of each word

function word_span(text, line, word, begin) {
  const node = element("span", {className: "word", role: "button", tabIndex: -1,
    "aria-haspopup": "menu"}, text);
  spans.push({node, line, word, begin});
  return node;
}

function line_nodes(line, i) {
  const translation = line.translation;
  if (!translation) return [line.text.trim() === "" ? "" : line.old];
  const nodes = [];
  let at = 0;
  locate(translation.text, translation.target_words).forEach((place, word) => {
    if (!place) return;
    nodes.push(translation.text.slice(at, place[0]),
      word_span(translation.text.slice(...place), i, word, place[0]));
    at = place[1];
  });
  nodes.push(translation.text.slice(at));
  return nodes;
}

// `lines`: {text, translation, old, chosen} each; `chosen` is the length of the beginning that the
// reader chose, `old` what is shown until the translation comes. The focus stays where it was.
export function show_result(lines, language) {
  const focused = spans.findIndex(({node}) => node === document.activeElement);
  spans = [];
  host.replaceChildren(...lines.map((line, i) => element("p", {dir: "auto", lang: language,
    className: line.translation || line.text.trim() === "" ? "" : "waiting"},
    ...line_nodes(line, i))));
  for (const {node, line, begin} of spans) {
    node.classList.toggle("chosen", begin < (lines[line].chosen || 0));
  }
  if (spans.length) spans[Math.min(Math.max(0, focused), spans.length - 1)].node.tabIndex = 0;
  if (focused >= 0) focus_word(Math.min(focused, spans.length - 1));
}

function focus_word(at) {
  if (at < 0 || at >= spans.length) return;
  for (const {node} of spans) node.tabIndex = -1;
  spans[at].node.tabIndex = 0;
  spans[at].node.focus();
}

export function focus_place(line, begin) {
  focus_word(spans.findIndex((span) => span.line === line && span.begin >= begin));
}

// Lights up the words of a line by their weights, and marks one word; no line: none.
export function light_result(line, weights, word = -1) {
  for (const span of spans) {
    const weight = span.line === line ? strength(weights[span.word] || 0) : 0;
    span.node.style.setProperty("--light", weight.toFixed(3));
    span.node.classList.toggle("active", span.line === line && span.word === word);
  }
}

const span_of = (target) => spans.find(({node}) => node === target.closest(".word")) || null;

// `point` gets the span of the word that is pointed at or has the focus, or null; `open` that of
// the word whose menu is wanted.
export function listen_to_result(point, open) {
  host.addEventListener("pointerover", (event) => point(span_of(event.target)));
  host.addEventListener("pointerleave", () => point(null));
  host.addEventListener("focusin", (event) => point(span_of(event.target)));
  host.addEventListener("focusout", () => point(null));
  host.addEventListener("click", (event) => {
    const span = span_of(event.target);
    if (span && String(getSelection()) === "") open(span);
  });
  host.addEventListener("keydown", (event) => {
    const at = spans.findIndex(({node}) => node === document.activeElement);
    if (at < 0) return;
    const left = getComputedStyle(spans[at].node.parentNode).direction === "rtl" ? 1 : -1;
    const to = {ArrowLeft: at + left, ArrowRight: at - left, ArrowUp: at - 1, ArrowDown: at + 1,
      Home: 0, End: spans.length - 1}[event.key];
    if (to !== undefined) focus_word(to);
    else if (event.key === "Enter" || event.key === " ") open(spans[at]);
    else return;
    event.preventDefault();
  });
}
