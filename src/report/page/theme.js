// Runs before the first paint, so that a dark page does not flash white.
const THEMES = ["auto", "light", "dark"];
function stored_theme() {
  try { return localStorage.getItem("heed-theme") || "auto"; } catch { return "auto"; }
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
