// The boxes that libraries draw in a field's place get its label as their name: the editor of running text, the search in a list.

const labelOf = (id) => document.querySelector(`label[for="${CSS.escape(id)}"]`)?.firstChild?.textContent.trim();

function nameAll() {
  for (const box of document.querySelectorAll(".ProseMirror:not([aria-label])")) {
    const field = box.closest(".prose-editor")?.querySelector("textarea");
    if (field) box.setAttribute("aria-label", labelOf(field.id) ?? "Text");
  }
  for (const box of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const list = box.getAttribute("aria-controls")?.match(/^select2-(.+)-results$/)?.[1];
    const id = list ?? box.closest(".select2-container")?.previousElementSibling?.id;
    box.setAttribute("aria-label", `Search: ${(id && labelOf(id)) ?? "the list"}`);
  }
}

nameAll();
new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
