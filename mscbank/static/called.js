// What the codes in a box name: said beneath it as soon as they were scanned or typed.
"use strict";
for (const list of document.querySelectorAll("[data-called]")) {
  const box = document.getElementById(list.dataset.called);
  let waits = null;
  let asked = "";
  const ask = async () => {
    const text = box.value.trim();
    if (text === asked) return;
    asked = text;
    if (!text) { list.replaceChildren(); return; }
    try {
      const answer = await fetch("/scan/called", { method: "POST", signal: AbortSignal.timeout(4000),
        headers: { "X-CSRF": box.form.elements.csrf.value }, body: new URLSearchParams({ text }) });
      if (answer.ok && text === asked) list.innerHTML = await answer.text();
    } catch {
      asked = ""; // not reached: nothing is said, and the act looks at each code anyway
      list.replaceChildren();
    }
  };
  const later = () => {
    clearTimeout(waits);
    waits = setTimeout(ask, 250);
  };
  box.addEventListener("input", later);
  box.addEventListener("scanned", later);
}
