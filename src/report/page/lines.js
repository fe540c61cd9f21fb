// ---- Lines view --------------------------------------------------------------------------------

const FAINTEST = 0.04;  // weaker links would only be haze

function token_row(axis, class_name) {
  const row = element("div", {className: "tokens " + class_name});
  if (is_rtl(axis.texts.join(" "))) row.dir = "rtl";
  for (const text of axis.texts) {
    const token = label("span", text, axis.language, "token");
    Object.assign(token, {tabIndex: -1});
    token.setAttribute("role", "option");
    row.append(token);
  }
  row.setAttribute("role", "listbox");
  row.setAttribute("aria-orientation", "horizontal");
  return row;
}

// The columns above (or on the left), the rows below (or on the right): as two sentences where both
// fit the width and run the same way, else as two lists.
function draw_lines(host, matrix) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const first = token_row(matrix.columns, "first"), second = token_row(matrix.rows, "second");
  first.setAttribute("aria-label", KINDS[state.kind].column);
  second.setAttribute("aria-label", KINDS[state.kind].row);
  const box = element("div", {className: "lines across"}, svg, first, second);
  host.replaceChildren(box);
  const room = printing ? PRINT.width : host.clientWidth;
  const across = first.dir === second.dir &&
    Math.max(first.offsetWidth, second.offsetWidth) + 12 <= room;
  if (!across) box.className = "lines down";
  for (const row of [first, second]) {
    row.setAttribute("aria-orientation", across ? "horizontal" : "vertical");
  }
  const links = draw_links(svg, box, matrix, first, second, across);
  plot = lines_pointer(box, matrix, first, second, links, across);
}

function draw_links(svg, box, matrix, first, second, across) {
  const end = (token, low) => across
    ? [token.parentNode.offsetLeft + token.offsetLeft + token.offsetWidth / 2,
      token.parentNode.offsetTop + token.offsetTop + (low ? token.offsetHeight : 0)]
    : [token.parentNode.offsetLeft + token.offsetLeft + (low ? token.offsetWidth + 3 : -3),
      token.parentNode.offsetTop + token.offsetTop + token.offsetHeight / 2];
  const starts = [...first.children].map((token) => end(token, true));
  const ends = [...second.children].map((token) => end(token, false));
  svg.setAttribute("width", box.scrollWidth);
  svg.setAttribute("height", box.scrollHeight);
  const links = [];
  matrix.weights.forEach((weight, at) => {
    if (weight < FAINTEST) return;
    const column = at % starts.length, row = Math.floor(at / starts.length);
    const [x1, y1] = starts[column], [x2, y2] = ends[row];
    const x = (x1 + x2) / 2, y = (y1 + y2) / 2;
    const bend = across ? [x1, y, x2, y] : [x, y1, x, y2];
    const path = document.createElementNS(svg.namespaceURI, "path");
    path.setAttribute("d", `M${x1} ${y1}C${bend.join(" ")} ${x2} ${y2}`);
    path.setAttribute("stroke-width", (0.8 + 5.2 * weight).toFixed(2));
    path.setAttribute("stroke-opacity", Math.min(1, 0.12 + 0.8 * weight).toFixed(3));
    links.push({path, row, column, weight});
  });
  links.sort((a, b) => a.weight - b.weight);  // the strongest lie on top
  svg.append(...links.map((link) => link.path));
  return links;
}

function lines_pointer(box, matrix, first, second, links, across) {
  const sides = [first, second];
  const view = {side: -1, index: -1, row: -1, column: -1};
  view.point = (row, column) => {
    Object.assign(view, {row, column});
    box.querySelectorAll(".weight").forEach((node) => node.remove());
    for (const token of box.querySelectorAll(".token")) token.classList.remove("active", "linked");
    const none = row < 0 && column < 0;
    for (const link of links) {
      const lit = link.row === row || link.column === column;
      link.path.classList.toggle("lit", lit);
      link.path.classList.toggle("dim", !lit && !none);
      const partner = row >= 0 ? first.children[link.column] : second.children[link.row];
      if (lit) tag_partner(box, link, partner, row >= 0, across);
    }
    if (row >= 0) second.children[row].classList.add("active");
    if (column >= 0) first.children[column].classList.add("active");
    show_readout(matrix, row, column);
  };
  sides.forEach((row, side) => [...row.children].forEach((token, index) => {
    const point = () => view.point(...(side ? [index, -1] : [-1, index]));
    token.setAttribute("aria-label", spoken_links(matrix, side, index));
    token.tabIndex = side === 1 && index === 0 ? 0 : -1;
    token.addEventListener("pointerenter", point);
    token.addEventListener("focus", () => {
      token.setAttribute("aria-selected", "true");
      point();
    });
    token.addEventListener("blur", () => {
      token.setAttribute("aria-selected", "false");
      view.point(-1, -1);
    });
    token.addEventListener("click", () => token.focus());
    token.addEventListener("keydown", (event) =>
      move_in_lines(event, matrix, sides, side, index, across));
  }));
  box.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch" && !box.contains(document.activeElement)) view.point(-1, -1);
  });
  view.point(-1, -1);
  return view;
}

function spoken_links(matrix, side, index) {
  const [own, other] = side ? [matrix.rows, matrix.columns] : [matrix.columns, matrix.rows];
  const weights = side ? row_of(matrix, index) : column_of(matrix, index);
  const partners = strongest(weights, 3).map(
    ([i, weight]) => `${isolated(other.texts[i])} ${short_number(weight)}`);
  return `${isolated(own.texts[index])} ${side ? "←" : "→"} ${partners.join(", ")}`;
}

// The weight of a lit link, beside the word at its other end.
function tag_partner(box, link, token, in_first, across) {
  token.classList.add("linked");
  const tag = element("span", {className: "weight", "aria-hidden": "true"},
    short_number(link.weight));
  box.append(tag);
  const left = token.parentNode.offsetLeft + token.offsetLeft;
  const top = token.parentNode.offsetTop + token.offsetTop;
  const [x, y] = across
    ? [left + (token.offsetWidth - tag.offsetWidth) / 2,
      in_first ? top + token.offsetHeight + 1 : top - tag.offsetHeight - 1]
    : [in_first ? left + token.offsetWidth + 6 : left - tag.offsetWidth - 6,
      top + (token.offsetHeight - tag.offsetHeight) / 2];
  Object.assign(tag.style, {left: x + "px", top: y + "px"});
}

// Along the sentence with two of the arrows; with the other two, over to the strongest partner.
function move_in_lines(event, matrix, sides, side, index, across) {
  const along = across ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
  const over = across ? ["ArrowDown", "ArrowUp"] : ["ArrowRight", "ArrowLeft"];
  if (across && sides[side].dir === "rtl") along.reverse();
  let next = null;
  if (event.key === along[0]) next = sides[side].children[index - 1];
  if (event.key === along[1]) next = sides[side].children[index + 1];
  if (event.key === over[side]) {
    const weights = side ? row_of(matrix, index) : column_of(matrix, index);
    next = sides[1 - side].children[strongest(weights, 1)[0][0]];
  }
  if (event.key === "Home") next = sides[side].firstChild;
  if (event.key === "End") next = sides[side].lastChild;
  if (event.key === "Escape") event.target.blur();
  if (next) next.focus();
  if (next || [...along, ...over].includes(event.key)) event.preventDefault();
}
