// On a phone a list's rows stand one under the other, each value under the name of its column: nothing is cut off. Without this
// file they stay a table that is pushed sideways.
for (const table of document.querySelectorAll("#result_list")) {
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.querySelector(".text")?.textContent.trim() ?? "");
  for (const row of table.tBodies[0].rows) {
    [...row.cells].forEach((cell, i) => {
      if (names[i]) cell.dataset.column = names[i];
      if (["", "-"].includes(cell.textContent.trim()) && !cell.querySelector("img, input")) cell.dataset.empty = "";
    });
  }
  table.classList.add("by-row");
}
