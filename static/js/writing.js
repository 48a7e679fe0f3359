// The form of a draft: kept in the browser until it is saved, and saved before it is previewed or submitted. Without this file
// all of that is a button of the form, but for what the browser keeps.
const form = document.querySelector("#content-main form[method=post i]");
const writer = document.querySelector("[data-writer]")?.dataset.writer;
const place = `draft:${writer}:${location.pathname}`;
const editors = new WeakMap();
document.addEventListener("prose-editor:ready", ({ detail }) => editors.set(detail.textarea, detail.editor));

const isText = (input) => input.matches("textarea, input[type=text], input[type=number], input:not([type])") && input.name && !input.name.includes("__prefix__");
const inputs = () => [...form.elements].filter((input) => isText(input));

// a part of the page is known by its row, not by where it stands
function keyOf(input) {
  const [, prefix, i, name] = /^(\w+)-(\d+)-(\w+)$/.exec(input.name) ?? [];
  const row = prefix && form.elements[`${prefix}-${i}-id`]?.value;
  return row ? `${prefix}#${row}-${name}` : input.name;
}

// the server takes empty paragraphs and the elements of claims out: that is no difference
const plain = (value) => value.replace(/<\/?span[^>]*>/g, "").replace(/<p>(\s|&nbsp;|<br ?\/?>)*<\/p>/g, "").replace(/\s+/g, " ").trim();
const opened = new Map(inputs().map((input) => [keyOf(input), input.value]));
const isDirty = () => inputs().some((input) => plain(opened.get(keyOf(input)) ?? "") !== plain(input.value));

// --- kept until it's saved ---

function read() {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
}

function keep() {
  const typed = inputs().filter((input) => plain(opened.get(keyOf(input)) ?? "") !== plain(input.value));
  try {
    if (typed.length) {
      const words = Object.fromEntries(typed.map((input) => [keyOf(input), input.value]));
      localStorage.setItem(place, JSON.stringify({ at: Date.now(), words }));
    } else localStorage.removeItem(place);
  } catch {
    // a browser that keeps nothing, or is full: the form works as ever
  }
}

function make(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

function offer({ at, words }) {
  const now = new Map(inputs().map((input) => [keyOf(input), input]));
  const other = Object.entries(words).filter(([key, value]) => plain(now.get(key)?.value ?? "") !== plain(value));
  if (!other.length) return localStorage.removeItem(place);
  const time = new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
  const box = make("section", "", "unsaved");
  box.role = "status";
  const back = make("button", "Put them back");
  const away = make("button", "Throw them away");
  back.type = away.type = "button";
  const lost = other.filter(([key]) => !now.has(key)).map(([, value]) => value).filter(Boolean);
  box.append(make("p", `Words from ${time} that were never saved.`), back, " ", away);
  if (lost.length) {
    const words = make("textarea", lost.join("\n\n"));
    words.readOnly = true;
    words.ariaLabel = "Words for parts that aren’t in the form any more";
    box.append(make("p", "Some were for parts that aren’t in the form any more: copy them from here."), words);
  }
  back.addEventListener("click", () => {
    for (const [key, value] of other) {
      const input = now.get(key);
      if (!input) continue;
      const editor = editors.get(input);
      if (editor) editor.commands.setContent(value, { emitUpdate: true });
      else {
        input.value = value;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
    box.replaceChildren(make("p", "They are back in the form. They aren’t saved yet."));
  });
  away.addEventListener("click", () => {
    localStorage.removeItem(place);
    box.remove();
  });
  form.before(box);
}

if (form && writer) {
  const kept = read();
  if (kept) offer(kept);
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 1200);
  });
  addEventListener("pagehide", () => {
    if (isDirty()) keep();
  });
  form.addEventListener("submit", () => {
    clearTimeout(waiting);
    keep();
  });
}

// whoever signs out leaves no words in this browser
for (const button of document.querySelectorAll("#logout-form")) {
  button.addEventListener("submit", () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
  });
}
