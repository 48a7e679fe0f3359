// Words that were typed into a form of content stay in this browser until they're saved: each page that was opened keeps its own,
// and the next one offers them. The server says which are saved, in a cookie that goes at once. Forms about people aren't kept.
const user = document.body.dataset.user;
const marker = document.querySelector("[data-keeps-words]");
const form = marker?.closest("form");
const DAYS = 30;
let isOut = false; // signed out, here or in another tab: nothing is kept any more

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith("draft:"));
const forget = (unwanted) => keys().filter(unwanted).forEach((key) => localStorage.removeItem(key));

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, words, at = Date.now()) {
  if (isOut) return;
  try {
    if (Object.keys(words).length) localStorage.setItem(key, JSON.stringify({ at, words }));
    else localStorage.removeItem(key);
  } catch {
    // a browser that keeps nothing, or is full: the form works as ever
  }
}

function make(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

function keepWords() {
  const here = `draft:${user}:${location.pathname}:`;
  const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  const place = here + id;
  const names = marker.dataset.keepsWords.split(" ");
  const editors = new WeakMap();
  document.addEventListener("prose-editor:ready", ({ detail }) => editors.set(detail.textarea, detail.editor));

  const isText = (input) => input.name && input.matches("textarea, input:is([type=text], [type=number], [type=url], [type=date], :not([type]))");
  const isKept = (input) => !input.name.includes("__prefix__") && (names[0] === "*" || names.includes(input.name));
  const inputs = () => [...form.elements].filter((input) => isText(input) && isKept(input));

  // a part of the page is known by its row, not by where it stands
  function keyOf(input) {
    const [, prefix, i, name] = /^(\w+)-(\d+)-(\w+)$/.exec(input.name) ?? [];
    const row = prefix && form.elements[`${prefix}-${i}-id`]?.value;
    return row ? `${prefix}#${row}-${name}` : input.name;
  }

  // the server takes empty paragraphs and the elements of claims out: that is no difference
  const plain = (value) => value.replace(/<\/?span[^>]*>/g, "").replace(/<p>(\s|&nbsp;|<br ?\/?>)*<\/p>/g, "").replace(/\s+/g, " ").trim();
  const opened = new Map(inputs().map((input) => [keyOf(input), input.value]));
  let returned = {}; // typed before, and in the form already: it came back because it couldn't be saved

  function keep() {
    const typed = inputs().filter((input) => plain(opened.get(keyOf(input)) ?? "") !== plain(input.value));
    write(place, { ...returned, ...Object.fromEntries(typed.map((input) => [keyOf(input), input.value])) });
  }

  function offer(key, { at, words }) {
    const now = new Map(inputs().map((input) => [keyOf(input), input]));
    const other = Object.entries(words).filter(([name, value]) => plain(now.get(name)?.value ?? "") !== plain(value));
    if (!other.length) {
      if (document.querySelector(".errornote, .messagelist .warning")) returned = { ...words, ...returned };
      return localStorage.removeItem(key);
    }
    const time = new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
    const box = make("section", "", "unsaved");
    box.role = "status";
    const back = make("button", "Put them back");
    const away = make("button", "Throw them away");
    back.type = away.type = "button";
    const said = make("p", `Words from ${time} that were never saved.`);
    const lost = other.filter(([name, value]) => !now.has(name) && value);
    box.append(said, ...(lost.length < other.length ? [back, " "] : []), away);
    if (lost.length) {
      const copied = make("textarea", lost.map(([, value]) => value).join("\n\n"));
      copied.readOnly = true;
      copied.ariaLabel = "Words for parts that aren’t in the form any more";
      box.append(make("p", "Some were for parts that aren’t in the form any more: copy them from here."), copied);
    }
    back.addEventListener("click", () => {
      for (const [name, value] of other) {
        const input = now.get(name);
        if (!input) continue;
        const editor = editors.get(input);
        if (editor) editor.commands.setContent(value, { emitUpdate: true });
        else {
          input.value = value;
          input.dispatchEvent(new Event("input", { bubbles: true }));
        }
      }
      keep();
      write(key, Object.fromEntries(lost), at);
      said.textContent = "They are back in the form. They aren’t saved yet.";
      back.remove();
      if (!lost.length) away.remove();
    });
    away.addEventListener("click", () => {
      localStorage.removeItem(key);
      box.remove();
    });
    form.before(box);
  }

  const found = keys().filter((key) => key.startsWith(here)).map((key) => [key, read(key)]).filter(([, entry]) => entry?.words);
  for (const [key, entry] of found.sort(([, a], [, b]) => b.at - a.at)) offer(key, entry);
  keep();
  // the server says this name when they're saved, whatever pages stand between
  form.append(Object.assign(make("input", ""), { type: "hidden", name: "_words", value: id }));
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 800);
  });
  form.addEventListener("submit", keep);
  addEventListener("pagehide", keep);
}

try {
  const saved = /(?:^|; )saved=([0-9a-z-]+)/.exec(document.cookie)?.[1];
  if (saved) {
    forget((key) => key.endsWith(`:${saved}`));
    document.cookie = `saved=; path=${document.body.dataset.admin}; max-age=0; samesite=lax`;
  }
  if (user) {
    forget((key) => !key.startsWith(`draft:${user}:`)); // somebody else signed in: this browser keeps nobody's words for them
    forget((key) => !(read(key)?.at > Date.now() - DAYS * 24 * 3600 * 1000));
  }
  addEventListener("storage", ({ key }) => (isOut ||= key === "signed-out"));
  for (const button of document.querySelectorAll("form[action$='/logout/']")) {
    button.addEventListener("submit", () => {
      isOut = true;
      forget(() => true);
      localStorage.setItem("signed-out", Date.now());
    });
  }
  if (user && form) keepWords();
} catch {
  // a browser that may keep nothing
}
