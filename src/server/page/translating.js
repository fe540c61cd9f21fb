// Lines of the text and their translations. What was translated once is kept: a change of one line
// asks the server for that line alone.
import * as api from "./api.js";
import {chosen} from "./languages.js";

const MOST_KEPT = 1000;
const batch_limit = {lines: 16, characters: 2000};
const CANDIDATES = 4;

export let lines = [];  // {text, translation or null, old, chosen}: see split()
const kept = new Map();
let controller = null;

// Characters of a request, where the server has a limit.
export function limit_characters(most) {
  if (most > 0) batch_limit.characters = Math.min(batch_limit.characters, most);
}

const key_of = (text) => [chosen().source, chosen().target, text].join("\n");

function keep(text, translation) {
  kept.set(key_of(text), translation);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
}

// The text anew. A line that was there before stays what it was: with its translation, and in
// `chosen` how much of its beginning the reader chose. A line without a translation has in `old`
// what stood in its place.
export function split(text) {
  const before = lines, free = new Set(before);
  const take = (other, line) => other?.text === line && free.delete(other);
  lines = text.split("\n").map((line, i) => {
    if (take(before[i], line)) return before[i];
    for (const other of free) if (take(other, line)) return other;
    return {text: line, translation: kept.get(key_of(line)) || null, chosen: 0,
      old: before[i]?.translation?.text || before[i]?.old || ""};
  });
}

// All lines anew: of other languages, say.
export function forget() {
  lines = lines.map(({text}) =>
    ({text, translation: kept.get(key_of(text)) || null, chosen: 0, old: ""}));
}

export const translated_text = () =>
  lines.map(({translation}) => translation ? translation.text : "").join("\n");

const is_wanted = (line) => line.text.trim() !== "" && line.translation === null;
export const is_complete = () => !lines.some(is_wanted);

export function cancel() {
  if (controller) controller.abort();
  controller = null;
}

function next_batch() {
  const batch = new Set();
  let characters = 0;
  for (const {text} of lines.filter(is_wanted)) {
    characters += text.length;
    const full = batch.size === batch_limit.lines || characters > batch_limit.characters;
    if (full && batch.size) break;
    batch.add(text);
  }
  return [...batch];
}

const request = (q) => ({q, ...chosen(), beam_size: CANDIDATES, n_best: CANDIDATES,
  alignment: true, attention: true, stream: false});

const language_in = (answer) => {
  const found = answer.detected ?? answer.detectedLanguage;
  const first = Array.isArray(found) ? found[0] : found;
  return typeof first === "string" ? first : first?.language || "";
};

// Translates what lacks a translation. `progress` is called after each batch, with the language
// that the server found and the new translations. What an earlier call waited for is given up.
export async function translate(progress) {
  cancel();
  const own = controller = new AbortController();
  for (let batch = next_batch(); batch.length; batch = next_batch()) {
    const answer = await api.translate(request(batch), own.signal);
    if (own.signal.aborted) return;
    batch.forEach((text, i) => {
      const translation = answer.translations[i];
      keep(text, translation);
      for (const line of lines) if (line.text === text && !line.translation) {
        line.translation = translation;
      }
    });
    progress(language_in(answer), answer.translations.map((translation) => translation.text));
  }
}

// What else may come after `prefix`: [{word, text, score}...].
export async function alternatives(line, prefix, signal) {
  const answer = await api.alternatives({q: line.text, ...chosen(), prefix}, signal);
  return answer.alternatives;
}

// The line again, with this beginning.
export async function translate_on(line, prefix) {
  const answer = await api.translate({...request(line.text), prefix});
  line.translation = answer.translations[0];
  line.chosen = line.translation.text.startsWith(prefix) ? prefix.length : 0;
}
