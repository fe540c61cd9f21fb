// Light, dark, or as the system has it; the browser keeps the choice. Runs before the first paint,
// so that a dark page does not flash white. src/server/page/theme.js is this file.
const THEMES = ["auto", "light", "dark"];
function stored_theme() {
  let theme = null;
  try { theme = localStorage.getItem("heed-theme"); } catch { /* a page without storage */ }
  return THEMES.includes(theme) ? theme : "auto";
}
function resolved_theme() {
  const theme = document.documentElement.dataset.choice || stored_theme();
  if (theme !== "auto") return theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}
function set_theme(choice) {
  document.documentElement.dataset.choice = choice;
  document.documentElement.dataset.theme = resolved_theme();
  try { localStorage.setItem("heed-theme", choice); } catch { /* a page without storage */ }
  document.getElementById("theme").textContent =
    "Theme: " + (choice === "auto" ? "system" : choice);
}
function next_theme() {
  const now = document.documentElement.dataset.choice;
  set_theme(THEMES[(THEMES.indexOf(now) + 1) % THEMES.length]);
}
document.documentElement.dataset.theme = resolved_theme();
