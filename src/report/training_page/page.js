// ---- The rest of the page ----------------------------------------------------------------------

function render_bar() {
  const axis = by_id("axis"), list = by_id("runs");
  if (axis.children.length === 1) {
    for (const [name, {label}] of Object.entries(AXES)) axis.append(radio("axis", name, label));
    runs.forEach((run, i) => list.append(element("label", {style: run.colour},
      element("input", {type: "checkbox", name: "run", value: i, className: "hidden"}),
      element("span", {className: "swatch"}), element("bdi", {}, run.name))));
  }
  for (const input of axis.querySelectorAll("input")) input.checked = input.value === state.axis;
  for (const input of list.querySelectorAll("input")) {
    input.checked = !state.hidden.has(Number(input.value));
  }
  list.hidden = runs.length < 2;
}

function render_charts() {
  const host = by_id("charts"), greatest = greatest_x();
  if (host.children.length === 0) {
    host.append(...CHARTS.map(({id}) =>
      element("figure", {className: "chart", id: "chart_" + id})));
  }
  const views = CHARTS.map((chart) => draw_chart(by_id("chart_" + chart.id), chart, greatest));
  for (const view of views) if (view.lines) listen_to_chart(views, view);
  by_id("tip").hidden = true;
}

// The training whose validations are in the table.
function render_choice() {
  const host = by_id("which");
  host.hidden = runs.length < 2;
  if (host.hidden || host.querySelector("select")) return;
  host.append(element("select", {onchange: (event) => update({run: Number(event.target.value)})},
    ...runs.map((run, i) => element("option", {value: i, selected: i === state.run}, run.name))));
}

function render() {
  document.documentElement.dataset.theme = resolved_theme();
  render_figures();
  render_bar();
  render_charts();
  render_choice();
  render_validations();
  render_samples();
  render_options();
  write_address();
}

// ---- Start -------------------------------------------------------------------------------------

function listen() {
  by_id("axis").addEventListener("change", (event) => update({axis: event.target.value}));
  by_id("runs").addEventListener("change", (event) => {
    const place = Number(event.target.value);
    if (event.target.checked) state.hidden.delete(place); else state.hidden.add(place);
    render();
  });
  // The lines of a training stand out while its name is pointed at.
  by_id("runs").addEventListener("pointerover", (event) => {
    const label = event.target.closest("label");
    const run = label && label.querySelector("input").value;
    for (const group of document.querySelectorAll("[data-run]")) {
      group.classList.toggle("dimmed", Boolean(label) && group.dataset.run !== run);
    }
  });
  by_id("runs").addEventListener("pointerleave", () => {
    for (const group of document.querySelectorAll(".dimmed")) group.classList.remove("dimmed");
  });
  by_id("theme").addEventListener("click", next_theme);
  addEventListener("hashchange", () => { read_address(); render(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", render);
  let width = innerWidth;  // a phone's address bar changes the height alone: no reason to redraw
  addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; render(); } });
}

// A training goes on: the page is loaded anew, but not under the reader's hand.
function reload_when_idle() {
  let touched = 0;
  for (const kind of ["pointermove", "pointerdown", "keydown", "scroll"]) {
    addEventListener(kind, () => { touched = Date.now(); }, {passive: true});
  }
  setInterval(() => {
    const selected = String(getSelection()) !== "";
    if (!document.hidden && !selected && Date.now() - touched > 2000) location.reload();
  }, report.reload_seconds * 1000);
}

function start() {
  set_theme(stored_theme());
  by_id("made").textContent = (report.reload_seconds ? "live, as of " : "as of ") + report.made;
  by_id("main").hidden = false;
  by_id("warning_section").hidden = report.warnings.length === 0;
  by_id("warnings").append(...report.warnings.map((text) => element("li", {dir: "auto"}, text)));
  read_address();
  render();
  listen();
  if (report.reload_seconds) reload_when_idle();
}
start();
