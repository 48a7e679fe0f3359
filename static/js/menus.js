// A menu that lies over the page closes when one turns elsewhere, or presses Escape. Without this file it closes by its own button.
const menus = ".account, .list-filter";

function closeAllBut(stays) {
  for (const menu of document.querySelectorAll(menus)) if (menu !== stays) menu.open = false;
}

document.addEventListener("click", (event) => closeAllBut(event.target.closest(menus)));
document.addEventListener("focusin", (event) => closeAllBut(event.target.closest(menus)));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.activeElement?.closest(menus);
  if (!menu?.open) return;
  menu.querySelector("summary").focus();
  menu.open = false;
});
