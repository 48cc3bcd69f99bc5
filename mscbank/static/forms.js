// A pressed button is disabled, so that a second press does nothing; errors get the focus; a lost
// network is said at once.
"use strict";
(() => {
  document.addEventListener("submit", (event) => {
    const pressed = event.submitter;
    if ("stays" in event.target.dataset) return; // it brings a file, and the page stays
    if (event.target.dataset.sent) {
      event.preventDefault();
      return;
    }
    event.target.dataset.sent = "yes";
    setTimeout(() => { // after the browser took the button's own value into the form
      for (const button of event.target.querySelectorAll("button")) button.disabled = true;
      if (pressed) pressed.setAttribute("aria-busy", "true");
    }, 0);
  });
  // A page that comes back by the Back button can be used again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.forms) {
      delete form.dataset.sent;
      for (const button of form.querySelectorAll("button:not([hidden])")) button.disabled = false;
    }
  });
  // Who goes back to a form that was sent has its page anew, with a key of its own: the act would be
  // done a second time. So the form keeps the key it was sent under, and the bank says what is done.
  const act = document.querySelector("form.act:has(button[name='step'])");
  if (act && act.elements.key) {
    const place = "sent " + location.pathname;
    const [came] = performance.getEntriesByType("navigation");
    const sent = sessionStorage.getItem(place);
    if (sent && came && came.type === "back_forward") act.elements.key.value = sent;
    act.addEventListener("submit", () => sessionStorage.setItem(place, act.elements.key.value));
  }
  // The browser writes dates in its own order; the echo beside them cannot be misread.
  const MONTHS = tell("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC").split(" ");
  for (const box of document.querySelectorAll("input[type='date'], input[type='datetime-local']")) {
    const echo = document.createElement("output");
    echo.className = "echo";
    echo.htmlFor = box.id;
    box.after(echo);
    const write = () => {
      const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(box.value) || [];
      echo.value = year ? `${day} ${MONTHS[month - 1]} ${year}${time ? " " + time : ""}` : "";
    };
    box.addEventListener("input", write);
    write();
  }
  // What stands at the foot of every printed sheet (print.css).
  const paper = document.querySelector("[data-foot]");
  if (paper) document.documentElement.style.setProperty("--foot", JSON.stringify(paper.dataset.foot));
  const alarm = document.getElementById("alarm");
  if (alarm) alarm.focus();
  if (document.body.classList.contains("bedside")) return; // there the bank itself is asked: network.js
  const say = () => document.body.classList.toggle("offline", !navigator.onLine);
  window.addEventListener("online", say);
  window.addEventListener("offline", say);
  say();
})();
