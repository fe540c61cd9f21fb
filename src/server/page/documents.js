// Documents: dropped or chosen, translated one after the other, and offered for download.
import {explain, translate_file} from "./api.js";
import {by_id, element} from "./elements.js";

const list = by_id("document_list");
let queue = Promise.resolve();

function size_text(bytes) {
  return bytes < 1024 ? bytes + " B" : bytes < 2 ** 20 ? Math.round(bytes / 1024) + " KB"
    : (bytes / 2 ** 20).toFixed(1) + " MB";
}

async function translate(row, file, languages) {
  row.status.textContent = "translating…";
  row.node.classList.add("working");
  try {
    const address = await translate_file(file, languages.source, languages.target,
      row.controller.signal);
    row.status.replaceChildren(element("a", {href: address, download: ""}, "Download"),
      ` ${languages.source} → ${languages.target}`);
  } catch (error) {
    row.status.textContent = error.name === "AbortError" ? "cancelled" : explain(error);
    row.node.classList.toggle("failed", error.name !== "AbortError");
  }
  row.node.classList.remove("working");
  row.cancel.remove();
}

// `formats`: endings such as ".txt"; none: any.
function add(file, languages, formats) {
  by_id("documents").hidden = false;
  const controller = new AbortController();
  const status = element("span", {className: "status"}, "waiting…");
  const cancel = element("button", {type: "button", onclick: () => controller.abort(),
    "aria-label": `Cancel ${file.name}`}, "Cancel");
  const node = element("li", {}, element("bdi", {className: "name"}, file.name),
    element("span", {className: "size"}, size_text(file.size)), status, cancel);
  list.prepend(node);
  if (formats.length && !formats.some((ending) => file.name.toLowerCase().endsWith(ending))) {
    status.textContent = `This server translates ${formats.join(", ")}.`;
    node.classList.add("failed");
    cancel.remove();
    return;
  }
  const row = {node, status, cancel, controller};
  queue = queue.then(() => translate(row, file, languages));
}

const has_files = (event) => [...(event.dataTransfer?.types || [])].includes("Files");

// `languages` tells {source, target} at that time.
export function listen_to_documents(languages, formats) {
  const input = by_id("file"), drop = by_id("drop");
  input.accept = formats.join();
  const add_all = (files) => { for (const file of files) add(file, languages(), formats); };
  by_id("open_file").addEventListener("click", () => input.click());
  input.addEventListener("change", () => { add_all(input.files); input.value = ""; });
  let depth = 0;  // enter and leave come for each element below
  addEventListener("dragenter", (event) => {
    if (has_files(event) && ++depth) drop.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (has_files(event) && --depth <= 0) { depth = 0; drop.hidden = true; }
  });
  addEventListener("dragover", (event) => { if (has_files(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    depth = 0;
    drop.hidden = true;
    if (!has_files(event)) return;
    event.preventDefault();
    add_all(event.dataTransfer.files);
  });
}
