// Earlier translations, in this browser alone.
import {by_id, element, store, stored} from "./elements.js";

const MOST = 50;
const dialog = by_id("history");

// Puts an entry first: {source, target, text, translation}. One that it goes on from, or that says
// the same, gives way to it.
export function remember(entry) {
  if (entry.text.trim() === "" || entry.translation.trim() === "") return;
  const others = stored("history", []).filter((other) =>
    other.source !== entry.source || other.target !== entry.target ||
    !(entry.text.startsWith(other.text) || other.text.startsWith(entry.text)));
  store("history", [entry, ...others].slice(0, MOST));
}

function render(restore) {
  const entries = stored("history", []);
  by_id("history_list").replaceChildren(...entries.map((entry) => element("li", {},
    element("button", {type: "button", onclick: () => { dialog.close(); restore(entry); }},
      element("small", {}, `${entry.source} → ${entry.target}`),
      element("span", {dir: "auto"}, entry.text),
      element("span", {dir: "auto", className: "quiet"}, entry.translation)))));
  if (entries.length === 0) {
    by_id("history_list").append(element("li", {className: "quiet"}, "Nothing yet."));
  }
  by_id("history_clear").hidden = entries.length === 0;
}

// `restore` gets the entry that is chosen.
export function listen_to_history(restore) {
  by_id("history_open").addEventListener("click", () => { render(restore); dialog.showModal(); });
  by_id("history_close").addEventListener("click", () => dialog.close());
  by_id("history_clear").addEventListener("click", () => {
    store("history", null);
    render(restore);
    by_id("history_close").focus();
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
}
