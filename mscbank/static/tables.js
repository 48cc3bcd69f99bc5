// On a narrow screen a row of a table is a card: each cell says itself what its column is.
"use strict";
(() => {
  function stack() {
    for (const table of document.querySelectorAll("table.data, table.rows")) {
      const head = table.tHead && table.tHead.rows[0];
      if (!head) continue;
      // Shown only, never copied: so with hyphens at which no name breaks, as SF-36 would.
      const names = [...head.cells].map((cell) => cell.textContent.trim().replaceAll("-", "\u2011"));
      // Laid out as blocks, it stays a table to who cannot see it.
      table.setAttribute("role", "table");
      for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
      for (const row of table.rows) {
        row.setAttribute("role", "row");
        [...row.cells].forEach((cell, number) => {
          const heads = cell.tagName === "TH" && (row === head ? "columnheader" : "rowheader");
          cell.setAttribute("role", heads || "cell");
          if (row === head) return;
          // A cell over all columns belongs to none.
          if (cell.tagName === "TD" && cell.colSpan === 1) cell.dataset.column = names[number] || "";
          // In a list the card names what there is; a page of its own says what there is not.
          const empty = table.classList.contains("list") ? /^\s*—?\s*$/ : /^\s*$/;
          if (empty.test(cell.textContent)) cell.classList.add("nothing");
        });
      }
      table.classList.add("stacks");
    }
  }
  stack();
  const asks = document.querySelector("[data-folds]");
  if (asks && matchMedia("(max-width: 36rem)").matches) asks.open = false;
  document.addEventListener("swapped", stack); // the bedside puts one page in another's place
})();

// Rows closer together, kept for this device; rows as text for a spreadsheet; arrows from row to row.
(() => {
  const KEPT = "mscbank dense tables";
  const dense = document.querySelector("[data-dense]");
  const show = (on) => {
    document.body.classList.toggle("dense", on);
    if (dense) dense.setAttribute("aria-pressed", String(on));
  };
  show(localStorage.getItem(KEPT) === "yes");
  if (dense) {
    dense.hidden = false;
    dense.addEventListener("click", () => {
      const on = !document.body.classList.contains("dense");
      localStorage.setItem(KEPT, on ? "yes" : "no");
      show(on);
    });
  }
  const plain = (cell) => {
    const exact = cell.querySelector(".cells[title]");
    const text = exact ? exact.title.replace(/\s/g, "") : cell.textContent;
    return text.replace(/\s+/g, " ").trim();
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue; // only where the address is https or this machine
    button.hidden = false;
    button.addEventListener("click", async () => {
      const rows = [...document.getElementById(button.dataset.copy).rows];
      await navigator.clipboard.writeText(
        rows.map((row) => [...row.cells].map(plain).join("\t")).join("\n"));
      const said = button.querySelector("[data-said]");
      const before = said.textContent;
      said.textContent = said.dataset.said;
      setTimeout(() => { said.textContent = before; }, 2000);
    });
  }
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const link = step && event.target.closest && event.target.closest(".list tbody a");
    if (!link) return;
    const links = [...link.closest("tbody").querySelectorAll("th a")];
    const at = links.indexOf(link.closest("tr").querySelector("th a")) + step;
    if (!links[at]) return;
    event.preventDefault();
    links[at].focus();
  });
})();
