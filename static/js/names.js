// The boxes that libraries draw in a field's place get its label as their name: the editor of running text, a choice by search.

const labelOf = (id) => document.querySelector(`label[for="${CSS.escape(id)}"]`);
const wordsOf = (id) => labelOf(id)?.firstChild?.textContent.trim();

// the box says its field's name, and then what is chosen
function nameChoice(box) {
  const id = box.closest(".select2-container").previousElementSibling?.id;
  const label = id && labelOf(id);
  if (!label) return;
  label.id ||= `${id}-label`;
  const chosen = box.querySelector("span.select2-selection__rendered");
  box.setAttribute("aria-labelledby", chosen ? `${label.id} ${chosen.id}` : label.id);
  chosen?.setAttribute("aria-labelledby", label.id);
  // what is chosen from many is a list once there is something in it: the field to type in is no item of it
  for (const list of box.querySelectorAll("ul.select2-selection__rendered")) list.role = "presentation";
}

function nameAll() {
  for (const box of document.querySelectorAll(".ProseMirror:not([aria-label])")) {
    const field = box.closest(".prose-editor")?.querySelector("textarea");
    if (field) box.setAttribute("aria-label", wordsOf(field.id) ?? "Text");
  }
  for (const box of document.querySelectorAll(".select2-selection[role=combobox]:not([data-named])")) {
    box.dataset.named = "";
    nameChoice(box);
  }
  for (const box of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const list = box.getAttribute("aria-controls")?.match(/^select2-(.+)-results$/)?.[1];
    const id = list ?? box.closest(".select2-container")?.previousElementSibling?.id;
    box.setAttribute("aria-label", `Search: ${(id && wordsOf(id)) ?? "the list"}`);
  }
}

nameAll();
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
