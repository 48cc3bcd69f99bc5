// Whether the bank can be reached, found out within two seconds: by a beat, by what the browser
// says of its network, and by every request that failed. Others hear of it by the event "network";
// by "done" that the go which is shown stands no longer: it was used on another device, or a hold,
// a recall, a withdrawn consent came since.
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
      const go = document.querySelector("main [data-stands]");
      const address = go ? `/health?check=${go.dataset.stands}` : "/health";
      const answer = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.ok) { // what the bank's clock says, and of the go that is shown
        const told = await answer.json();
        document.dispatchEvent(new CustomEvent("beat", { detail: told.at }));
        if (told.stands === false && go.isConnected) document.dispatchEvent(new Event("done"));
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
