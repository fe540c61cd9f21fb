"use strict";
// Runs before the first paint, so that a dark page does not flash white.
const THEMES = ["auto", "light", "dark"];
function stored_theme() {
  try { return localStorage.getItem("heed-theme") || "auto"; } catch { return "auto"; }
}
function set_theme(choice) {
  const root = document.documentElement;
  root.dataset.choice = THEMES.includes(choice) ? choice : "auto";
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = root.dataset.choice !== "auto" ? choice : dark ? "dark" : "light";
  try { localStorage.setItem("heed-theme", root.dataset.choice); } catch { /* without storage */ }
  const button = document.getElementById("theme");
  const name = root.dataset.choice === "auto" ? "system" : root.dataset.choice;
  if (button) button.textContent = "Theme: " + name;
}
set_theme(stored_theme());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change",
  () => set_theme(stored_theme()));
document.addEventListener("DOMContentLoaded", () => {
  set_theme(stored_theme());
  document.getElementById("theme").addEventListener("click", () => {
    const now = document.documentElement.dataset.choice;
    set_theme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
  });
});
