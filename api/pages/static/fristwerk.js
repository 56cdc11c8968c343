// What makes the pages more pleasant; everything works without it.
"use strict";

function focusNote(root) {
  const note = root.querySelector("[data-focus]");
  if (note) note.focus();
}

document.addEventListener("DOMContentLoaded", () => {
  focusNote(document);
  // On a phone the places are a line to swipe: show where one is.
  const here = document.querySelector(".places a[aria-current]");
  if (here) here.closest(".places").scrollLeft = here.offsetLeft - 48;
});
document.addEventListener("htmx:load", (event) => focusNote(event.detail.elt));

// A form that is being sent is not sent again by a second click. Its key makes that harmless anyway, so the
// button comes back after a while: what is loaded down leaves the page as it was.
const RESTING_MS = 4000;

function setResting(root, resting) {
  for (const button of root.querySelectorAll("button[type=submit]")) button.disabled = resting;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("method") !== "post" || event.defaultPrevented) return;
  setTimeout(setResting, 0, form, true);
  setTimeout(setResting, RESTING_MS, form, false);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) setResting(document, false);
});
