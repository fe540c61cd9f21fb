// The text to translate: a field that grows with its text. A mirror of it lies behind, in which
// words light up, since a field's own text cannot be coloured.
import {by_id, element} from "./elements.js";
import {locate, strength} from "./words.js";

const field = by_id("source_text"), mirror = by_id("mirror");
let spans = [];  // {node, line, word} of each word in the mirror

// `lines`: {text, translation} each. Each of a translation's source words has a span.
export function mirror_source(lines) {
  spans = [];
  const nodes = [];
  lines.forEach((line, i) => {
    if (i) nodes.push("\n");
    const words = line.translation ? line.translation.source_words : [];
    let at = 0;
    locate(line.text, words).forEach((place, word) => {
      if (!place) return;
      const node = element("span", {className: "word"}, line.text.slice(...place));
      nodes.push(line.text.slice(at, place[0]), node);
      spans.push({node, line: i, word});
      at = place[1];
    });
    nodes.push(line.text.slice(at));
  });
  mirror.replaceChildren(...nodes, "\u200b");  // so that an empty last line has a height
}

// Lights the words of a line up by their weights; no line: none.
export function light_source(line, weights) {
  for (const span of spans) {
    const weight = span.line === line ? strength(weights[span.word] || 0) : 0;
    span.node.style.setProperty("--light", weight.toFixed(3));
  }
}

// The word under a point of the screen, as {line, word}, or null.
function word_at(x, y) {
  const found = spans.find(({node}) => [...node.getClientRects()].some((box) =>
    x >= box.left && x <= box.right && y >= box.top && y <= box.bottom));
  return found || null;
}

// The word that holds the caret.
function word_at_caret() {
  const before = field.value.slice(0, field.selectionStart);
  const line = before.split("\n").length - 1;
  const column = before.length - (before.lastIndexOf("\n") + 1);
  let at = 0;
  const line_text = field.value.split("\n")[line];
  for (const span of spans) {
    if (span.line !== line) continue;
    const begin = line_text.indexOf(span.node.textContent, at);
    at = begin + span.node.textContent.length;
    if (column >= begin && column <= at) return span;
  }
  return null;
}

// `point` gets {line, word} of the word that is pointed at or holds the caret, or null.
export function listen_to_source(point) {
  field.addEventListener("pointermove", (event) => point(word_at(event.clientX, event.clientY)));
  field.addEventListener("pointerleave", () => point(null));
  field.addEventListener("blur", () => point(null));
  document.addEventListener("selectionchange", () => {
    if (document.activeElement === field && field.selectionStart === field.selectionEnd) {
      point(word_at_caret());
    }
  });
}
