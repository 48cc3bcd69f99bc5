// The bedside: a scan goes to this page wherever the focus is; the start counts down; what is due
// is said in minutes. Sound is never relied on: the word, the shape and the colour are the answer.
"use strict";
(() => {
  const form = document.getElementById("bedside");
  if (form) {
    document.addEventListener("scan", (event) => {
      event.preventDefault(); // taken here, not by the look-up
      form.elements.text.value = event.detail;
      document.body.classList.add("scanning");
      form.requestSubmit();
    });
  }

  const start = document.querySelector("[data-counts]");
  if (start) {
    const until = performance.now() + Number(start.dataset.counts) * 1000;
    const left = document.getElementById("left");
    const tick = () => {
      const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      left.textContent = `Start within ${seconds} s`;
      if (seconds > 0) return;
      clearInterval(clock);
      start.disabled = true;
      left.hidden = true;
      document.getElementById("over").hidden = false;
    };
    const clock = setInterval(tick, 250);
    tick();
  }

  for (const line of document.querySelectorAll("[data-due]")) {
    const due = Date.parse(line.dataset.due);
    const when = line.textContent.replace(/^[^:]*: /, "");
    const say = () => {
      const minutes = Math.round((due - Date.now()) / 60000);
      line.textContent = minutes > 0 ? `In ${minutes} min: ${when}` : `Due now: ${when}`;
    };
    setInterval(say, 15000);
    say();
  }

  const answer = document.querySelector("[data-rhythm]");
  if (answer && navigator.vibrate) {
    navigator.vibrate(answer.dataset.rhythm === "go" ? [600] : [150, 120, 150, 120, 150]);
  }
})();
