const data = JSON.parse(by_id("attention").textContent);

// ---- Data: maps unpacked, averaged, merged to words -------------------------------------------

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUE = new Uint8Array(128);
for (let i = 0; i < 64; ++i) VALUE[DIGITS.charCodeAt(i)] = i;
const KINDS = {
  cross: {label: "Cross", title: "Cross-attention", row: "Target", column: "Source"},
  encoder_self: {label: "Encoder", title: "Encoder self-attention", row: "Source",
    column: "Source"},
  decoder_self: {label: "Decoder", title: "Decoder self-attention", row: "Target",
    column: "Target so far"},
};
const CONTROL = new Set(["<s>", "</s>", "<pad>"]);

// The inverse of pack_weights in attention_page.cpp.
function unpack(packed, size) {
  const weights = new Float32Array(size);
  for (let i = 0, at = 0; i < size; ++i) {
    let value = VALUE[packed.charCodeAt(at++)];
    if (value >= 48) value = 48 + (value - 48) * 64 + VALUE[packed.charCodeAt(at++)];
    weights[i] = value / 1000;
  }
  return weights;
}

// The decoder's input: the start symbol, then the target without its last piece.
function shifted(side) {
  const word_of_piece = [0, ...side.word_of_piece.slice(0, -1).map((word) => word + 1)];
  return {...side, pieces: ["<s>", ...side.pieces.slice(0, -1)], word_of_piece,
    words: ["<s>", ...side.words].slice(0, word_of_piece.at(-1) + 1)};
}

function axes(sentence, kind) {
  if (kind === "cross") return [sentence.target, sentence.source];
  if (kind === "encoder_self") return [sentence.source, sentence.source];
  return [sentence.target, shifted(sentence.target)];
}

const maps_of = (sentence, kind) => sentence.maps.filter((map) => map.kind === kind);
const matches = (map, layer, head) =>
  (!layer || map.layer === layer) && (!head || map.head === head);

function average(maps, size) {
  const sum = new Float32Array(size);
  for (const map of maps) {
    const weights = unpack(map.weights, size);
    for (let i = 0; i < size; ++i) sum[i] += weights[i];
  }
  return sum.map((value) => value / maps.length);
}

// Columns are summed and rows averaged, as merge_to_words in attention_page.cpp does.
function merge(weights, rows, columns) {
  const merged = new Float32Array(rows.words.length * columns.words.length);
  const count = new Array(rows.words.length).fill(0);
  for (const word of rows.word_of_piece) ++count[word];
  let at = 0;
  for (const row of rows.word_of_piece) {
    for (const column of columns.word_of_piece) {
      merged[row * columns.words.length + column] += weights[at++] / count[row];
    }
  }
  return merged;
}

// What is on show: {rows, columns, weights} of the chosen maps, by words or by pieces.
function matrix_of(sentence, layer, head) {
  const [rows, columns] = axes(sentence, state.kind);
  const maps = maps_of(sentence, state.kind).filter((map) => matches(map, layer, head));
  const weights = average(maps, rows.pieces.length * columns.pieces.length);
  const words = state.unit === "words";
  return {
    rows: {texts: words ? rows.words : rows.pieces, language: rows.language},
    columns: {texts: words ? columns.words : columns.pieces, language: columns.language},
    weights: words ? merge(weights, rows, columns) : weights,
  };
}

// ---- Colour ------------------------------------------------------------------------------------

// Even steps of lightness in one hue: order survives any colour vision, and a grey printer.
const STOPS = {
  light: "f0f4f7 a2d4fa 64aff1 3b88da 2a61b4 233f81 1a2347",
  dark: "1e2026 263f63 286299 3189c4 57b1e2 95d7f4 dff7ff",
};
const GAMMA = 0.7;  // keeps small weights visible; the ticks under the scale show it
const STRONG = 0.42;  // where numbers change from ink to its opposite; 4:1 contrast or better

let printing = false;
const theme = () => printing ? "light" : resolved_theme();

function palette() {
  const stops = STOPS[theme()].split(" ").map(
    (hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  const colours = new Uint32Array(256);
  for (let i = 0; i < 256; ++i) {
    const place = (i / 255) * (stops.length - 1);
    const stop = Math.min(Math.floor(place), stops.length - 2);
    const [r, g, b] = stops[stop].map(
      (from, c) => Math.round(from + (stops[stop + 1][c] - from) * (place - stop)));
    colours[i] = (255 << 24) | (b << 16) | (g << 8) | r;
  }
  return colours;
}

// The strongest of every `by` x `by` cells: a line of single cells must not fade when small.
function shrink(weights, columns, by) {
  if (by === 1) return weights;
  const width = Math.ceil(columns / by);
  const small = new Float32Array(width * Math.ceil(weights.length / columns / by));
  weights.forEach((weight, at) => {
    const to = Math.floor(Math.floor(at / columns) / by) * width + Math.floor(at % columns / by);
    small[to] = Math.max(small[to], weight);
  });
  return small;
}

// One pixel a cell; CSS makes it as large as it should be.
function paint(canvas, weights, columns, colours) {
  canvas.width = Math.max(1, columns);
  canvas.height = Math.max(1, weights.length / columns || 0);
  const context = canvas.getContext("2d");
  const image = context.createImageData(canvas.width, canvas.height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < weights.length; ++i) {
    pixels[i] = colours[Math.round(255 * Math.pow(Math.min(1, weights[i]), GAMMA))];
  }
  context.putImageData(image, 0, 0);
}

// ---- Text --------------------------------------------------------------------------------------

// Characters that would show as nothing, or break the line, are named instead.
function visible(text) {
  const name = (c) => "⟨U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0") + "⟩";
  if (/^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]+$/u.test(text)) {
    return Array.from(text, name).join("");
  }
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/gu, name);
}

// A word or a piece, isolated from the direction of what surrounds it.
function label(tag, text, language, class_name) {
  const node = element(tag, {className: class_name, dir: "auto", lang: language, title: text});
  if (CONTROL.has(text)) node.classList.add("quiet");
  if (text.startsWith("▁")) {
    node.append(element("span", {className: "mark"}, "▁"), visible(text.slice(1)));
  } else {
    node.append(visible(text));
  }
  return node;
}

const is_rtl = (text) => {
  const strong = text.match(/\p{L}/u);
  return strong !== null && /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/u.test(strong[0]);
};
const isolated = (text) => "\u2068" + visible(text) + "\u2069";
const short_number = (weight) => weight.toFixed(2);

// The strongest entries of a row (or column): [index, weight], at most `limit`, at least one.
function strongest(weights, limit, least = 0.05) {
  const sorted = Array.from(weights, (weight, i) => [i, weight]).sort((a, b) => b[1] - a[1]);
  return sorted.filter(([, weight], i) => i === 0 || weight >= least).slice(0, limit);
}
function row_of(matrix, row) {
  const columns = matrix.columns.texts.length;
  return matrix.weights.subarray(row * columns, (row + 1) * columns);
}
const column_of = (matrix, column) =>
  matrix.rows.texts.map((_, row) => matrix.weights[row * matrix.columns.texts.length + column]);

// ---- State, kept in the address so that a view can be linked to --------------------------------

const state = {sentence: 0, kind: "cross", layer: 0, head: 0, view: "matrix", unit: "words",
  whole: false};

function read_address() {
  const fields = new URLSearchParams(location.hash.slice(1));
  const [kind, layer, head] = (fields.get("map") || "cross.0.0").split(".");
  Object.assign(state, {
    sentence: (parseInt(fields.get("sentence"), 10) || 1) - 1, kind,
    layer: parseInt(layer, 10) || 0, head: parseInt(head, 10) || 0,
    view: fields.get("view") === "lines" ? "lines" : "matrix",
    unit: fields.get("unit") === "pieces" ? "pieces" : "words"});
}

function write_address() {
  const address = `#sentence=${state.sentence + 1}&map=${state.kind}.${state.layer}.${state.head}` +
    `&view=${state.view}&unit=${state.unit}`;
  if (address !== location.hash) history.replaceState(null, "", address);
}

// Keeps the state to what the sentence has.
function settle() {
  state.sentence = Math.min(Math.max(0, state.sentence), data.sentences.length - 1);
  const sentence = data.sentences[state.sentence];
  const kinds = Object.keys(KINDS).filter((kind) => maps_of(sentence, kind).length > 0);
  if (!kinds.includes(state.kind)) state.kind = kinds[0] || "cross";
  if (!choices().some((choice) => choice.layer === state.layer && choice.head === state.head)) {
    state.layer = state.head = 0;
  }
}

// Every map and average to choose from, in the picker's order; 0 stands for "all".
function choices() {
  const maps = maps_of(data.sentences[state.sentence], state.kind);
  const layers = [...new Set(maps.map((map) => map.layer))].sort((a, b) => a - b);
  const list = [{layer: 0, head: 0, maps: maps.length}];
  if (maps.length < 2) return list;
  for (const layer of layers) {
    const heads = maps.filter((map) => map.layer === layer).map((map) => map.head);
    heads.sort((a, b) => a - b);
    if (layers.length > 1 && heads.length > 1) list.push({layer, head: 0, maps: heads.length});
    for (const head of heads) list.push({layer, head, maps: 1});
  }
  return list;
}

function name_of({layer, head, maps}) {
  if (!layer) return maps > 1 ? `Average of all ${maps} heads` : "";
  return head ? `Layer ${layer}, head ${head}` : `Layer ${layer}, average of ${maps} heads`;
}

function update(changes) {
  Object.assign(state, changes);
  render();
}
