// The button that prints an invoice; without scripts, browsers have it in their menus.
"use strict";

for (const button of document.querySelectorAll("[data-prints]")) {
  button.addEventListener("click", () => window.print());
  button.hidden = false;
}
