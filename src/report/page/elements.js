const by_id = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") node.setAttribute(key, value);
    else node[key] = value;
  }
  node.append(...children);
  return node;
}

function radio(name, value, text, checked) {
  const input = element("input", {type: "radio", name, value, checked, className: "hidden"});
  return element("label", {}, input, text);
}
