"use strict";
// Tables: a heading becomes a button that sorts by its column, up and then down.
for (const table of document.querySelectorAll("table.sorts")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    head.setAttribute("aria-sort", "none");
    button.onclick = () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const value = row => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
      const rows = [...table.tBodies[0].rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        if (x === "" || y === "") return (x === "") - (y === "");  // what is unknown stays last
        const [m, n] = [x, y].map(text => Number(text.replace("−", "-")));
        const order = isNaN(m) || isNaN(n) ? x.localeCompare(y) : m - n;
        return up ? order : -order;
      });
      table.tBodies[0].append(...rows);
    };
  });
}

// Boxes that have nothing to scroll are no stops for the keyboard.
const stops = new ResizeObserver(() => {
  for (const box of document.querySelectorAll(".scroll"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
});
for (const box of document.querySelectorAll(".scroll")) stops.observe(box);

// Pictures: in full size, wherever they are shown smaller than they are.
for (const box of document.querySelectorAll(".picture")) {
  const image = box.querySelector("img"), button = document.createElement("button");
  button.type = "button";
  button.className = "full";
  const show = full => {
    box.classList.toggle("full", full);
    box.tabIndex = 0;
    button.setAttribute("aria-pressed", full);
  };
  button.textContent = "Full size";
  button.setAttribute("aria-label", "Full size: " + box.getAttribute("aria-label"));
  button.onclick = () => show(!box.classList.contains("full"));
  show(false);
  const offer = () => { button.hidden = !box.classList.contains("full") && image.clientWidth >= Number(image.getAttribute("width")); };
  new ResizeObserver(offer).observe(image);
  box.after(button);
}

// Paper unfolds nothing by itself.
addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details")) one.open = true; });
