// The editor changes no words by itself: Tab and Shift+Tab lead on, as everywhere on a page; a list is nested by its buttons; and nothing
// that is typed or pasted ("12. ", "**", an address) becomes something else.
import { Extension, ListItem as EditorListItem, OrderedList as EditorOrderedList, Plugin } from "django-prose-editor/editor";

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

// its package makes a list, and other words, of a paragraph that is pasted and begins with "12. "
const OrderedList = EditorOrderedList.extend({ addProseMirrorPlugins: () => [] });

// what browsers and their helpers would put in place of words
const BY_OTHERS = { autocapitalize: "off", autocorrect: "off", translate: "no", "data-gramm": "false" };

const AsTyped = Extension.create({
  name: "asTyped",
  onBeforeCreate() {
    Object.assign(this.editor.options, { enableInputRules: false, enablePasteRules: false });
  },
  // where the editor has nothing to undo the browser would undo in its own way, from what it remembers of other words
  addKeyboardShortcuts() {
    const undo = () => this.editor.commands.undo() || true;
    const redo = () => this.editor.commands.redo() || true;
    return { "Mod-z": undo, "Mod-y": redo, "Mod-Shift-z": redo };
  },
  addProseMirrorPlugins() {
    const { editor } = this;
    const fromMenu = { historyUndo: () => editor.commands.undo(), historyRedo: () => editor.commands.redo() };
    const beforeinput = (_, event) => {
      if (!(event.inputType in fromMenu)) return false;
      event.preventDefault();
      fromMenu[event.inputType]();
      return true;
    };
    return [new Plugin({ props: { handleDOMEvents: { beforeinput } } })];
  },
  onCreate() {
    for (const [name, value] of Object.entries(BY_OTHERS)) this.editor.view.dom.setAttribute(name, value);
  },
});

export { AsTyped, ListItem, OrderedList };
