// On a narrow screen a row of a table is a card: each cell says itself what its column is.
"use strict";
for (const table of document.querySelectorAll("table.data, table.rows")) {
  const head = table.tHead && table.tHead.rows[0];
  if (!head) continue;
  const names = [...head.cells].map((cell) => cell.textContent.trim());
  // Laid out as blocks, it stays a table to who cannot see it.
  table.setAttribute("role", "table");
  for (const part of [table.tHead, ...table.tBodies]) part.setAttribute("role", "rowgroup");
  for (const row of table.rows) {
    row.setAttribute("role", "row");
    [...row.cells].forEach((cell, number) => {
      const heads = cell.tagName === "TH" && (row === head ? "columnheader" : "rowheader");
      cell.setAttribute("role", heads || "cell");
      if (row === head) return;
      if (cell.tagName === "TD") cell.dataset.column = names[number] || "";
      if (!cell.textContent.trim()) cell.classList.add("nothing");
    });
  }
  table.classList.add("stacks");
}
