// tools/tracelib/report/web/theme.js - light or dark; errors are kept
// SPDX-License-Identifier: MIT
//
// First of all scripts: what goes wrong in the others must be seen by whoever
// tests the page, in #verdict (main.js).

const errors = [];
window.addEventListener("error", (event) => errors.push(event.message));

const root = document.documentElement;
const prefersDark = window.matchMedia("(prefers-color-scheme: dark)");
const themeListeners = [];
let chosenTheme = null; // by the button; else the system's

function setTheme(theme) {
    root.dataset.theme = theme;
    themeListeners.forEach((listener) => listener());
}

function wantedTheme() {
    return chosenTheme || (prefersDark.matches ? "dark" : "light");
}

root.dataset.theme = wantedTheme();
prefersDark.addEventListener("change", () => setTheme(wantedTheme()));
document.getElementById("theme").addEventListener("click", () => {
    chosenTheme = root.dataset.theme === "dark" ? "light" : "dark";
    setTheme(chosenTheme);
});
// Paper is light, and not as wide as a screen.
const PAPER_WIDTH = 690; // px, of A4 within its margins
let paperWidth = null;

window.addEventListener("beforeprint", () => {
    paperWidth = PAPER_WIDTH;
    setTheme("light");
});
window.addEventListener("afterprint", () => {
    paperWidth = null;
    setTheme(wantedTheme());
});

function color(name) {
    return getComputedStyle(root).getPropertyValue(`--${name}`).trim();
}
