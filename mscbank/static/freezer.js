// The freezer map: a bag, then a position, and it is put away without a hand on the screen.
// scan.js has heard the code and repaired nothing; the server says what it is.
"use strict";
(() => {
  const form = document.getElementById("put-away");
  if (!form) return;
  const { bag, place, tank } = form.elements;
  const PLACE = "FX"; // what the code of a position begins with

  function take(text) {
    if (text.startsWith(PLACE)) {
      place.value = text;
      if (bag.value) form.requestSubmit();
      return;
    }
    location.assign("/freezer?" + new URLSearchParams({ bag: text, tank: tank.value })); // shows it, or says why not
  }

  document.addEventListener("scan", (event) => {
    event.preventDefault();
    take(event.detail);
  });
  form.addEventListener("scanned", (event) => take(event.detail));
})();
