// The page of `heed serve`: translates while one types.
import * as api from "./api.js";
import {listen_to_documents} from "./documents.js";
import {by_id, element, speak} from "./elements.js";
import {listen_to_history, remember} from "./history.js";
import * as languages from "./languages.js";
import {draw_matrix} from "./matrix.js";
import {close_menu, fill_menu, open_menu} from "./menu.js";
import {focus_place, light_result, listen_to_result, show_result} from "./result.js";
import {light_source, listen_to_source, mirror_source} from "./source.js";
import * as translating from "./translating.js";
import {weights_of, weights_to} from "./words.js";

const PAUSE = 300;           // milliseconds of rest before what was typed is translated
const KEEP_AFTER = 2500;     // and before a translation goes into the history
const MOST_SPOKEN = 600;     // characters: no screen reader is to read a whole text at each pause
const RETRY_SECONDS = 3;     // between two tries where the server does not say
const field = by_id("source_text");
const timers = {};
let current = 0;             // the line whose attention and other translations are shown
let undone = [];             // what lines were before the reader chose words: {line, ...}
let asking = null;           // what cancels the question for other words

function after(name, milliseconds, action) {
  clearTimeout(timers[name]);
  timers[name] = setTimeout(action, milliseconds);
}

// ---- What is shown ------------------------------------------------------------------------------

function show_message(text, action) {
  const host = by_id("message");
  host.hidden = text === "";
  host.replaceChildren(element("span", {}, text),
    ...(action ? [element("button", {type: "button", onclick: action.run}, action.label)] : []));
}

const line_now = () => translating.lines[current];

function render_current() {
  const lines = translating.lines;
  if (!line_now()?.translation) current = Math.max(0, lines.findIndex((line) => line.translation));
  const translation = line_now()?.translation || null;
  const several = lines.filter((line) => line.translation).length > 1;
  const place = several ? ` of line ${current + 1}` : "";
  const others = (translation?.n_best || []).filter(({text}) => text !== translation.text);
  by_id("others").hidden = others.length === 0;
  by_id("others_title").textContent = "Other translations" + place;
  by_id("n_best").replaceChildren(...others.map(({text, score}) => element("li", {},
    element("button", {type: "button", dir: "auto", lang: languages.chosen().target,
      onclick: () => take(line_now(), text)}, text),
    element("span", {className: "score", title: "log-probability per piece"},
      Number(score).toFixed(3)))));
  const pressed = by_id("matrix_switch").getAttribute("aria-pressed") === "true";
  by_id("matrix_switch").disabled = translation === null;
  by_id("matrix").hidden = !pressed || translation === null;
  by_id("matrix_title").textContent = "Attention" + place;
  if (!by_id("matrix").hidden) draw_matrix(translation);
}

function render() {
  const lines = translating.lines, empty = field.value === "";
  field.lang = languages.source_language();
  mirror_source(lines);
  show_result(lines, languages.chosen().target);
  by_id("count").textContent = empty ? "" : `${field.value.length.toLocaleString("en")} characters`;
  by_id("clear").hidden = empty;
  by_id("copy").disabled = translating.translated_text().trim() === "";
  by_id("undo").hidden = undone.length === 0;
  by_id("hint").textContent = by_id("copy").disabled ? "" : "Click a word for others";
  render_current();
}

// ---- Translating --------------------------------------------------------------------------------

function failed(error, again) {
  if (error.name === "AbortError") return;
  if (!(error instanceof api.ServerError)) throw error;
  show_message(api.explain(error), {label: "Try now", run: again});
  speak(api.explain(error));
  if (error.status === 403) {
    by_id("key").hidden = false;
    by_id("api_key").focus();
  }
  if (api.is_passing(error)) after("retry", 1000 * (error.retry_after || RETRY_SECONDS), again);
}

// The output is busy while requests are under way.
let under_way = 0;
async function busy(work) {
  by_id("output").setAttribute("aria-busy", String(++under_way > 0));
  try {
    return await work;
  } finally {
    by_id("output").setAttribute("aria-busy", String(--under_way > 0));
  }
}

async function translate() {
  clearTimeout(timers.pause);
  clearTimeout(timers.retry);
  render();
  const news = [];
  try {
    await busy(translating.translate((found, texts) => {
      if (found) languages.set_detected(found);
      news.push(...texts);
      render();
    }));
  } catch (error) {
    failed(error, translate);
    return;
  }
  if (!translating.is_complete()) return;
  show_message("");
  render();
  if (news.length) speak(news.join("\n").slice(0, MOST_SPOKEN));
  after("keep", KEEP_AFTER, () => remember({source: languages.source_language(),
    target: languages.chosen().target, text: field.value,
    translation: translating.translated_text()}));
}

function text_changed() {
  translating.cancel();
  close_menu(false);
  clearTimeout(timers.keep);
  translating.split(field.value);
  undone = undone.filter(({line}) => translating.lines.includes(line));
  if (field.value === "") languages.set_detected("");
  render();
  if (translating.is_complete()) translate();
  else after("pause", PAUSE, translate);
}

function set_text(text) {
  field.value = text;
  undone = [];
  text_changed();
  field.focus();
}

function languages_changed() {
  translating.forget();
  undone = [];
  translate();
}

// ---- Words --------------------------------------------------------------------------------------

function point_target(span) {
  const line = span && translating.lines[span.line];
  if (!line?.translation) {
    light_source(-1, []);
    light_result(-1, []);
    return;
  }
  light_source(span.line, weights_of(line.translation, span.word));
  light_result(span.line, [], span.word);
  if (span.line !== current) {
    current = span.line;
    render_current();
  }
}

function point_source(span) {
  const line = span && translating.lines[span.line];
  light_source(span ? span.line : -1, span ? {[span.word]: 1} : []);
  light_result(line?.translation ? span.line : -1,
    line?.translation ? weights_to(line.translation, span.word) : []);
}

// The translation goes on from this beginning.
async function take(line, prefix) {
  if (!translating.lines.includes(line)) return;  // the text has changed meanwhile
  const before = {line, translation: line.translation, chosen: line.chosen};
  try {
    await busy(translating.translate_on(line, prefix));
  } catch (error) {
    failed(error, () => take(line, prefix));
    return;
  }
  show_message("");
  if (!translating.lines.includes(line)) return;
  undone.push(before);
  render();
  focus_place(translating.lines.indexOf(line), line.chosen);
  speak(line.translation.text);
}

function undo() {
  const {line, translation, chosen} = undone.pop();
  Object.assign(line, {translation, chosen});
  render();
  if (undone.length === 0) field.focus();
}

// Where an alternative's own word ends in its text.
function end_of_word(alternative, prefix) {
  const begin = alternative.text.indexOf(alternative.word, prefix.length);
  return begin < 0 ? alternative.text.length : begin + alternative.word.length;
}

async function open_alternatives(span) {
  const line = translating.lines[span.line];
  const prefix = line.translation.text.slice(0, span.begin).trimEnd();
  if (asking) asking.abort();
  asking = new AbortController();
  open_menu(span.node, "Looking for other words…");
  let found;
  try {
    found = await translating.alternatives(line, prefix, asking.signal);
  } catch (error) {
    if (error.name === "AbortError") return;
    close_menu();
    failed(error, () => open_alternatives(span));
    return;
  }
  const language = languages.chosen().target;
  const others = found.filter(({word}) => word !== span.node.textContent);
  if (others.length === 0) {
    open_menu(span.node, "No other word is likely here.");
    return;
  }
  fill_menu(others.map((other) => ({word: other.word, language,
    rest: other.text.slice(end_of_word(other, prefix))})),
  (at) => take(line, others[at].text.slice(0, end_of_word(others[at], prefix))));
}

// A page that did not come by HTTPS has no clipboard: there a field's selection is copied.
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = element("textarea", {className: "hidden", value: text});
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

// ---- Start --------------------------------------------------------------------------------------

function listen() {
  field.addEventListener("input", text_changed);
  listen_to_source(point_source);
  listen_to_result(point_target, open_alternatives);
  listen_to_history((entry) => {
    languages.choose(entry);
    translating.forget();
    set_text(entry.text);
  });
  by_id("clear").addEventListener("click", () => set_text(""));
  by_id("undo").addEventListener("click", undo);
  by_id("copy").addEventListener("click", async () => {
    const done = await copy(translating.translated_text()) ? "Copied" : "Copying is not allowed";
    by_id("copy").textContent = done;
    speak(done);
    after("copied", 1500, () => { by_id("copy").textContent = "Copy"; });
  });
  by_id("matrix_switch").addEventListener("click", (event) => {
    const pressed = event.currentTarget.getAttribute("aria-pressed") === "true";
    event.currentTarget.setAttribute("aria-pressed", String(!pressed));
    render_current();
  });
  by_id("api_key").addEventListener("input", (event) => {
    api.use_api_key(event.target.value);
    after("pause", 2 * PAUSE, translate);
  });
  by_id("languages").addEventListener("submit", (event) => event.preventDefault());
  new MutationObserver(render_current)  // the matrix has other colours then
    .observe(document.documentElement, {attributeFilter: ["data-theme"]});
  addEventListener("online", () => { if (!translating.is_complete()) translate(); });
  addEventListener("offline", () => failed(new api.ServerError(0, "offline"), translate));
}

// theme.js, which ran before the first paint, has these functions.
function start_theme() {
  const {set_theme, next_theme, stored_theme} = window;
  set_theme(stored_theme());
  by_id("theme").addEventListener("click", next_theme);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change",
    () => set_theme(stored_theme()));
}

let started = false;
async function start() {
  clearTimeout(timers.retry);
  let list, settings;
  try {
    [list, settings] = await Promise.all([api.languages(), api.settings()]);
  } catch (error) {
    failed(error, start);
    if (!api.is_passing(error)) after("retry", 1000 * RETRY_SECONDS, start);
    return;
  }
  if (started) return;
  started = true;
  show_message("");
  translating.limit_characters(settings.charLimit);
  by_id("key").hidden = !settings.keyRequired;
  languages.show_languages(list, languages_changed, () => {
    const text = translating.translated_text();
    translating.forget();
    set_text(text);
  });
  by_id("open_file").hidden = settings.filesTranslation === false;
  if (settings.filesTranslation !== false) {
    listen_to_documents(languages.chosen, settings.supportedFilesFormat || []);
  }
  listen();
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) field.value = asked;
  text_changed();
  field.focus();
}
start_theme();
start();
