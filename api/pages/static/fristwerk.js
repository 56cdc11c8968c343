// What makes the pages more pleasant; everything works without it.
"use strict";

function focusNote(root) {
  const note = root.querySelector("[data-focus]");
  if (note) note.focus();
}

document.addEventListener("DOMContentLoaded", () => focusNote(document));
document.addEventListener("htmx:load", (event) => focusNote(event.detail.elt));

// A form that is being sent is not sent again by a second click. Its key makes that harmless anyway.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  setTimeout(() => {
    for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = true;
  }, 0);
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const button of document.querySelectorAll("button[type=submit]:disabled")) button.disabled = false;
});
