// ---- Figures and tables ------------------------------------------------------------------------

const swatch = (run) => element("span", {className: "swatch", style: run.colour});
const dash = (value, show) => value === null || value === undefined ? "–" : show(value);

// {label, value, note} of a training: what one asks first.
function figures_of(run) {
  const row = best_row(run), valid = run.validations, train = run.training;
  const at = row < 0 ? "" : "step " + whole(valid.step[row]);
  const best = (column) => row < 0 ? null : valid[column][row];
  const steps = Math.max(last_of(train.step) || 0, last_of(valid.step) || 0);
  const of = run.max_steps ? " of " + whole(Number(run.max_steps)) : "";
  const speeds = train.tokens_per_second.filter((value) => value !== null).sort((a, b) => a - b);
  return [
    {label: "BLEU", value: dash(best("bleu"), fixed(2)), note: at},
    {label: "Validation loss", value: dash(best("loss"), fixed(4)), note: at},
    {label: "Perplexity", value: dash(best("perplexity"), precise), note: at},
    {label: "Steps", value: whole(steps), note: of.trim()},
    {label: "Time", value: dash(last_of(train.seconds) ?? last_of(valid.seconds), duration),
      note: "with validations"},
    {label: "Tokens per second", value: dash(speeds[speeds.length >> 1], whole), note: "median"},
    {label: "Peak memory", value: dash(last_of(train.peak_memory), bytes), note: ""},
  ];
}

function render_figures() {
  const host = by_id("figures");
  if (runs.length === 1) {
    host.replaceChildren(element("dl", {}, ...figures_of(runs[0]).map(({label, value, note}) =>
      element("div", {}, element("dt", {}, label),
        element("dd", {}, value, element("small", {}, note))))));
    return;
  }
  const rows = runs.map(figures_of);
  const head = element("tr", {}, element("th", {scope: "col"}, "Training"),
    ...rows[0].map(({label}) => element("th", {scope: "col", className: "number"}, label)));
  const body = rows.map((figures, i) => element("tr", {},
    element("th", {scope: "row", dir: "auto"}, swatch(runs[i]), runs[i].name),
    ...figures.map(({value}) => element("td", {className: "number"}, value))));
  host.replaceChildren(element("div", {className: "wide", tabIndex: 0, role: "group",
    "aria-label": "Summary of each training, at its best validation"},
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body))));
}

function render_validations() {
  const run = runs[state.run], valid = run.validations;
  const columns = [["step", "Step", whole], ["epoch", "Epochs", small], ["loss", "Loss", fixed(4)],
    ["perplexity", "Perplexity", precise], ["bleu", "BLEU", fixed(2)],
    ["learning_rate", "Learning rate", small], ["seconds", "Time", duration]];
  const head = element("tr", {}, ...columns.map(([, label]) =>
    element("th", {scope: "col", className: "number"}, label)), element("th", {scope: "col"},
    element("span", {className: "hidden"}, "Best")));
  const body = valid.step.map((step, row) => element("tr",
    {className: step === valid.best ? "best" : ""},
    ...columns.map(([column, , show], i) => element(i ? "td" : "th", {className: "number",
      ...(i ? {} : {scope: "row"})}, dash(valid[column][row], show))),
    element("td", {}, step === valid.best ? "★ best" : "")));
  by_id("validations").replaceChildren(element("thead", {}, head),
    element("tbody", {}, ...body.reverse()));
  by_id("validation_section").hidden = runs.every((other) => other.validations.step.length === 0);
}

function render_options() {
  const single = runs.length === 1, host = by_id("options");
  by_id("option_title").textContent = single ? "Options that are not at their defaults"
    : report.options.length ? "Options that differ" : "The options of all trainings are the same";
  const head = element("tr", {}, element("th", {scope: "col"}, "Option"),
    ...(single ? ["Value", "Default"].map((text) => element("th", {scope: "col"}, text))
      : runs.map((run) => element("th", {scope: "col", dir: "auto"}, swatch(run), run.name))));
  const body = report.options.map((option) => element("tr", {},
    element("th", {scope: "row"}, option.name),
    ...[...option.values, ...(single ? [option.default] : [])].map((value, i) => {
      const quiet = value === option.default && (!single || i > 0);
      return element("td", {dir: "auto", className: quiet ? "same" : ""},
        value === null ? "–" : value === "" ? "(empty)" : value);
    })));
  host.replaceChildren(...(body.length
    ? [element("thead", {}, head), element("tbody", {}, ...body)] : []));
  by_id("option_section").hidden = single && body.length === 0;
}

// ---- Sample translations, as they change -------------------------------------------------------

const words_of = (text) => text.split(/\s+/u).filter(Boolean);

// Places of the longest common subsequence of words in `now`: what is not in it is new.
function kept_words(before, now) {
  const length = Array.from({length: before.length + 1}, () => new Uint16Array(now.length + 1));
  for (let i = before.length - 1; i >= 0; --i) {
    for (let j = now.length - 1; j >= 0; --j) {
      length[i][j] = before[i] === now[j] ? length[i + 1][j + 1] + 1
        : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const kept = new Set();
  for (let i = 0, j = 0; i < before.length && j < now.length;) {
    if (before[i] === now[j]) { kept.add(j); ++i; ++j; }
    else if (length[i + 1][j] >= length[i][j + 1]) ++i;
    else ++j;
  }
  return kept;
}

// The text with what was not there before underlined.
function changed_text(before, text) {
  const node = element("dd", {dir: "auto"});
  const now = words_of(text);
  if (now.length === 0) node.append(element("span", {className: "empty"}, "(empty)"));
  const long = before === null || Math.max(before.length, text.length) > 4000;
  const kept = long ? null : kept_words(words_of(before), now);
  now.forEach((word, i) => node.append(i ? " " : "",
    kept === null || kept.has(i) ? word : element("mark", {}, word)));
  return node;
}

function steps_text([first, last]) {
  return first === last ? whole(first) : `${whole(first)} – ${whole(last)}`;
}

const SHOWN_CHANGES = 8;

function course_of(run, sample) {
  const all = sample.translations, nodes = [];
  const from = state.all_samples ? 0 : Math.max(0, all.length - SHOWN_CHANGES);
  for (let i = from; i < all.length; ++i) {
    nodes.push(element("dt", {}, steps_text(all[i])),
      changed_text(i ? all[i - 1][2] : null, all[i][2]));
  }
  if (runs.length > 1) {
    nodes.unshift(element("dt", {className: "run"}, swatch(run), run.name));
  }
  return nodes;
}

// Sentences of all visible trainings; those that have the same one stand together.
function render_samples() {
  const sentences = new Map();
  runs.forEach((run, i) => {
    for (const sample of state.hidden.has(i) ? [] : run.samples) {
      const key = sample.source + "\n" + sample.reference;
      if (!sentences.has(key)) sentences.set(key, {...sample, courses: []});
      sentences.get(key).courses.push([run, sample]);
    }
  });
  const nodes = [...sentences.values()].map(({source, reference, courses}) =>
    element("article", {className: "sample"},
      element("p", {className: "source", dir: "auto"}, source),
      element("p", {className: "reference", dir: "auto"}, reference),
      element("dl", {className: "course"},
        ...courses.flatMap(([run, sample]) => course_of(run, sample)))));
  const many = [...sentences.values()].some(({courses}) =>
    courses.some(([, sample]) => sample.translations.length > SHOWN_CHANGES));
  if (many) {
    nodes.push(element("button", {type: "button", className: "more",
      onclick: () => update({all_samples: !state.all_samples})},
      state.all_samples ? "Show the latest alone" : "Show earlier translations too"));
  }
  by_id("samples").replaceChildren(...nodes);
  by_id("sample_section").hidden = runs.every((run) => run.samples.length === 0);
}
