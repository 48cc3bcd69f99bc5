// A scan is understood wherever the focus is. A scanner types a code and then Enter or Tab. What it
// typed is looked at only then, whole: one burst is one code, and nothing is guessed from half of
// it. A code is known by its letters, its length and its check letters, so a slow radio scanner, or
// a tablet that is busy for seconds before the Enter, loses nothing. Speed decides only what the
// letters cannot: whether a hand or a scanner typed into a box of a form. Password boxes are left
// alone. The camera and the bedside hand over what they read by the event "read".
"use strict";
(() => {
  const ALPHABET = "BCDEFGHJKLNPRTVX";
  // Signed codes and ISBT 128 symbols, also as US scanners type them on French and German keyboards.
  const MARKED = /^(?:[M?,;]B[\d&é"'(\-è_çà!]?[:MÖöm;]|=[\dA-Z&é"'(\-è_çà%<>]|&[\d<>=])/i;
  const QUICK = 60; // ms between keys: no hand types so
  const STEADY = 150; // the slowest radio scanners; a fast typist on plain words
  const APART = 10000; // what was typed so long ago is no part of this
  const form = document.getElementById("scan");
  if (!form) return;
  const box = form.elements.text;
  let keys = []; // {key, gap}: what was typed since the last ending
  let last = 0;
  let before = null;

  function checks(letters, polynomial) {
    let rest = 0;
    for (const letter of letters) {
      rest ^= ALPHABET.indexOf(letter) << 4;
      for (let bit = 0; bit < 4; bit += 1) rest = (rest & 128 ? (rest << 1) ^ polynomial : rest << 1) & 255;
    }
    return ALPHABET[rest >> 4] + ALPHABET[rest & 15];
  }

  // Whether this is a whole house code, or a label's text, with sound check letters.
  function sound(text) {
    const code = text.toUpperCase().replace(/[ -]/g, "");
    if (!/^[BCDEFGHJKLNPRTVX]+$/.test(code) || ![20, 24].includes(code.length)) return false;
    return code.slice(18, 20) === checks(code.slice(0, 18), 0x07) &&
      (code.length === 20 || code.slice(22) === checks(code.slice(0, 22), 0x2f));
  }

  const isSecret = (node) => node instanceof HTMLInputElement && node.type === "password";
  const isText = (node) => node instanceof HTMLTextAreaElement || node instanceof HTMLSelectElement ||
    (node instanceof HTMLInputElement && !["button", "submit", "radio", "checkbox"].includes(node.type));
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] || 0;

  function hidden(name, value) {
    let input = form.elements[name];
    if (!input) {
      input = Object.assign(document.createElement("input"), { type: "hidden", name });
      form.append(input);
    }
    input.value = value;
  }

  // A box made for scans takes the code; any other box gets back what stood in it. Where one scan is
  // all a form asks, it takes the scan wherever the focus is, and that is the answer: the label on
  // its bag, the position of a bag.
  const alone = document.querySelector("form[data-by-scan] [data-scan='one']");
  if (alone && !document.getElementById("alarm")) alone.focus();

  function deliver(text, how, where) {
    const node = alone && !isText(where) ? alone : where;
    if (node && node.dataset.scan === "lines") {
      const stood = before && before.node === node ? before.value : node.value;
      node.value = (stood.trimEnd() + "\n" + text).trimStart() + "\n";
      node.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: text }));
      return;
    }
    if (node && node.dataset.scan) {
      node.value = text;
      const fields = [...node.form.querySelectorAll("[data-scan='one']")];
      const next = fields.slice(fields.indexOf(node) + 1).find((field) => !field.value);
      if (next) next.focus();
      if ("byScan" in node.form.dataset) node.form.requestSubmit(node.form.querySelector("button[name='step']"));
      node.dispatchEvent(new CustomEvent("scanned", { bubbles: true, detail: text }));
      return;
    }
    if (node && node !== box && before && before.node === node) {
      const at = node.value.lastIndexOf(text);
      node.value = at >= 0 && node.tagName !== "SELECT"
        ? node.value.slice(0, at) + node.value.slice(at + text.length) : before.value;
    }
    const heard = new CustomEvent("scan", { cancelable: true, detail: text });
    heard.how = how;
    if (!document.dispatchEvent(heard)) return; // a page of its own takes it, as the bedside does
    box.value = text;
    hidden("how", how);
    document.body.classList.add("scanning");
    form.requestSubmit();
  }

  // What a scanner typed, if it was one. Words typed before it, after a pause, are no part of it.
  function heard(node) {
    const whole = keys.map((one) => one.key).join("");
    const starts = keys.map((one, at) => at).filter((at) => at === 0 || keys[at].gap > STEADY);
    const start = starts.find((at) => sound(whole.slice(at)));
    const pace = (from) => median(keys.slice(from + 1).map((one) => one.gap));
    const made = node && node.dataset.scan; // a box made for scans
    const plain = isText(node) && node !== box && !made;
    if (start !== undefined) {
      if (plain && pace(start) > STEADY) return null; // typed by hand into a form: it stays there
      return whole.slice(start).toUpperCase();
    }
    const from = keys.reduce((found, one, at) => (one.gap > 1000 ? at : found), 0);
    const text = whole.slice(from);
    if (MARKED.test(text) && text.length > 8 && (!plain || pace(from) <= QUICK)) return text;
    if (plain || text.length < 6 || (node === box && pace(from) > QUICK)) return null;
    return text.length >= 12 || pace(from) <= STEADY ? text : null; // the server says what is wrong
  }

  document.addEventListener("keydown", (event) => {
    const node = event.target;
    if (isSecret(node) || event.ctrlKey || event.altKey || event.metaKey) {
      if (!event.getModifierState || !event.getModifierState("AltGraph")) keys = [];
      if (isSecret(node) || !event.getModifierState("AltGraph")) return;
    }
    const gap = event.timeStamp - last;
    if (event.key === "Enter" || event.key === "Tab") {
      const text = keys.length ? heard(node) : null;
      keys = [];
      if (text === null) return;
      event.preventDefault(); // the ending must not press a button that happens to have the focus
      event.stopImmediatePropagation();
      deliver(text, "scanner", node);
      return;
    }
    if (event.key.length !== 1) {
      if (event.key === "Backspace") keys = [];
      return;
    }
    last = event.timeStamp;
    if (gap > APART) keys = [];
    if (!keys.length || gap > 1000) {
      before = isText(node) && "value" in node ? { node, value: node.value } : null;
    }
    if (!keys.length && event.key === "/" && !isText(node)) {
      event.preventDefault();
      box.focus();
      return;
    }
    keys.push({ key: event.key, gap: keys.length ? gap : 0 });
    if (event.key === " " && !isText(node) && keys.length > 1) event.preventDefault();
  }, true);

  // What was typed in one place and ended in another is no burst.
  document.addEventListener("focusin", () => { keys = []; });
  document.addEventListener("pointerdown", () => { keys = []; });

  form.addEventListener("submit", () => {
    if (!form.elements.how || !form.elements.how.value) hidden("how", "keyed");
  });
  document.addEventListener("read", (event) => deliver(event.detail.text, event.detail.how,
    event.detail.node));

  // A code typed by hand stands in groups of four, as it is printed, and says when it is whole.
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.dataset || !("groups" in field.dataset)) return;
    const letters = field.value.toUpperCase().replace(/[^A-Z0-9]/g, "");
    if (field.selectionEnd === field.value.length) field.value = letters.replace(/(.{4})(?=.)/g, "$1 ");
    const told = document.getElementById(field.dataset.groups);
    const whole = [20, 24].includes(letters.length);
    if (told) told.textContent = whole ? (sound(letters) ? told.dataset.sound : told.dataset.wrong) : "";
  });
})();
