// ---- Matrix view -------------------------------------------------------------------------------

const PRINT = {width: 650, height: 720};  // CSS pixels within the margins of a sheet of A4
const READABLE = 17;  // the smallest cell that a label fits beside

let current = null;  // the matrix on show
let plot = null;  // its view: {point(row, column)}

// How large a cell is: as large as fits, but readable unless the whole is asked for.
function cell_size(rows, columns, width) {
  const room = width / columns;
  const height = printing ? PRINT.height : Math.max(innerHeight * 0.62, 22 * rows);
  const whole = printing || state.whole;
  by_id("whole_label").hidden = room >= READABLE;
  if (!whole) return Math.max(READABLE, Math.floor(Math.min(44, room, height / rows)));
  const limit = printing ? PRINT.height : innerHeight * 0.85;
  return Math.max(1, Math.floor(Math.min(44, room, limit / rows)));
}

function matrix_labels(matrix) {
  const columns = element("div", {className: "columns", "aria-hidden": "true"});
  for (const text of matrix.columns.texts) {
    columns.append(label("span", text, matrix.columns.language, "label"));
  }
  const rows = element("div", {className: "rows", "aria-hidden": "true"});
  for (const text of matrix.rows.texts) {
    rows.append(label("span", text, matrix.rows.language, "label"));
  }
  return {rows, columns};
}

// Slanted labels over wide columns, upright ones over narrow; returns {height, overhang}.
function place_columns(labels, cell) {
  const angle = cell >= 22 ? 50 : 90;
  const radians = angle * Math.PI / 180;
  let height = 0, overhang = 0;
  const spans = [...labels.children];
  const widths = spans.map((span) => Math.min(span.offsetWidth, 160));
  const line = spans.length ? spans[0].offsetHeight : 0;
  spans.forEach((span, i) => {
    const shift = (line / 2) * Math.sin(radians) - 6 * Math.cos(radians);
    span.style.left = (i + 0.5) * cell + shift + "px";
    height = Math.max(height, widths[i] * Math.sin(radians) + line * Math.cos(radians));
    overhang = Math.max(overhang, widths[i] * Math.cos(radians) - (spans.length - i - 1) * cell);
  });
  labels.style.setProperty("--tilt", -angle + "deg");
  labels.style.height = Math.ceil(height) + 8 + "px";
  labels.style.width = spans.length * cell + Math.ceil(Math.max(0, overhang)) + 4 + "px";
}

function cell_numbers(matrix, cell) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  if (cell < 30) return svg;
  const columns = matrix.columns.texts.length;
  matrix.weights.forEach((weight, at) => {
    if (weight < 0.05) return;
    const text = document.createElementNS(svg.namespaceURI, "text");
    text.setAttribute("x", (at % columns + 0.5) * cell + 0.5);
    text.setAttribute("y", (Math.floor(at / columns) + 0.5) * cell + 4);
    text.setAttribute("fill", weight > STRONG ? "var(--on-strong)" : "var(--ink)");
    text.textContent = short_number(weight).replace(/^0/, "");
    svg.append(text);
  });
  return svg;
}

function draw_matrix(host, matrix) {
  const count = {rows: matrix.rows.texts.length, columns: matrix.columns.texts.length};
  const labels = matrix_labels(matrix);
  const cells = element("div", {className: "cells", "aria-hidden": "true"});
  const grid = element("div", {className: "matrix", tabIndex: 0, role: "grid",
    "aria-label": by_id("caption").textContent + ". Arrow keys move from cell to cell.",
    "aria-rowcount": count.rows, "aria-colcount": count.columns});
  grid.append(element("div", {className: "corner"}), labels.columns, labels.rows, cells);
  const scroller = element("div", {className: "scroller"}, grid);
  host.replaceChildren(scroller);

  const last = labels.columns.lastChild ? Math.min(labels.columns.lastChild.offsetWidth, 160) : 0;
  const width = printing ? PRINT.width : host.clientWidth;
  const cell = cell_size(count.rows, count.columns,
    width - labels.rows.offsetWidth - last * 0.45 - 8);
  grid.style.setProperty("--cell", cell + "px");
  grid.style.setProperty("--gap", (cell >= 7 && !printing ? 1 : 0) + "px");
  grid.classList.toggle("tiny", cell < 9);
  if (cell < READABLE) grid.style.fontSize = Math.max(10, cell - 2) + "px";
  place_columns(labels.columns, cell);
  cells.style.width = count.columns * cell + "px";
  cells.style.height = count.rows * cell + "px";
  const canvas = element("canvas");
  paint(canvas, matrix.weights, count.columns, palette());
  cells.append(canvas, element("div", {className: "grid"}), cell_numbers(matrix, cell));
  plot = matrix_pointer(grid, cells, labels, matrix, cell, scroller);
}

// Marks one row, one column, or the cell where they meet; -1 is none.
function matrix_pointer(grid, cells, labels, matrix, cell, scroller) {
  const bands = {row: element("div", {className: "band"}),
    column: element("div", {className: "band"}), cell: element("div", {className: "band cell"})};
  cells.append(bands.row, bands.column, bands.cell);
  const spoken = element("div", {className: "hidden"});
  cells.after(spoken);
  const view = {row: -1, column: -1, kept: false, grid};
  const columns = matrix.columns.texts.length, rows = matrix.rows.texts.length;

  function box(band, shown, left, top, width, height) {
    band.hidden = !shown;
    Object.assign(band.style, {left: left + "px", top: top + "px", width: width + 1 + "px",
      height: height + 1 + "px"});
  }
  function mark(node, on) { if (node) node.classList.toggle("active", on); }

  view.point = (row, column) => {
    mark(labels.rows.children[view.row], false);
    mark(labels.columns.children[view.column], false);
    Object.assign(view, {row, column});
    mark(labels.rows.children[row], true);
    mark(labels.columns.children[column], true);
    box(bands.row, row >= 0, 0, row * cell, columns * cell, cell);
    box(bands.column, column >= 0, column * cell, 0, cell, rows * cell);
    box(bands.cell, row >= 0 && column >= 0, column * cell, row * cell, cell, cell);
    show_readout(matrix, row, column);
  };
  // A screen reader hears the one cell that the arrow keys have reached. The id alternates so that
  // each move is a new descendant.
  view.speak = () => {
    const id = grid.getAttribute("aria-activedescendant") === "cell_a" ? "cell_b" : "cell_a";
    spoken.replaceChildren(element("div", {role: "row", "aria-rowindex": view.row + 1},
      element("div", {role: "gridcell", id, "aria-colindex": view.column + 1},
        by_id("readout").textContent)));
    grid.setAttribute("aria-activedescendant", id);
  };
  view.reveal = () => {
    const corner = grid.firstChild.getBoundingClientRect();
    const left = view.column * cell, top = view.row * cell;
    const space = {x: scroller.clientWidth - corner.width,
      y: scroller.clientHeight - corner.height};
    if (left < scroller.scrollLeft) scroller.scrollLeft = left;
    if (left + cell > scroller.scrollLeft + space.x) scroller.scrollLeft = left + cell - space.x;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    if (top + cell > scroller.scrollTop + space.y) scroller.scrollTop = top + cell - space.y;
  };
  view.rows = rows;
  view.columns = columns;
  listen_to_matrix(view, cells, labels, cell);
  view.point(-1, -1);
  return view;
}

function listen_to_matrix(view, cells, labels, cell) {
  const at = (event) => {
    const box = cells.getBoundingClientRect();
    return [Math.min(view.rows - 1, Math.max(0, Math.floor((event.clientY - box.top) / cell))),
      Math.min(view.columns - 1, Math.max(0, Math.floor((event.clientX - box.left) / cell)))];
  };
  cells.addEventListener("pointermove", (event) => {
    if (!view.kept || event.pointerType === "touch") view.point(...at(event));
  });
  // A click keeps the cell; a second click, or Escape, lets it go.
  cells.addEventListener("click", (event) => {
    const [row, column] = at(event);
    view.kept = !(view.kept && row === view.row && column === view.column);
    view.point(row, column);
    view.grid.focus({preventScroll: true, focusVisible: false});
  });
  for (const [name, axis] of [["rows", labels.rows], ["columns", labels.columns]]) {
    axis.addEventListener("pointerover", (event) => {
      const index = [...axis.children].indexOf(event.target.closest(".label"));
      if (index >= 0 && !view.kept) view.point(...(name === "rows" ? [index, -1] : [-1, index]));
    });
  }
  view.grid.addEventListener("pointerleave", (event) => {
    if (!view.kept && event.pointerType !== "touch") view.point(-1, -1);
  });
  view.grid.addEventListener("focus", () => {
    if (view.rows * view.columns && view.row < 0 && view.grid.matches(":focus-visible")) {
      view.kept = true;
      view.point(0, 0);
      view.speak();
    }
  });
  view.grid.addEventListener("blur", () => { view.kept = false; view.point(-1, -1); });
  view.grid.addEventListener("keydown", (event) => move_in_matrix(view, event));
}

function move_in_matrix(view, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !(view.rows * view.columns)) return;
  const row = Math.max(0, view.row), column = Math.max(0, view.column);
  const to = {ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    Home: [row, 0], End: [row, view.columns - 1]}[event.key];
  if (event.key === "Escape") {
    view.kept = false;
    view.point(-1, -1);
  }
  if (!to) return;
  event.preventDefault();
  view.kept = true;
  view.point(Math.min(view.rows - 1, Math.max(0, to[0])),
    Math.min(view.columns - 1, Math.max(0, to[1])));
  view.speak();
  view.reveal();
}

// "Haus ← house 0.831", or the strongest partners of a row or of a column.
function show_readout(matrix, row, column) {
  const readout = by_id("readout");
  const partner = (text, weight, digits) => element("span", {className: "item"},
    element("bdi", {}, visible(text)), " ",
    element("span", {className: "number"}, weight.toFixed(digits)));
  const bold = (text) => element("b", {}, element("bdi", {}, visible(text)));
  if (row < 0 && column < 0) {
    readout.replaceChildren(state.view === "lines"
      ? "Point at a word to see what it is joined to."
      : `Rows: ${KINDS[state.kind].row.toLowerCase()}. ` +
        `Columns: ${KINDS[state.kind].column.toLowerCase()}. Point at a cell for its weight.`);
  } else if (row >= 0 && column >= 0) {
    const weight = row_of(matrix, row)[column];
    readout.replaceChildren(bold(matrix.rows.texts[row]), " ← ",
      partner(matrix.columns.texts[column], weight, 3));
  } else if (row >= 0) {
    readout.replaceChildren(bold(matrix.rows.texts[row]), " ← ",
      ...strongest(row_of(matrix, row), 6).map(
        ([i, weight]) => partner(matrix.columns.texts[i], weight, 2)));
  } else {
    readout.replaceChildren(bold(matrix.columns.texts[column]), " → ",
      ...strongest(column_of(matrix, column), 6).map(
        ([i, weight]) => partner(matrix.rows.texts[i], weight, 2)));
  }
}
