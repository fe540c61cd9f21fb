// A menu at a word.
import {by_id, element} from "./elements.js";

const menu = by_id("menu");
let opener = null, choose = null;

function place() {
  menu.style.left = "0";  // else its place would limit its width
  const at = opener.getBoundingClientRect(), box = menu.getBoundingClientRect();
  const room = document.documentElement.clientWidth - box.width - 8;
  const below = at.bottom + 6 + box.height <= innerHeight || at.top < box.height;
  menu.style.left = scrollX + Math.max(8, Math.min(at.left, room)) + "px";
  menu.style.top = scrollY + (below ? at.bottom + 6 : at.top - box.height - 6) + "px";
}

// Opens at `node` with a note, until items come.
export function open_menu(node, note) {
  opener = node;
  choose = null;
  menu.replaceChildren(element("p", {role: "presentation"}, note));
  menu.hidden = false;
  node.setAttribute("aria-expanded", "true");
  place();
}

// `items`: {word, rest, language} each; `chosen` gets the place of the one that is taken.
export function fill_menu(items, chosen) {
  choose = chosen;
  menu.replaceChildren(...items.map(({word, rest, language}) => element("button", {type: "button",
    role: "menuitem", tabIndex: -1, dir: "auto", lang: language},
    element("b", {}, word), element("span", {}, rest))));
  place();
  if (items.length) menu.firstChild.focus();
}

export const menu_is_open = () => !menu.hidden;

export function close_menu(keep_focus = true) {
  if (menu.hidden) return;
  const had_focus = menu.contains(document.activeElement);
  menu.hidden = true;
  opener.removeAttribute("aria-expanded");
  if (keep_focus && had_focus && opener.isConnected) opener.focus();
}

function move(to) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  if (items.length) items[(to + items.length) % items.length].focus();
}

menu.addEventListener("click", (event) => {
  const item = event.target.closest("[role=menuitem]");
  if (!item || !choose) return;
  const at = [...menu.children].indexOf(item), chosen = choose;
  close_menu();
  chosen(at);
});
document.addEventListener("keydown", (event) => {
  if (menu.hidden) return;
  const at = [...menu.children].indexOf(document.activeElement);
  if (event.key === "Escape" || event.key === "Tab") close_menu();
  else if (event.key === "ArrowDown") move(at + 1);
  else if (event.key === "ArrowUp") move(at < 0 ? -1 : at - 1);
  else if (event.key === "Home") move(0);
  else if (event.key === "End") move(-1);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("pointerdown", (event) => {
  if (!menu.hidden && !menu.contains(event.target)) close_menu(false);
});
addEventListener("resize", () => { if (!menu.hidden) place(); });
