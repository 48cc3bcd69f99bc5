// The groups of the head open without this; with it one closes by Escape, by a press beside it, and
// when the focus leaves it.
"use strict";
(() => {
  const open = () => document.querySelector(".ways details[open]");
  document.addEventListener("keydown", (event) => {
    const group = open();
    if (event.key !== "Escape" || !group) return;
    group.open = false;
    group.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    const group = open();
    if (group && !group.contains(event.target)) group.open = false;
  });
  document.addEventListener("focusin", (event) => {
    const group = open();
    if (group && !group.contains(event.target)) group.open = false;
  });
})();
