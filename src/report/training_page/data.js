const report = JSON.parse(by_id("report").textContent);
const runs = report.runs;
runs.forEach((run, i) => {
  run.colour = `--run: var(--run-${i % 8})`;
  run.dash = i < 8 ? "" : "5 3";  // more trainings than colours
});

// ---- Numbers ---------------------------------------------------------------------------------

const whole = (value) => Math.round(value).toLocaleString("en");
const fixed = (digits) => (value) => value.toFixed(digits);
const percent = (value) => (100 * value).toFixed(value < 0.095 && value > 0 ? 1 : 0) + " %";
const precise = (value) => value >= 1000 ? whole(value) : value.toPrecision(4);

function small(value) {
  if (value === 0) return "0";
  return value >= 0.01 ? String(Number(value.toPrecision(3)))
    : value.toExponential(2).replace(/\.?0+e/, "e").replace("e-", "e−");
}

const thousands = (value) => value >= 1000 ? small(value / 1000) + "k" : small(value);

function bytes(value) {
  const gibibytes = value / 2 ** 30;
  return gibibytes >= 1 ? gibibytes.toFixed(gibibytes < 10 ? 2 : 1) + " GiB"
    : Math.round(value / 2 ** 20) + " MiB";
}

function duration(seconds) {
  const s = Math.round(seconds);
  if (s < 60) return (seconds < 10 && seconds % 1 ? seconds.toFixed(1) : s) + " s";
  if (s < 3600) return Math.floor(s / 60) + " min" + (s % 60 ? ` ${s % 60} s` : "");
  const minutes = Math.round(s / 60);
  return Math.floor(minutes / 60) + " h" + (minutes % 60 ? ` ${minutes % 60} min` : "");
}

// ---- What is drawn ---------------------------------------------------------------------------

// `lines` names the columns of each training: where two are drawn, the training's own is the one
// in the background. `floor` is what the vertical axis begins at; without one it fits the values.
const CHARTS = [
  {id: "loss", title: "Loss", unit: "per target piece", show: fixed(4), tick: small,
    lines: [["training", "loss"], ["validations", "loss"]], best: true},
  {id: "perplexity", title: "Perplexity", unit: "of validations", show: precise, tick: small,
    lines: [["validations", "perplexity"]], may_be_log: true, best: true},
  {id: "bleu", title: "BLEU", unit: "of validations", show: fixed(2), tick: small, floor: 0,
    lines: [["validations", "bleu"]], best: true},
  {id: "learning_rate", title: "Learning rate", unit: "", show: small, tick: small, floor: 0,
    lines: [["training", "learning_rate"]]},
  {id: "gradient_norm", title: "Gradient norm", unit: "before clipping", show: precise,
    tick: small, may_be_log: true, lines: [["training", "gradient_norm"]]},
  {id: "tokens_per_second", title: "Speed", unit: "target tokens per second", show: whole,
    tick: thousands, floor: 0,
    lines: [["training", "tokens_per_second"]]},
  {id: "peak_memory", title: "Peak memory", unit: "", show: bytes,
    tick: (value) => value >= 2 ** 30 ? small(value / 2 ** 30) + " GiB" : value && bytes(value),
    floor: 0, binary: true,     lines: [["training", "peak_memory"]]},
  {id: "waiting", title: "Waiting for data", unit: "share of the time", show: percent,
    tick: (value) => small(100 * value) + " %", floor: 0,
    at_least: 0.05, lines: [["training", "waiting"]]},
];

const AXES = {
  steps: {label: "Steps", column: "step", show: (x) => "step " + whole(x),
    tick: thousands},
  time: {label: "Time", column: "seconds", show: duration, tick: duration},
};

// The points of a line: [[x, y]...] with y null where nothing was measured.
function points_of(run, [part, column]) {
  const xs = run[part][AXES[state.axis].column], ys = run[part][column];
  const points = [];
  xs.forEach((x, i) => { if (x !== null) points.push([x, ys[i]]); });
  return points;
}

const last_of = (list) => list.findLast((value) => value !== null);

// The row of the best validation, by the training's own measure; -1 where there is none.
const best_row = (run) => run.validations.step.indexOf(run.validations.best);

// ---- State, kept in the address so that a view can be linked to and outlives a reload -----------

const state = {axis: "steps", hidden: new Set(), run: 0, all_samples: false};

function read_address() {
  const fields = new URLSearchParams(location.hash.slice(1));
  state.axis = fields.get("axis") === "time" ? "time" : "steps";
  const places = (fields.get("hidden") || "").split(".").filter(Boolean).map(Number);
  state.hidden = new Set(places.filter((place) => place in runs));
  state.run = Math.min(runs.length - 1, Math.max(0, parseInt(fields.get("run"), 10) || 0));
  state.all_samples = fields.get("samples") === "all";
}

function write_address() {
  const address = `#axis=${state.axis}&hidden=${[...state.hidden].join(".")}&run=${state.run}` +
    (state.all_samples ? "&samples=all" : "");
  if (address !== location.hash) history.replaceState(null, "", address);
}

function update(changes) {
  Object.assign(state, changes);
  render();
}
