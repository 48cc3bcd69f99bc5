// A pressed button is disabled, so that a second press does nothing; errors get the focus; a lost
// network is said at once.
"use strict";
(() => {
  document.addEventListener("submit", (event) => {
    const pressed = event.submitter;
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
      for (const button of form.querySelectorAll("button")) button.disabled = false;
    }
  });
  const alarm = document.getElementById("alarm");
  if (alarm) alarm.focus();
  const say = () => document.body.classList.toggle("offline", !navigator.onLine);
  window.addEventListener("online", say);
  window.addEventListener("offline", say);
  say();
})();
