// A scanner on trial: what it typed is compared as soon as it has ended.
"use strict";
document.addEventListener("scanned", (event) => {
  if (event.target.form && event.target.form.id === "scanner") event.target.form.requestSubmit();
});
