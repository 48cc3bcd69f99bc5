// The bedside. Scans and answers come without leaving the page, so that nothing that was scanned is
// lost with the network: it is kept here and sent again under the same key, which does it once. An
// answer that cannot be got is CANNOT TELL, the whole screen. Sound is never relied on: the word,
// the shape and the colour are the answer.
"use strict";
(() => {
  const PATIENCE = 8000; // ms for an answer
  const TONES = { // [pitch in Hz, ms, pause after it in ms]; each verdict is a rhythm of its own
    go: [[784, 700, 0]],
    stop: [[233, 160, 110], [233, 160, 110], [233, 160, 0]],
    wait: [[392, 420, 200], [392, 140, 0]],
    done: [[330, 140, 90], [330, 140, 0]],
    due: [[587, 140, 120], [587, 140, 400], [587, 140, 120], [587, 140, 0]],
    read: [[988, 90, 0]],
  };
  let ears = null;
  let busy = false;
  let queue = []; // scans that were not sent yet: {text, how, at}
  let unsent = null; // a form's words whose answer was lost: {address, words}
  let timers = [];
  const lost = () => document.body.classList.contains("offline");

  function sound(rhythm) {
    const tones = TONES[rhythm];
    if (!tones) return;
    if (navigator.vibrate) navigator.vibrate(tones.flatMap(([, long, pause]) => [long, pause]));
    if (!ears) return;
    let at = ears.currentTime + 0.03;
    for (const [pitch, long, pause] of tones) {
      const tone = ears.createOscillator();
      const loud = ears.createGain();
      tone.frequency.value = pitch;
      tone.type = "triangle";
      loud.gain.setValueAtTime(0.0001, at);
      loud.gain.linearRampToValueAtTime(0.5, at + 0.015);
      loud.gain.setValueAtTime(0.5, at + long / 1000 - 0.03);
      loud.gain.linearRampToValueAtTime(0.0001, at + long / 1000);
      tone.connect(loud).connect(ears.destination);
      tone.start(at);
      tone.stop(at + long / 1000);
      at += (long + pause) / 1000;
    }
  }
  // A browser lets a page be heard once somebody touched it or scanned.
  for (const kind of ["keydown", "pointerdown"]) {
    document.addEventListener(kind, () => {
      if (!ears && window.AudioContext) ears = new AudioContext();
      if (ears && ears.state === "suspended") ears.resume();
    }, true);
  }
  document.addEventListener("sounds", (event) => sound(event.detail));

  // --- sending, and what is kept when nothing comes back ---------------------------------------

  async function send(address, words) {
    if (busy) return;
    busy = true;
    document.body.classList.add("scanning");
    try {
      const answer = await fetch(address, words
        ? { method: "POST", body: words, signal: AbortSignal.timeout(PATIENCE) }
        : { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status >= 500) throw new Error("no answer");
      const page = await answer.text();
      unsent = null;
      swap(page, answer.url);
    } catch {
      unsent = { address, words };
      document.dispatchEvent(new Event("unreached"));
      cannotTell();
    } finally {
      busy = false;
      document.body.classList.remove("scanning");
    }
    if (!unsent) next();
  }

  function next() {
    const form = document.getElementById("bedside");
    if (!queue.length || busy || lost() || !form) return;
    const scan = queue.shift();
    form.elements.text.value = scan.text;
    form.elements.how.value = scan.how;
    form.elements.waited.value = Math.round(performance.now() - scan.at);
    send(form.action, new FormData(form));
  }

  function again() {
    if (busy) return;
    const shown = document.getElementById("unknown");
    if (shown) shown.remove();
    document.querySelector("main").hidden = false;
    document.body.classList.remove("answer", "wait");
    if (unsent) send(unsent.address, unsent.words);
    else next();
  }

  // The scans that wait stand in their places; once both are there, nothing but the answer matters.
  function keep() {
    const form = document.getElementById("bedside");
    const have = { PX: form && form.elements.band.value, BX: form && form.elements.bag.value };
    for (const scan of queue) {
      const kind = scan.text.slice(0, 2).toUpperCase();
      const place = document.querySelector(`[data-slot="${kind}"]`);
      if (place) {
        place.classList.add("kept");
        place.querySelector("[data-said]").textContent = place.dataset.kept;
      }
      have[kind] = scan.text;
    }
    if (have.PX && have.BX) cannotTell();
  }

  function cannotTell() {
    const shape = document.getElementById("cannot-tell");
    if (!shape || document.getElementById("unknown")) return;
    const screen = shape.content.firstElementChild.cloneNode(true);
    screen.id = "unknown";
    document.querySelector("main").hidden = true;
    document.querySelector("main").after(screen);
    document.body.classList.add("answer", "wait");
    screen.querySelector("[data-again]").addEventListener("click", again);
    screen.focus();
    sound("wait");
  }

  document.addEventListener("network", (event) => {
    if (event.detail && (unsent || queue.length)) again();
    if (!event.detail && queue.length) keep();
  });

  // --- pages that take the place of one another -------------------------------------------------

  function swap(page, address) {
    const path = new URL(address).pathname;
    const found = new DOMParser().parseFromString(page, "text/html");
    const main = found.querySelector("main");
    if (!main || !/^\/(bedside|infusions)(\/|$)/.test(path)) {
      location.assign(address);
      return;
    }
    timers.forEach(clearInterval);
    timers = [];
    const shown = document.getElementById("unknown");
    if (shown) shown.remove();
    if (!found.querySelector(".who")) { // signed out meanwhile: the door, and what was typed in it
      const head = document.querySelector("header");
      if (head) head.remove();
    }
    document.querySelector("main").replaceWith(main);
    document.body.className = `${found.body.className}${lost() ? " offline" : ""}`;
    document.title = found.title;
    if (address !== location.href) history.pushState(null, "", address);
    window.scrollTo(0, 0);
    const alarm = document.getElementById("alarm");
    (main.querySelector("[autofocus]") || alarm || main).focus();
    wake();
    document.dispatchEvent(new Event("swapped"));
  }
  window.addEventListener("popstate", () => location.reload());

  document.addEventListener("scan", (event) => {
    if (!location.pathname.startsWith("/bedside")) return; // beside a running bag: the look-up
    event.preventDefault(); // taken here, not by the look-up
    const first = document.querySelector("[data-polls]");
    if (first && !busy) { // another's scans do not go under this person's name
      first.querySelector("[data-not-here]").hidden = false;
      return;
    }
    queue.push({ text: event.detail, how: event.how || "scanner", at: performance.now() });
    if (lost()) keep();
    else if (document.getElementById("bedside")) next();
    else if (!busy) send("/bedside"); // after an answer: a new check begins with this scan
  });

  // A form of the bedside goes without leaving the page. A second press while one is under way, or
  // after it, does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!("live" in form.dataset) || event.defaultPrevented) return;
    event.preventDefault();
    event.stopPropagation();
    if (busy) return;
    send(form.action, new FormData(form, event.submitter));
  });

  // --- what runs on a page ----------------------------------------------------------------------

  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  function every(ms, act) {
    timers.push(setInterval(act, ms));
    act();
  }

  function countStart(start) {
    const until = performance.now() + Number(start.dataset.counts) * 1000;
    const left = document.getElementById("left");
    every(250, () => {
      const seconds = Math.max(0, Math.ceil((until - performance.now()) / 1000));
      left.textContent = left.dataset.words.replace("0", seconds);
      if (seconds > 0 || start.disabled) return;
      start.disabled = true;
      left.hidden = true;
      document.getElementById("over").hidden = false;
      send(location.href);
    });
  }

  function countOut(line) {
    const until = performance.now() + Number(line.dataset.runsOut) * 1000;
    every(500, () => {
      const left = Math.max(0, (until - performance.now()) / 1000);
      line.textContent = clock(left);
      if (left > 0 || line.dataset.over) return;
      line.dataset.over = "yes";
      send(location.href);
    });
  }

  // The device's own clock is not trusted: seconds are counted from when the page came.
  function countDue(line) {
    const due = performance.now() + Number(line.dataset.dueIn) * 1000;
    let told = Number(line.dataset.dueIn) <= 0;
    every(500, () => {
      const left = (due - performance.now()) / 1000;
      line.textContent = left > 0 ? line.dataset.next.replace("0:00", clock(left)) : line.dataset.now;
      line.classList.toggle("late", left <= 0);
      if (left > 0 || told) return;
      told = true;
      sound("due");
    });
  }

  function poll(page) {
    every(1200, async () => {
      if (busy || lost()) return;
      try {
        const answer = await fetch(page.dataset.polls, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
        if (answer.status === 401) { send(location.href); return; }
        const told = await answer.json();
        if (told.state !== "waiting" && !busy) send(told.address || location.href);
      } catch {
        document.dispatchEvent(new Event("unreached"));
      }
    });
  }

  function wake() {
    const each = (what, act) => document.querySelectorAll(what).forEach(act);
    each("[data-counts]", countStart);
    each("[data-runs-out]", countOut);
    each("[data-due-in]", countDue);
    each("[data-polls]", poll);
    each("[data-rhythm]", (screen) => sound(screen.dataset.rhythm));
  }

  // A tablet that nobody touches is locked; what was scanned is kept for the same person.
  let touched = performance.now();
  for (const kind of ["keydown", "pointerdown"]) {
    document.addEventListener(kind, () => { touched = performance.now(); }, true);
  }
  setInterval(() => {
    const page = document.querySelector("main [data-lock]");
    const form = document.getElementById("lock");
    if (!page || !form || lost() || busy) return;
    if (performance.now() - touched < Number(page.dataset.lock) * 60000) return;
    touched = performance.now();
    form.submit();
  }, 1000);

  wake();
})();
