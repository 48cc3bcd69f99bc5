// What is typed into a long form is kept at the bank a moment later, under the person's own account.
// Nothing stands in this browser. Passwords and files are left out.
"use strict";
(() => {
  const form = document.querySelector("form[data-draft]");
  const line = document.getElementById("draft-kept");
  if (!form || !line) return;
  const PAUSE = 1200; // ms after the last key
  let waits = null;
  let changed = false;
  let under = null; // the request under way

  async function keep() {
    waits = null;
    if (!changed || form.dataset.sent) return;
    if (under) { later(); return; }
    changed = false;
    const words = new URLSearchParams();
    for (const [name, word] of new FormData(form)) {
      const box = form.elements[name];
      if (typeof word === "string" && !(box && box.type === "password")) words.append(name, word);
    }
    words.append("draft", form.dataset.draft);
    under = new AbortController();
    const timer = setTimeout(() => under && under.abort(), 8000);
    try {
      const answer = await fetch("/drafts", { method: "POST", body: words, signal: under.signal });
      if (answer.status !== 204) throw new Error("not kept");
      line.textContent = line.dataset.kept.replace("0:00", new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" }));
    } catch {
      if (form.dataset.sent) return;
      changed = true;
      line.textContent = line.dataset.lost;
      waits = setTimeout(keep, 10000);
    } finally {
      clearTimeout(timer);
      under = null;
    }
  }

  function later() {
    changed = true;
    clearTimeout(waits);
    waits = setTimeout(keep, PAUSE);
  }

  form.addEventListener("input", later);
  form.addEventListener("click", (event) => { if (event.target.closest("[data-skin-clear]")) later(); });
  window.addEventListener("online", () => { if (changed) keep(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden && changed) keep(); });
  form.addEventListener("submit", () => { if (under) under.abort(); });
})();
