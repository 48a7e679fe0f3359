// The editor changes no words by itself: Tab and Shift+Tab lead on, as everywhere on a page; a list is nested by its buttons; and nothing
// that is typed or pasted ("12. ", "**", an address) becomes something else.
import { Extension, ListItem as EditorListItem } from "django-prose-editor/editor";

const ListItem = EditorListItem.extend({
  addKeyboardShortcuts() {
    return { Enter: () => this.editor.commands.splitListItem(this.name) };
  },
  addMenuItems({ menu, buttons }) {
    const item = this.name;
    const define = (name, label, icon, command) =>
      menu.defineItem({
        name,
        groups: "lists",
        button: buttons.material(icon, label),
        command: (editor) => editor.chain().focus()[command](item).run(),
        enabled: (editor) => editor.can()[command](item),
        hidden: (editor) => !editor.isActive(item),
      });
    define("indent", "Indent", "format_indent_increase", "sinkListItem");
    define("outdent", "Outdent", "format_indent_decrease", "liftListItem");
  },
});

// what browsers and their helpers would put in place of words
const BY_OTHERS = { autocapitalize: "off", autocorrect: "off", translate: "no", "data-gramm": "false" };

const AsTyped = Extension.create({
  name: "asTyped",
  onBeforeCreate() {
    Object.assign(this.editor.options, { enableInputRules: false, enablePasteRules: false });
  },
  onCreate() {
    for (const [name, value] of Object.entries(BY_OTHERS)) this.editor.view.dom.setAttribute(name, value);
  },
});

export { AsTyped, ListItem };
