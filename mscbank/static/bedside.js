// The bedside. Scans and answers come without leaving the page, so that nothing that was scanned is
// lost with the network: it is kept here and sent again under the same key, which does it once. What
// is done beside a running bag is kept with its hour, and the page stays usable: a patient does not
// wait for a network. Only a start is never sent again by itself. An answer that cannot be got is
// CANNOT TELL, the whole screen. Sound is never relied on: the word, the shape and the colour are
// the answer.
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
  let unsent = null; // what is asked again when the network is back: {address, words, kind}
  let deeds = []; // done beside a running bag and not recorded yet: {address, words, told, hour}
  let bank = null; // the bank's clock as the page or the last beat told it: {at, heard, ahead}, in ms
  let stood = ""; // the classes of the body under the screen that says "cannot tell"
  let timers = [];
  let here = location.pathname;
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

  // Resolves to whether an answer came that was no refusal. ``kind`` says what is known, and what is
  // not, when none comes; ``form`` is the one that was sent.
  async function send(address, words, kind = words ? "scans" : "look", form = null) {
    if (busy) return false;
    busy = true;
    document.body.classList.add("scanning");
    let good = false;
    try {
      const answer = await fetch(address, words
        ? { method: "POST", body: words, signal: AbortSignal.timeout(PATIENCE) }
        : { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status >= 500) throw new Error("no answer");
      const page = await answer.text();
      good = answer.ok;
      unsent = null;
      if (kind === "deed") deeds.shift();
      swap(page, answer.url, !words || answer.redirected, form);
    } catch {
      // A start whose answer was lost: what stands is looked at, and a person presses again.
      if (kind !== "deed") unsent = kind === "start" ? { address: location.href, kind } : { address, words, kind };
      document.dispatchEvent(new Event("unreached"));
      if (kind === "deed") showDeeds();
      else cannotTell(kind);
    } finally {
      busy = false;
      document.body.classList.remove("scanning");
    }
    if (!unsent && kind !== "deed") {
      if (deeds.length) sendDeeds();
      else next();
    }
    return good;
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
    if (unsent) { // what stands on the page may be over: it is hidden until the answer comes
      send(unsent.address, unsent.words, unsent.kind);
      return;
    }
    const shown = document.getElementById("unknown");
    if (shown) {
      shown.remove();
      document.body.className = stood + (lost() ? " offline" : "");
    }
    document.querySelector("main").hidden = false;
    next();
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

  function cannotTell(kind = "scans") {
    const shape = document.getElementById("cannot-tell");
    const shown = document.getElementById("unknown");
    if (!shape || (shown && shown.dataset.kind === kind)) return;
    if (shown) shown.remove();
    else stood = document.body.className.replace(/\b(offline|scanning)\b/g, "").trim();
    const screen = shape.content.firstElementChild.cloneNode(true);
    screen.id = "unknown";
    screen.dataset.kind = kind;
    for (const said of screen.querySelectorAll("[data-when]")) {
      if (said.dataset.when !== kind) said.remove();
    }
    document.querySelector("main").hidden = true;
    document.querySelector("main").after(screen);
    document.body.classList.remove("go");
    document.body.classList.add("answer", "wait");
    screen.querySelector("[data-again]").addEventListener("click", again);
    screen.focus();
    sound("wait");
  }

  document.addEventListener("network", (event) => {
    if (event.detail && deeds.length) sendDeeds();
    else if (event.detail && (unsent || queue.length)) again();
    if (event.detail) return;
    if (queue.length) keep();
    // A yes that nothing can be started on is no yes; it stands again when the network does.
    if (!document.querySelector("main [data-counts]") || unsent || busy) return;
    unsent = { address: location.href, kind: "go" };
    cannotTell("go");
  });
  // Started on the other device, or stopped meanwhile: a yes that is shown on would be believed.
  document.addEventListener("done", () => {
    if (!busy && !unsent) send(location.href);
  });
  document.addEventListener("beat", (event) => hear(event.detail));

  // --- what is done beside a running bag ---------------------------------------------------------

  // A page of a running bag tells the hour itself: the network may go before the first beat came.
  function hear(told) {
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(told);
    bank = { at: Date.parse(told), heard: Date.now(),
      ahead: Number(`${sign}1`) * (hours * 60 + Number(minutes)) * 60000 };
  }
  // The hour of a press on the bank's clock. This device's clock only counts since it was told.
  const hour = () => (bank ? new Date(bank.at + Date.now() - bank.heard) : null);

  // What a form says, in the words of the page: "Vital signs: Temperature 36.8, Pulse 72".
  function inWords(form, pressed) {
    const plain = (node) => node.textContent.replace(/\s+/g, " ").trim();
    const said = [...form.elements].filter((box) => box.name && box.type !== "hidden" && box.value &&
      (box.tagName === "INPUT" && (box.type !== "radio" || box.checked) || box === pressed));
    const head = form.closest("section, details").querySelector("h2, summary");
    const colon = document.documentElement.lang === "fr" ? "\u00a0: " : ": ";
    return plain(head) + colon + said.map((box) => (box === pressed || box.type === "radio"
      ? plain(box === pressed ? box : box.labels[0]) : `${plain(box.labels[0])} ${box.value}`)).join(", ");
  }

  async function doBeside(form, pressed) {
    const words = new FormData(form, pressed);
    const at = hour();
    if (at && !words.get("happened_at")) words.set("happened_at", at.toISOString());
    const first = !deeds.length;
    deeds.push({ address: form.action, words, told: inWords(form, pressed),
      hour: at ? new Date(at.getTime() + bank.ahead).toISOString().slice(11, 16) : "" });
    if (first && !lost() && !busy) {
      const good = await send(form.action, words, "deed", form);
      if (good && deeds.length) sendDeeds(); // pressed meanwhile
      if (good || !deeds.length) return;
    }
    // Not recorded: the form is ready for the next.
    form.reset();
    form.querySelectorAll("details").forEach((folded) => { folded.open = false; });
    if (asks(form)) answered(form);
    form.elements.key.value = [...crypto.getRandomValues(new Uint8Array(18))].map((one) => one.toString(16).padStart(2, "0")).join("");
    delete form.dataset.sent;
    setTimeout(() => form.querySelectorAll("button:not([hidden])").forEach((button) => { button.disabled = false; button.removeAttribute("aria-busy"); }), 0);
    showDeeds();
  }

  // A form that came back with a question holds what was typed, and its hour, until it is answered.
  const asks = (form) => form.querySelector("[aria-invalid]");
  function answered(form) {
    if (form.elements.happened_at) form.elements.happened_at.remove();
    for (const box of form.querySelectorAll("input[type=text], input:not([type])")) {
      box.value = box.defaultValue = "";
      box.removeAttribute("aria-invalid");
    }
    form.querySelectorAll(".error, .why").forEach((said) => said.remove());
  }

  function showDeeds(why) {
    const shape = document.getElementById("not-recorded");
    const before = document.getElementById("kept");
    if (before) before.remove();
    if (!deeds.length || !shape) return;
    const box = shape.content.firstElementChild.cloneNode(true);
    box.id = "kept";
    for (const said of box.querySelectorAll("[data-when]")) {
      if (said.dataset.when !== (why || "lost")) said.remove();
    }
    for (const deed of deeds) {
      const line = document.createElement("li");
      line.textContent = [deed.hour, deed.told].filter(Boolean).join(" · ");
      box.querySelector("[data-deeds]").append(line);
    }
    box.querySelector("[data-again]").addEventListener("click", sendDeeds);
    document.querySelector("main").prepend(box);
    box.focus();
    window.scrollTo(0, 0);
  }

  // In their order; a refusal is on the page, and what follows it waits to be sent by hand.
  async function sendDeeds() {
    if (busy) return;
    const name = document.querySelector(".who .name").textContent;
    try {
      const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      if (answer.status >= 500) throw new Error("no answer");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const signed = page.querySelector(".who .name");
      if (!signed || signed.textContent !== name) { // another's hand records nothing of hers
        showDeeds("signed out");
        return;
      }
      const csrf = page.querySelector("main [name=csrf]");
      for (const deed of deeds) if (csrf) deed.words.set("csrf", csrf.value);
    } catch {
      document.dispatchEvent(new Event("unreached"));
      showDeeds();
      return;
    }
    while (deeds.length && await send(deeds[0].address, deeds[0].words, "deed"));
    if (!lost()) showDeeds("refused");
  }

  // What is kept here is lost with the page, and a page that is left without a network does not
  // come back.
  window.addEventListener("beforeunload", (event) => {
    if (deeds.length || queue.length) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const way = event.target.closest("a[href]");
    if (!lost() || !way || /^(#|tel:)/.test(way.getAttribute("href")) || way.target) return;
    event.preventDefault();
    document.body.classList.add("stays");
    window.scrollTo(0, 0);
  });
  document.addEventListener("submit", (event) => {
    if (!lost() || "live" in event.target.dataset) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.body.classList.add("stays");
    window.scrollTo(0, 0);
  }, true);

  // --- pages that take the place of one another -------------------------------------------------

  // What stands half typed in the other forms of a running bag: a reaction does not wait for the
  // vital signs to be complete, nor they for it. A form with an open question stays whole; what was
  // typed meanwhile, where a kept deed comes back with one, waits until it is answered.
  let aside = []; // {action, name, value}
  function carry(main, sent) {
    const at = (action) => main.querySelector(`form[action="${action}"]`);
    for (const form of document.querySelectorAll("main form[data-live='deed']")) {
      const action = form.getAttribute("action");
      const there = form !== sent && at(action);
      if (there && asks(form)) {
        form.elements.csrf.value = there.elements.csrf.value;
        if (asks(there)) there.before(form);
        else there.replaceWith(form);
        continue;
      }
      for (const box of there ? form.elements : []) {
        const typed = box.type === "radio" ? box.checked : box.type === "text" && box.value !== box.defaultValue;
        if (typed) aside.push({ action, name: box.name, value: box.value });
      }
    }
    aside = aside.filter(({ action, name, value }) => {
      const there = at(action);
      if (there && !asks(there) && there.elements[name]) there.elements[name].value = value;
      return there && asks(there);
    });
  }

  // ``place``: whether the address is one that can be opened again, for the Back button; ``sent``:
  // the form that was answered.
  function swap(page, address, place, sent) {
    const path = new URL(address).pathname;
    const found = new DOMParser().parseFromString(page, "text/html");
    const main = found.querySelector("main");
    if (!main || !/^\/(bedside|infusions)(\/|$)/.test(path)) {
      location.assign(address);
      return;
    }
    timers.forEach(clearInterval);
    timers = [];
    carry(main, sent);
    const shown = document.getElementById("unknown");
    if (shown) shown.remove();
    if (!found.querySelector(".who")) { // signed out meanwhile: the door, and what was typed in it
      const head = document.querySelector("header");
      if (head) head.remove();
    }
    document.querySelector("main").replaceWith(main);
    document.body.className = `${found.body.className}${lost() ? " offline" : ""}`;
    document.title = found.title;
    if (place && address !== location.href) history.pushState(null, "", address);
    here = location.pathname;
    window.scrollTo(0, 0);
    const next = todo(main) || document.getElementById("alarm") || main;
    next.focus();
    if (next.matches("input[aria-invalid]")) next.select(); // typed again, it takes the old one's place
    wake();
    document.dispatchEvent(new Event("swapped"));
  }
  // A way within the page is no way back: what is typed there stays.
  window.addEventListener("popstate", () => { if (location.pathname !== here) location.reload(); });

  // Where the next thing is to be done: what is wrong, what is asked; without a touch screen, whose
  // keys would hide the half of it, also what is due.
  const todo = (main) => main.querySelector("[aria-invalid], [autofocus]") ||
    (matchMedia("(any-pointer: coarse)").matches ? null : main.querySelector("[data-due]"));
  // What was folded away and is opened is what is done next.
  document.addEventListener("toggle", (event) => {
    const folded = event.target;
    if (folded.open && folded.matches("main .typed, main .stop-early") &&
      document.activeElement === folded.querySelector("summary")) folded.querySelector("input:not([type=hidden])").focus();
  }, true);
  document.addEventListener("click", (event) => {
    const way = event.target.closest(".jumps a");
    const folded = way && document.querySelector(way.getAttribute("href")).closest("details");
    if (folded) folded.open = true;
  });

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
    if (form.dataset.live === "deed") doBeside(form, event.submitter);
    else if (!busy) send(form.action, new FormData(form, event.submitter), form.dataset.live || "scans");
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
    each("[data-made-at]", (page) => hear(page.dataset.madeAt));
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
