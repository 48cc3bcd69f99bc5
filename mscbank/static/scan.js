// A scanner's burst is understood wherever the focus is. A scanner types a code and Enter or Tab,
// faster than any hand. Codes are of a small alphabet or begin with a mark, so a burst is known by
// its letters, its length and its ending, not by its speed alone. Password fields are left alone.
"use strict";
(() => {
  const LETTERS = /^[BCDEFGHJKLNPRTVX]{20}(?:[BCDEFGHJKLNPRTVX]{4})?$/i;
  const MARKED = /^(?:MB\d:|=|&)[\x20-\x7e]{8,400}$/;
  const PAUSE = 120; // ms between two keys of one burst, wide enough for slow radio scanners
  const form = document.getElementById("scan");
  if (!form) return;
  const box = form.elements.text;
  let burst = "";
  let last = 0;
  let before = null;

  const isSecret = (node) => node instanceof HTMLInputElement && node.type === "password";
  const isText = (node) => node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement ||
    (node instanceof HTMLInputElement && !["button", "submit", "radio", "checkbox"].includes(node.type));

  function remember(node) {
    before = isText(node) && "value" in node ? { node, value: node.value } : null;
  }

  // A field made for scans takes the code; any other field gets back what stood in it.
  function deliver(text) {
    const node = before && before.node;
    if (node && node.dataset.scan === "lines") {
      node.value = (before.value.trimEnd() + "\n" + text).trimStart() + "\n";
      return;
    }
    if (node && node.dataset.scan === "one") {
      node.value = text;
      const fields = [...node.form.querySelectorAll("[data-scan='one']")];
      const next = fields.slice(fields.indexOf(node) + 1).find((field) => !field.value);
      if (next) next.focus();
      node.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: text }));
      return;
    }
    if (node && node !== box) node.value = before.value;
    const heard = new CustomEvent("scan", { cancelable: true, detail: text });
    if (!document.dispatchEvent(heard)) return; // a page of its own takes it, as the bedside does
    box.value = text;
    document.body.classList.add("scanning");
    form.requestSubmit();
  }

  document.addEventListener("keydown", (event) => {
    if (isSecret(event.target) || event.ctrlKey || event.altKey || event.metaKey) {
      burst = "";
      return;
    }
    const slow = event.timeStamp - last > PAUSE;
    last = event.timeStamp;
    if (event.key === "Enter" || event.key === "Tab") {
      const text = burst;
      burst = "";
      if (slow || !(LETTERS.test(text) || MARKED.test(text))) return;
      event.preventDefault(); // the ending must not press a button that happens to have the focus
      event.stopImmediatePropagation();
      deliver(LETTERS.test(text) ? text.toUpperCase() : text);
      return;
    }
    if (event.key.length !== 1) return;
    if (slow) {
      burst = "";
      remember(event.target);
      if (event.key === "/" && !isText(event.target)) {
        event.preventDefault();
        box.focus();
        return;
      }
    }
    burst += event.key;
    if (event.key === " " && !isText(event.target) && burst.length > 1) event.preventDefault();
  }, true);
})();
