// Making elements, and what the browser keeps.

export const by_id = (id) => document.getElementById(id);

export function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children);
  return node;
}

// Says something to a screen reader. The same words again are said again.
export function speak(text) {
  const node = by_id("spoken");
  node.textContent = "";
  requestAnimationFrame(() => { node.textContent = text; });
}

// The value that the browser has kept under `key`. A browser may forbid to keep anything.
export function stored(key, otherwise) {
  try {
    const text = localStorage.getItem("heed-" + key);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

export function store(key, value) {
  try {
    if (value === null) localStorage.removeItem("heed-" + key);
    else localStorage.setItem("heed-" + key, JSON.stringify(value));
  } catch { /* a browser without storage, or with a full one */ }
}
