// ---- Charts ----------------------------------------------------------------------------------

const HEIGHT = 230, MARGIN = {left: 58, right: 14, top: 12, bottom: 26};
const MOST_DOTS = 60;  // more would hide the line
const LOG_FROM = 10;   // times that the greatest value exceeds the least on a logarithmic axis

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Round numbers within [low, high], about `count` of them.
function round_ticks(low, high, count, binary) {
  const rough = (high - low) / count;
  if (!(rough > 0)) return [low];
  const base = binary ? 2 : 10, power = base ** Math.floor(Math.log(rough) / Math.log(base));
  const step = binary ? 2 * power : power * [1, 2, 5, 10].find((times) => power * times >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

function log_ticks(low, high) {
  const all = [];
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) {
    all.push(...[1, 2, 5].map((times) => Number((power * times).toPrecision(6))));
  }
  const within = all.filter((tick) => tick >= low && tick <= high);
  return within.length <= 6 ? within : within.filter((tick) => /^[10.]+$|e/.test(String(tick)));
}

// Ticks of durations are round in their own units.
function time_ticks(high, count) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
    14400, 21600, 43200];
  const step = steps.find((seconds) => high / seconds <= count) ||
    86400 * Math.ceil(high / count / 86400);
  return Array.from({length: Math.floor(high / step) + 1}, (_, i) => i * step);
}

function axis_of_values(chart, lines) {
  const values = lines.flatMap((line) => line.points.map((point) => point[1]))
    .filter((value) => value !== null);
  if (values.length === 0) return null;
  const of = (choose) => values.reduce((one, other) => choose(one, other));
  let low = of(Math.min), high = Math.max(of(Math.max), chart.at_least || 0);
  if (chart.may_be_log && low > 0 && high / low > LOG_FROM) {
    const [from, to] = [Math.log(low) - 0.1, Math.log(high) + 0.1];
    return {log: true, ticks: log_ticks(Math.exp(from), Math.exp(to)),
      place: (value) => (Math.log(value) - from) / (to - from)};
  }
  if (chart.floor !== undefined) low = Math.min(low, chart.floor);
  if (high === low) high = low + (Math.abs(low) || 1);
  if (chart.floor === undefined) low -= 0.04 * (high - low);
  high += 0.06 * (high - low);
  return {log: false, ticks: round_ticks(low, high, 5, chart.binary),
    place: (value) => (value - low) / (high - low)};
}

// The visible lines of a chart: {run, points, part, under}.
function lines_of(chart) {
  const lines = [];
  runs.forEach((run, i) => {
    if (state.hidden.has(i)) return;
    for (const column of chart.lines) {
      const points = points_of(run, column);
      if (!points.some((point) => point[1] !== null)) continue;
      lines.push({run, points, part: column[0],
        under: chart.lines.length > 1 && column[0] === "training"});
    }
  });
  return lines;
}

// Straight lines between neighbours; a gap where nothing was measured.
function path_of(points, x, y) {
  let path = "", pen = "M";
  for (const [at, value] of points) {
    if (value === null) { pen = "M"; continue; }
    path += `${pen}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

function draw_line(group, chart, line, x, y) {
  const known = line.points.filter((point) => point[1] !== null);
  group.append(svg("path", {class: `line ${line.part === "training" ? "training" : "validation"}` +
    (line.under ? " under" : ""), d: path_of(line.points, x, y),
    "stroke-dasharray": line.run.dash}));
  const dots = line.part === "validations" ? known.length <= MOST_DOTS : known.length === 1;
  for (const [at, value] of dots ? known : []) {
    group.append(svg("circle", {class: "dot", cx: x(at), cy: y(value), r: 3}));
  }
  if (!chart.best || line.part !== "validations") return;
  const row = best_row(line.run);
  const at = row < 0 ? null : line.run.validations[AXES[state.axis].column][row];
  const best = known.find((point) => point[0] === at);
  if (best) group.append(svg("circle", {class: "best", cx: x(best[0]), cy: y(best[1]), r: 6.5}));
}

// The greatest x of all visible lines of all charts: one horizontal axis for the whole page.
function greatest_x() {
  const column = AXES[state.axis].column;
  return Math.max(0, ...runs.filter((_, i) => !state.hidden.has(i)).flatMap((run) =>
    [last_of(run.training[column]), last_of(run.validations[column])]).filter(Number.isFinite));
}

function draw_axes(picture, chart, axis, size, x, y) {
  for (const tick of axis.ticks) {
    const at = y(tick);
    picture.append(svg("line", {class: tick === 0 ? "base" : "grid", x1: MARGIN.left,
      x2: size.width - MARGIN.right, y1: at, y2: at}));
    const text = svg("text", {x: MARGIN.left - 8, y: at + 4, "text-anchor": "end"});
    text.textContent = chart.tick(tick);
    picture.append(text);
  }
  const room = Math.max(2, Math.floor((size.width - MARGIN.left) / 80));
  const ticks = state.axis === "time" ? time_ticks(size.greatest, room)
    : round_ticks(0, size.greatest, room).filter(Number.isInteger);
  for (const tick of ticks) {
    const last = x(tick) > size.width - 40;
    const text = svg("text", {x: last ? Math.min(size.width, x(tick) + 20) : x(tick),
      y: size.height - 6, "text-anchor": tick === 0 ? "start" : last ? "end" : "middle"});
    text.textContent = tick === 0 && state.axis === "time" ? "0" : AXES[state.axis].tick(tick);
    picture.append(text, svg("line", {class: "base", x1: x(tick), x2: x(tick),
      y1: size.height - MARGIN.bottom, y2: size.height - MARGIN.bottom + 4}));
  }
}

function key_of(text, class_name) {
  const line = svg("svg", {width: 22, height: 8, "aria-hidden": "true"},
    svg("path", {class: "line " + class_name, d: "M1 4H21"}));
  if (class_name === "validation") line.append(svg("circle", {class: "dot", cx: 11, cy: 4, r: 3}));
  return element("span", {className: "key", style: runs[0].colour}, line, text);
}

function draw_caption(chart, axis) {
  const notes = [chart.unit, axis && axis.log ? "log scale" : ""].filter(Boolean).join(", ");
  const caption = element("figcaption", {}, element("span", {}, chart.title));
  if (notes) caption.append(element("span", {className: "unit"}, notes));
  if (chart.lines.length > 1) {
    caption.append(key_of("training", "training under"), key_of("validation", "validation"));
  }
  caption.append(element("span", {className: "now"}));
  return caption;
}

// Draws into `host` and returns the view: {point(x or null, pointer), xs}.
function draw_chart(host, chart, greatest) {
  const lines = lines_of(chart), axis = axis_of_values(chart, lines);
  const size = {width: host.clientWidth || 400, height: HEIGHT, greatest};
  const plot = element("div", {className: "plot", tabIndex: axis ? 0 : -1, role: "group",
    "aria-roledescription": "chart", "aria-label": chart.title +
      (axis ? ". Left and right arrow keys read its values." : ": nothing measured.")});
  plot.style.height = HEIGHT + "px";
  host.replaceChildren(draw_caption(chart, axis), plot);
  if (!axis) {
    plot.append(element("div", {className: "none"}, "Nothing measured yet"));
    return {point() {}, xs: [], plot};
  }
  const x = (value) => MARGIN.left +
    (size.width - MARGIN.left - MARGIN.right) * (greatest > 0 ? value / greatest : 0);
  const y = (value) => HEIGHT - MARGIN.bottom -
    (HEIGHT - MARGIN.top - MARGIN.bottom) * axis.place(value);
  const picture = svg("svg", {viewBox: `0 0 ${size.width} ${HEIGHT}`, height: HEIGHT,
    "aria-hidden": "true"});
  draw_axes(picture, chart, axis, size, x, y);
  for (const line of lines) {
    line.group = svg("g", {style: line.run.colour, "data-run": runs.indexOf(line.run)});
    draw_line(line.group, chart, line, x, y);
    picture.append(line.group);
  }
  const marks = svg("g");
  picture.append(marks);
  plot.append(picture);
  return {chart, lines, plot, marks, x, y, size, now: host.querySelector(".now"),
    xs: [...new Set(lines.flatMap((line) => line.points.map((point) => point[0])))]
      .sort((a, b) => a - b)};
}

// ---- Pointing: one place on the horizontal axis, in all charts ---------------------------------

// The measured point of a line that is nearest to x.
function nearest(points, x) {
  let best = null;
  for (const point of points) {
    if (point[1] === null) continue;
    if (best && Math.abs(point[0] - x) > Math.abs(best[0] - x)) break;
    best = point;
  }
  return best;
}

function found_at(view, x) {
  const found = [];
  for (const line of view.lines) {
    const point = nearest(line.points, x);
    // A training that ended before says nothing about later steps.
    if (point && Math.abs(view.x(point[0]) - view.x(x)) < 60) found.push({line, point});
  }
  return found;
}

function names_of(view, line) {
  return {name: runs.length > 1 ? line.run.name : "",
    part: view.chart.lines.length < 2 ? "" : line.under ? "training" : "validation"};
}

function mark_point(view, x) {
  if (!view.marks) return [];
  view.marks.replaceChildren();
  view.now.replaceChildren();
  if (x === null) return [];
  const at = view.x(x), found = found_at(view, x);
  view.marks.append(svg("line", {class: "cross", x1: at, x2: at, y1: MARGIN.top,
    y2: HEIGHT - MARGIN.bottom}));
  for (const {line, point} of found) {
    view.marks.append(svg("circle", {class: "dot", style: line.run.colour, cx: view.x(point[0]),
      cy: view.y(point[1]), r: 4}));
  }
  // One number has room beside the title; of several the box at the pointer tells.
  if (found.length === 1) {
    view.now.append(element("b", {}, view.chart.show(found[0].point[1])));
  }
  return found;
}

function show_tip(view, x, found, pointer) {
  const tip = by_id("tip");
  tip.hidden = found.length === 0;
  if (tip.hidden) return;
  tip.replaceChildren(element("p", {}, AXES[state.axis].show(x)),
    ...found.map(({line, point}) => {
      const {name, part} = names_of(view, line);
      return element("div", {style: line.run.colour}, element("span", {className: "swatch"}),
        element("bdi", {className: "name"}, name), element("span", {className: "part"}, part),
        element("b", {}, view.chart.show(point[1])));
    }));
  const box = tip.getBoundingClientRect(), gap = 14;
  const left = pointer.x + gap + box.width > innerWidth ? pointer.x - gap - box.width
    : pointer.x + gap;
  const top = Math.min(innerHeight - box.height - 4, Math.max(4, pointer.y - box.height / 2));
  tip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
}

// Where the pointer is nearest to something that was measured in the chart it is over.
function snap(view, x) {
  return view.xs.reduce((best, other) =>
    best === null || Math.abs(other - x) < Math.abs(best - x) ? other : best, null);
}

function point_all(views, view, x, pointer) {
  let found = [];
  for (const other of views) {
    const marked = mark_point(other, x);
    if (other === view) found = marked;
  }
  if (x === null) by_id("tip").hidden = true;
  else show_tip(view, x, found, pointer);
  return found;
}

function listen_to_chart(views, view) {
  const place = () => {
    const box = view.plot.getBoundingClientRect();
    return {x: box.left + view.x(view.at), y: box.top + HEIGHT / 3};
  };
  const follow = (event) => {
    const box = view.plot.getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN.left) /
      (box.width - MARGIN.left - MARGIN.right);
    view.at = snap(view, share * view.size.greatest);
    point_all(views, view, view.at, {x: event.clientX, y: event.clientY});
  };
  view.plot.addEventListener("pointermove", follow);
  view.plot.addEventListener("pointerdown", follow);
  const leave = () => point_all(views, view, null);
  view.plot.addEventListener("pointerleave", leave);
  view.plot.addEventListener("blur", leave);
  view.plot.addEventListener("keydown", (event) => {
    const last = view.xs.length - 1, at = view.at == null ? -1 : view.xs.indexOf(view.at);
    const to = {ArrowRight: Math.min(last, at + 1), ArrowLeft: Math.max(0, at < 0 ? last : at - 1),
      Home: 0, End: last, PageDown: Math.min(last, at + 10), PageUp: Math.max(0, at - 10),
    }[event.key];
    if (event.key === "Escape") leave();
    if (to === undefined) return;
    event.preventDefault();
    view.at = view.xs[to];
    const found = point_all(views, view, view.at, place());
    by_id("spoken").textContent = AXES[state.axis].show(view.at) + ": " + found.map(
      ({line, point}) => [...Object.values(names_of(view, line)), view.chart.show(point[1])]
        .filter(Boolean).join(" ")).join(", ");
  });
}
