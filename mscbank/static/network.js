// Whether the bank can be reached, found out within two seconds: by a beat, by what the browser
// says of its network, and by every request that failed. Others hear of it by the event "network".
"use strict";
(() => {
  const BEAT = 700; // ms between an answer and the next question
  const PATIENCE = 1200; // ms for an answer
  let reached = true;

  function say(now) {
    document.body.classList.toggle("offline", !now);
    if (now === reached) return;
    reached = now;
    document.body.classList.remove("stays");
    document.dispatchEvent(new CustomEvent("network", { detail: now }));
  }

  async function ask() {
    try {
      const answer = await fetch("/health", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.ok) { // what the bank's clock says
        document.dispatchEvent(new CustomEvent("beat", { detail: (await answer.json()).at }));
      }
      say(answer.ok);
    } catch {
      say(false);
    }
    setTimeout(ask, document.hidden ? 5000 : BEAT);
  }

  window.addEventListener("offline", () => say(false));
  document.addEventListener("unreached", () => say(false));
  ask();
})();
