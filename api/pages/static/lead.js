// The timeline picture: marks reveal why they are there, arrow keys go from mark to mark. Without it the marks are links.
"use strict";

function explain(figure, keys) {
  const panel = figure.querySelector("[data-why]");
  const shown = [];
  for (const key of keys.split(" ")) {
    const row = document.getElementById("why-" + key);
    if (!row) continue;
    const block = document.createElement("div");
    block.className = "why-entry";
    const title = document.createElement("p");
    title.className = "why-title";
    for (const child of row.querySelector(".what").childNodes) title.append(child.cloneNode(true));
    const at = document.createElement("span");
    at.className = "why-at";
    for (const child of row.querySelector(".at").childNodes) at.append(child.cloneNode(true));
    title.append(" ", at);
    block.append(title, row.querySelector(".lines > ul").cloneNode(true));
    shown.push(block);
  }
  if (shown.length === 0) return;
  panel.replaceChildren(...shown);
  for (const lit of figure.querySelectorAll(".lit")) lit.classList.remove("lit");
  for (const mark of figure.querySelectorAll("[data-entries]")) {
    if (mark.dataset.entries === keys) mark.classList.add("lit");
  }
}

function marked(event) {
  const mark = event.target.closest && event.target.closest("[data-entries]");
  return mark ? [mark, mark.closest("[data-timeline]")] : null;
}

for (const name of ["focusin", "mouseover"]) {
  document.addEventListener(name, (event) => {
    const found = marked(event);
    if (found) explain(found[1], found[0].dataset.entries);
  });
}

document.addEventListener("click", (event) => {
  const found = marked(event);
  if (!found) return;
  event.preventDefault();
  explain(found[1], found[0].dataset.entries);
});

document.addEventListener("keydown", (event) => {
  const found = marked(event);
  if (!found) return;
  const marks = [...found[0].closest("svg").querySelectorAll("a.pin")];
  const here = marks.indexOf(found[0]);
  const steps = { ArrowRight: here + 1, ArrowDown: here + 1, ArrowLeft: here - 1, ArrowUp: here - 1, Home: 0, End: marks.length - 1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  marks[Math.min(Math.max(steps[event.key], 0), marks.length - 1)].focus();
});

// A slider says its number while it moves.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-slider]")) return;
  const output = event.target.parentElement.querySelector("output");
  output.textContent = event.target.value + " " + output.dataset.unit;
});
