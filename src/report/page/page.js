// ---- The rest of the page ----------------------------------------------------------------------

function render_controls(sentence) {
  const kinds = Object.keys(KINDS).filter((kind) => maps_of(sentence, kind).length > 0);
  const groups = [
    ["view", "View", [["matrix", "Matrix"], ["lines", "Lines"]]],
    ["unit", "Unit", [["words", "Words"], ["pieces", "Pieces"]]],
    ["kind", "Attention", kinds.map((kind) => [kind, KINDS[kind].label])]];
  const form = by_id("controls");
  const wanted = kinds.join();
  if (form.dataset.kinds !== wanted) {
    form.dataset.kinds = wanted;
    form.replaceChildren(...groups.filter(([, , list]) => list.length > 1).map(
      ([name, title, list]) => element("fieldset", {className: "choice"},
        element("legend", {className: "hidden"}, title),
        ...list.map(([value, text]) => radio(name, value, text, state[name] === value)))));
  }
  for (const input of form.querySelectorAll("input")) {
    input.checked = state[input.name] === input.value;
  }
}

function render_pair(sentence) {
  for (const side of ["source", "target"]) {
    const node = by_id(side);
    node.textContent = visible(sentence[side].text);
    node.lang = sentence[side].language;
  }
  by_id("pair").classList.toggle("long",
    Math.max(sentence.source.text.length, sentence.target.text.length) > 260);
  by_id("sentence").value = state.sentence;
  by_id("count").textContent = `${state.sentence + 1} of ${data.sentences.length}`;
  by_id("previous").disabled = state.sentence === 0;
  by_id("next").disabled = state.sentence === data.sentences.length - 1;
}

function render_table(matrix) {
  const kind = KINDS[state.kind];
  const unit = state.unit === "words" ? "word" : "piece";
  const head = element("thead", {}, element("tr", {},
    element("th", {scope: "col"}, `${kind.row} ${unit}`),
    element("th", {scope: "col"}, `attends to (${kind.column.toLowerCase()} ${unit}, weight)`)));
  const body = element("tbody");
  matrix.rows.texts.forEach((text, row) => {
    const items = strongest(row_of(matrix, row), 5).filter(([, weight]) => weight > 0).map(
      ([i, weight]) => element("span", {className: "item"},
        element("bdi", {lang: matrix.columns.language}, visible(matrix.columns.texts[i])), " ",
        element("span", {className: "number"}, short_number(weight)), " "));
    body.append(element("tr", {}, element("th", {scope: "row"},
      element("bdi", {lang: matrix.rows.language}, visible(text))),
      element("td", {}, ...(items.length ? items : ["nothing"]))));
  });
  by_id("table").replaceChildren(head, body);
}

// A small picture of every head, to see at a glance what each does and to choose by.
function render_picker(sentence) {
  const list = choices(), picker = by_id("picker");
  by_id("heads").hidden = list.length < 2;
  by_id("stage").classList.toggle("alone", list.length < 2);
  const key = [state.sentence, state.kind, state.unit, theme(), innerWidth].join();
  if (picker.dataset.key !== key) {
    picker.dataset.key = key;
    fill_picker(picker, sentence, list);
  }
  for (const input of picker.querySelectorAll("input")) {
    input.checked = input.value === `${state.layer}.${state.head}`;
  }
}

function fill_picker(picker, sentence, list) {
  const heads = [...new Set(list.map((choice) => choice.head))].sort((a, b) => a - b);
  const room = Math.min(380, document.body.clientWidth - 40) - 80;
  const side = Math.max(18, Math.min(46, Math.floor(room / heads.length) - 8));
  picker.style.gridTemplateColumns = `max-content repeat(${heads.length}, max-content)`;
  const cells = [element("span")];
  for (const head of heads) {
    cells.push(element("span", {className: "top", "aria-hidden": "true"},
      head ? String(head) : "avg"));
  }
  const [rows, columns] = axes(sentence, state.kind);
  const ratio = Math.min(1.6, Math.max(0.6, rows.pieces.length / columns.pieces.length));
  const colours = palette();
  let layer = null;
  for (const choice of list) {
    if (choice.layer !== layer) {
      layer = choice.layer;
      const name = element("span", {className: "name", "aria-hidden": "true"},
        layer ? `Layer ${layer}` : "All");
      name.style.gridColumn = "1";
      cells.push(name);
    }
    cells.push(thumb(sentence, choice, heads.indexOf(choice.head) + 2, side, ratio, colours));
  }
  picker.replaceChildren(...cells);
}

function thumb(sentence, choice, column, side, ratio, colours) {
  const canvas = element("canvas");
  canvas.style.width = side + "px";
  canvas.style.height = Math.round(side * ratio) + "px";
  const input = element("input", {type: "radio", name: "map", className: "hidden",
    value: `${choice.layer}.${choice.head}`, "aria-label": name_of(choice)});
  const node = element("label", {className: "thumb", title: name_of(choice)}, input, canvas);
  node.style.gridColumn = String(column);
  // Later than the matrix itself, which is what is being waited for.
  setTimeout(() => {
    if (!canvas.isConnected) return;
    const matrix = matrix_of(sentence, choice.layer, choice.head);
    const columns = matrix.columns.texts.length;
    const least = Math.max(1, Math.ceil(columns / (2 * side)));
    paint(canvas, shrink(matrix.weights, columns, least), Math.ceil(columns / least), colours);
  });
  return node;
}

function render_legend() {
  const canvas = by_id("scale");
  const weights = Float32Array.from({length: 256}, (_, i) => Math.pow(i / 255, 1 / GAMMA));
  paint(canvas, weights, 256, palette());
  by_id("legend").hidden = state.view !== "matrix" || current.weights.length === 0;
  if (canvas.parentNode.querySelector("span")) return;
  for (const tick of [0, 0.1, 0.25, 0.5, 1]) {
    const span = element("span", {}, String(tick));
    span.style.left = 100 * Math.pow(tick, GAMMA) + "%";
    canvas.parentNode.append(span);
  }
}

// The focus, and the same cell of the next head: what the reader was comparing.
function return_to(before) {
  if (!plot || !plot.grid) return;
  plot.grid.focus({preventScroll: true});
  if (before.row < 0 || before.row >= plot.rows || before.column >= plot.columns) return;
  plot.kept = true;
  plot.point(before.row, Math.max(0, before.column));
  plot.speak();
}

function render() {
  settle();
  document.documentElement.dataset.theme = theme();
  const sentence = data.sentences[state.sentence];
  const choice = choices().find(({layer, head}) => layer === state.layer && head === state.head);
  render_controls(sentence);
  render_pair(sentence);
  by_id("caption").textContent =
    [KINDS[state.kind].title, name_of(choice)].filter(Boolean).join(" · ");
  current = matrix_of(sentence, state.layer, state.head);
  const empty = choice.maps === 0 || current.weights.length === 0;
  render_picker(sentence);  // first: what it takes in width, the figure lacks
  by_id("readout").textContent = "";
  const before = plot && plot.grid && plot.grid === document.activeElement ? {...plot} : null;
  plot = null;
  if (empty) by_id("plot").textContent = "This sentence has no attention to show.";
  else (state.view === "lines" ? draw_lines : draw_matrix)(by_id("plot"), current);
  if (before) return_to(before);
  if (empty) by_id("table").replaceChildren(); else render_table(current);
  by_id("as_text").hidden = empty;
  render_legend();
  write_address();
}

// ---- Start -------------------------------------------------------------------------------------

function switch_theme() {
  next_theme();
  render();
}

function step_head(step) {
  const list = choices();
  const at = list.findIndex(({layer, head}) => layer === state.layer && head === state.head);
  const {layer, head} = list[(at + step + list.length) % list.length];
  update({layer, head});
}

function on_key(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select")) return;
  const action = {
    n: () => update({sentence: state.sentence + 1}),
    p: () => update({sentence: state.sentence - 1}),
    h: () => step_head(event.shiftKey ? -1 : 1), t: switch_theme,
    v: () => update({view: state.view === "lines" ? "matrix" : "lines"}),
    w: () => update({unit: state.unit === "words" ? "pieces" : "words"}),
  }[event.key.toLowerCase()];
  if (action) action();
}

function listen() {
  by_id("previous").addEventListener("click", () => update({sentence: state.sentence - 1}));
  by_id("next").addEventListener("click", () => update({sentence: state.sentence + 1}));
  by_id("sentence").addEventListener("change", (event) =>
    update({sentence: Number(event.target.value)}));
  by_id("controls").addEventListener("change", (event) =>
    update({[event.target.name]: event.target.value}));
  by_id("picker").addEventListener("change", (event) => {
    const [layer, head] = event.target.value.split(".").map(Number);
    update({layer, head});
  });
  by_id("whole").addEventListener("change", (event) => update({whole: event.target.checked}));
  by_id("theme").addEventListener("click", switch_theme);
  document.addEventListener("keydown", on_key);
  addEventListener("hashchange", () => { read_address(); render(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
  let width = innerWidth;  // a phone's address bar changes the height alone: no reason to redraw
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; render(); } });
  let was_open = false;
  addEventListener("beforeprint", () => {
    was_open = by_id("as_text").open;
    by_id("as_text").open = printing = true;
    render();
  });
  addEventListener("afterprint", () => {
    printing = false;
    by_id("as_text").open = was_open;
    render();
  });
}

function start() {
  set_theme(stored_theme());
  by_id("facts").append(...data.facts.map(([key, value]) => element("div", {},
    element("dt", {dir: "auto"}, key), element("dd", {dir: "auto"}, value))));
  by_id("main").hidden = false;
  if (data.sentences.length === 0) {
    by_id("main").textContent = "There is no sentence here.";
    return;
  }
  by_id("sentences").hidden = data.sentences.length === 1;
  by_id("sentence").append(...data.sentences.map((sentence, i) => {
    const text = Array.from(sentence.source.text);  // by characters: an emoji is not cut
    const start = text.slice(0, 58).join("") + (text.length > 58 ? "…" : "");
    return element("option", {value: i}, `${i + 1}  ${isolated(start)}`);
  }));
  listen();
  read_address();
  render();
}
start();
