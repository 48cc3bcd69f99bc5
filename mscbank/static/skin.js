// The running total of the skin score. Without this the server adds up all the same.
(() => {
  const grid = document.querySelector("[data-skin]");
  const line = document.querySelector("[data-skin-total]");
  if (!grid || !line) return;
  const add = () => {
    const chosen = [...grid.querySelectorAll("input:checked")];
    line.querySelector("output").textContent = chosen.reduce((sum, one) => sum + Number(one.value), 0);
    line.querySelector("span").textContent = chosen.length;
  };
  line.hidden = false;
  line.querySelector("button").addEventListener("click", () => {
    for (const one of grid.querySelectorAll("input:checked")) one.checked = false;
    add();
  });
  grid.addEventListener("change", add);
  add();
})();
