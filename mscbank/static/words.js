// Words of scripts in the reader's language: tell("Start within {seconds} s", {seconds}).
// The page brings the translations (the template of id words); without one the English stands.
"use strict";
const tell = (() => {
  const kept = document.getElementById("words");
  const known = kept ? JSON.parse(kept.dataset.words) : {};
  return (text, holes = {}) => (known[text] || text)
    .replace(/\{(\w+)\}/g, (hole, name) => name in holes ? holes[name] : hole);
})();
