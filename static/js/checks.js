// The checks beside a draft: asked for while it's typed, leading to the fields they speak of, with plainer words that one press
// puts in. Without this file they speak of the draft as last saved, and of what is typed by a button of the form.
const panel = document.querySelector("#checks");
const form = panel?.closest("form");
const part = (name, of = panel) => of.querySelector(`[data-checks-${name}]`);
const said = document.querySelector("[data-checks-said]");
const editors = new WeakMap();
document.addEventListener("prose-editor:ready", ({ detail }) => editors.set(detail.textarea, detail.editor));

// beside the form it stands open; below it, on a small screen, it opens over the form
const wide = matchMedia("(min-width: 64rem)");
const settle = () => (panel.open = wide.matches);

// --- a part of the form shows how many findings lead to it, and whether it's empty ---

function mark() {
  for (const place of document.querySelectorAll("[data-marks]")) {
    const here = (kind) => panel.querySelectorAll(`[data-kind=${kind}][data-field^="#id_${place.dataset.marks}-"]`).length;
    const marks = [["part__mark part__mark--stops", here("stops"), "to fix"], ["part__mark", here("advice"), "to consider"]];
    place.replaceChildren(
      ...marks.filter(([, count]) => count).map(([className, count, words]) => Object.assign(document.createElement("span"), { className, textContent: `${count} ${words}` })),
    );
  }
}

function showEmpty() {
  for (const mark of document.querySelectorAll("[data-empty]")) {
    const field = form.elements[`${mark.dataset.empty}-body`];
    if (field) mark.hidden = /[^\s]/.test(field.value.replace(/<[^>]*>|&nbsp;/g, "")) || /data-claim/.test(field.value);
  }
}

function showButtons() {
  for (const button of panel.querySelectorAll("[data-swap]")) {
    button.hidden = !form.querySelector(button.closest("[data-field]").dataset.field || "nothing");
  }
}

// --- asked for while it's typed ---

let waiting;
let round = 0;

// one sentence, and only when the counts are others: whoever writes isn't interrupted at each word
function say(counts) {
  const words = `Checks: ${counts.textContent.replace(/\s+/g, " ").trim()}`;
  if (said.dataset.last !== words) said.textContent = said.dataset.last = words;
}

function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const now = fresh.content;
  const body = part("body");
  const folds = new Map([...body.querySelectorAll("details[data-rule]")].map((fold) => [fold.dataset.rule, fold.open]));
  for (const fold of now.querySelectorAll("details[data-rule]")) fold.open = folds.get(fold.dataset.rule) ?? fold.open;
  const top = body.scrollTop;
  const hadFocus = body.contains(document.activeElement);
  part("counts").replaceWith(part("counts", now));
  body.replaceWith(part("body", now));
  part("body").scrollTop = top;
  if (hadFocus) panel.querySelector("summary").focus({ preventScroll: true });
  say(part("counts"));
  mark();
  showButtons();
}

async function check() {
  if (form.querySelector("[data-searches]")) return soon(600); // a claim is being chosen
  const mine = ++round;
  try {
    const response = await fetch(panel.dataset.check, { method: "POST", body: new FormData(form) });
    if (response.ok && !response.redirected && mine === round) show(await response.text());
  } catch {
    // the line is down: what stands there is older than the words
  }
}

function soon(patience) {
  clearTimeout(waiting);
  waiting = setTimeout(check, patience);
}

// --- from a finding to its field ---

// what a finding quotes, in the editor's document: the claim with that key, or the longest run of words without a claim
function quoted(editor, sentence) {
  const pieces = sentence.split(/\[\[.*?\]\]|\[[^[]*\]$|\(\(|\)\)/).map((piece) => piece.trim());
  const words = pieces.reduce((most, piece) => (piece.length > most.length ? piece : most), "");
  if (words.length > 3) return rangeOf(editor, words, (one) => new RegExp(escaped(one)));
  const key = /\[\[(.+?)\]\]/.exec(sentence)?.[1];
  let range = null;
  editor.state.doc.descendants((node, at) => {
    if (!range && node.type.name === "claim" && node.attrs.key === key) range = { from: at, to: at + node.nodeSize };
  });
  return range;
}

function goTo(input, sentence) {
  for (let fold = input.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  if (!wide.matches) panel.open = false;
  const editor = editors.get(input);
  const box = editor?.view.dom ?? (input.matches(".select2-hidden-accessible") ? input.nextElementSibling.querySelector("[role=combobox]") : input);
  box.scrollIntoView({ block: "center" });
  box.focus({ preventScroll: true });
  const range = editor && quoted(editor, sentence);
  if (!range) return;
  editor.commands.setTextSelection(range);
  const { node } = editor.view.domAtPos(range.from);
  (node.nodeType === Node.TEXT_NODE ? node.parentElement : node).scrollIntoView({ block: "center" });
}

// --- a plainer word ---

const escaped = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const pattern = (word) => new RegExp(`(?<![\\p{L}\\p{N}-])${escaped(word)}(?![\\p{L}\\p{N}-])`, "u");

// the first place of the word in the editor's text, as a range of its document
function rangeOf(editor, word, how = pattern) {
  let range = null;
  editor.state.doc.descendants((node, at) => {
    if (range || !node.isTextblock) return !range;
    const found = how(word).exec(node.textBetween(0, node.content.size, "\n", "\ufffc"));
    if (found) range = { from: at + 1 + found.index, to: at + 1 + found.index + found[0].length };
    return false;
  });
  return range;
}

function swap(input, word, plainer) {
  const editor = editors.get(input);
  if (editor) {
    const range = rangeOf(editor, word);
    if (!range) return false;
    // the word keeps what it was: bold, or the words of a link
    return editor.chain().command(({ tr }) => Boolean(tr.insertText(plainer, range.from, range.to))).run();
  }
  if (!pattern(word).test(input.value)) return false;
  input.value = input.value.replace(pattern(word), () => plainer);
  return true;
}

if (form && panel) {
  settle();
  wide.addEventListener("change", settle);
  for (const button of document.querySelectorAll("[data-without-script]")) button.hidden = true;
  showButtons();
  showEmpty();
  form.addEventListener("input", showEmpty);
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const button = event.target.closest("[data-swap]");
    const input = form.querySelector(link?.hash || button?.closest("[data-field]").dataset.field || "nothing");
    if (!input) return;
    event.preventDefault();
    if (link) return goTo(input, link.closest("li").querySelector(".finding__sentence")?.textContent ?? "");
    const { swap: word, plainer } = button.dataset;
    if (swap(input, word, plainer)) {
      const done = Object.assign(document.createElement("span"), { className: "finding__done", tabIndex: -1, textContent: `Now “${plainer}”, not saved yet.` });
      button.closest(".finding__swap").replaceChildren(done);
      done.focus({ preventScroll: true });
      said.textContent = `“${word}” is “${plainer}” now. It isn’t saved yet.`;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      said.textContent = `“${word}” isn’t found in the text any more.`;
      soon(0);
    }
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || wide.matches || !panel.open || !panel.contains(document.activeElement)) return;
    panel.open = false;
    panel.querySelector("summary").focus();
  });
  if (panel.dataset.check) {
    form.addEventListener("input", () => soon(1200));
    form.addEventListener("change", () => soon(1200));
    form.addEventListener("submit", () => clearTimeout(waiting));
  }
}
