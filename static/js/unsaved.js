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

function write(key, entry) {
  if (isOut) return;
  try {
    if (Object.keys(entry.words).length) localStorage.setItem(key, JSON.stringify(entry));
    else localStorage.removeItem(key);
  } catch {
    // a browser that keeps nothing, or is full: the form works as ever
  }
}

// words to be read and copied, without their markup; a document of its own runs and loads nothing
const unmarked = (html) => new DOMParser().parseFromString(html.replace(/<\/(p|li|h\d)>/g, "\n"), "text/html").body.textContent.trim();

// 21 November 2026, 17:06, by the clinic's clock: as the server writes it
function inWords(at) {
  const { timeZone } = document.body.dataset;
  const day = new Date(at).toLocaleDateString("en-GB", { timeZone, day: "numeric", month: "long", year: "numeric" });
  return `${day}, ${new Date(at).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" })}`;
}

// What a form was opened with is a digest a field, signed with the time (staff/meanwhile.py). The older asks about more, never less.
const older = (one, other) => (one.split(":").at(-2) < other.split(":").at(-2) ? one : other);

async function digests(opened) {
  const [, packed, base64] = /^(\.?)([^:]*)/.exec(opened);
  const bytes = Uint8Array.from(atob(base64.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream();
  return new Response(packed ? stream.pipeThrough(new DecompressionStream("deflate")) : stream).json();
}

function make(name, text, className = "") {
  return Object.assign(document.createElement(name), { textContent: text, className });
}

// to be read, and to be copied from
function copy(words, ariaLabel) {
  const box = make("textarea", words.map(([, value]) => unmarked(value)).filter(Boolean).join("\n\n"));
  return Object.assign(box, { readOnly: true, ariaLabel });
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
  const opening = form.elements._opened; // a new row has none
  const inputs = () => [...form.elements].filter((input) => isText(input) && isKept(input));

  // a part of the page is known by its row, not by where it stands
  function keyOf(input) {
    const [, prefix, i, name] = /^(\w+)-(\d+)-(\w+)$/.exec(input.name) ?? [];
    const row = prefix && form.elements[`${prefix}-${i}-id`]?.value;
    return row ? `${prefix}#${row}-${name}` : input.name;
  }
  const rowOf = (key) => /^(\w+#\d+)-/.exec(key)?.[1];

  // the server takes empty paragraphs and the elements of claims out: that is no difference
  const plain = (value) => value.replace(/<\/?span[^>]*>/g, "").replace(/<p>(\s|&nbsp;|<br ?\/?>)*<\/p>/g, "").replace(/\s+/g, " ").trim();
  const opened = new Map(inputs().map((input) => [keyOf(input), input.value]));
  let returned = {}; // typed before, and in the form already: it came back because it couldn't be saved

  function keep() {
    const now = inputs().map((input) => [keyOf(input), input.value]);
    const typed = now.filter(([key, value]) => plain(opened.get(key) ?? "") !== plain(value));
    // with a part that was typed in goes the rest of it: a colleague may delete it
    const touched = new Set(typed.map(([key]) => rowOf(key)));
    const rows = Object.fromEntries(now.filter(([key]) => rowOf(key) && touched.has(rowOf(key))));
    write(place, { at: Date.now(), words: { ...returned, ...Object.fromEntries(typed) }, rows, opened: opening?.value });
  }

  function fill(input, value) {
    const put = (editor) => editor.commands.setContent(value, { emitUpdate: true });
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    if (editors.has(input)) put(editors.get(input));
    else document.addEventListener("prose-editor:ready", ({ detail }) => detail.textarea === input && put(detail.editor));
  }

  // a part that is there no more comes back as a new one
  function addPart(row, all) {
    const prefix = row.split("#")[0];
    const number = form.elements[`${prefix}-TOTAL_FORMS`].value;
    form.querySelector(`#${prefix}-group .add-row a`).click(); // Django's, made after this file was read
    for (const [name, value] of Object.entries(all).filter(([name]) => rowOf(name) === row)) {
      const input = form.elements[`${prefix}-${number}-${name.slice(row.length + 1)}`];
      if (input) fill(input, value);
    }
    form.querySelector(`#${prefix}-${number}`).scrollIntoView({ block: "center" });
  }

  // whether what some words were typed over was saved since
  async function isSavedSince(opened, names) {
    const [then, now] = await Promise.all([opened, opening.value].map(digests));
    return names.some((name) => then[name.replace(/#(\d+)-/, ".$1.")] !== now[name.replace(/#(\d+)-/, ".$1.")]);
  }

  function offer(key, entry) {
    const { at, words, rows = {}, opened: openedThen = "" } = entry;
    const now = new Map(inputs().map((input) => [keyOf(input), input]));
    const other = Object.entries(words).filter(([name, value]) => plain(now.get(name)?.value ?? "") !== plain(value));
    if (!other.length) {
      if (opening && openedThen) opening.value = older(openedThen, opening.value); // the browser itself may have put them back
      if (document.querySelector(".errornote, .messagelist .warning")) returned = { ...words, ...returned };
      return localStorage.removeItem(key);
    }
    const button = (text) => Object.assign(make("button", text), { type: "button" });
    const box = make("section", "", "unsaved");
    const said = make("p", `Words from ${inWords(at)} that were never saved.`);
    const back = button("Put them back");
    const away = Object.assign(button("Throw them away…"), { className: "unsaved__away" });
    const here = other.filter(([name]) => now.has(name));
    const shown = make("details", "");
    shown.append(make("summary", "Read them"), copy(here, "The words that were never saved"));
    let lost = other.filter(([name, value]) => !now.has(name) && value);
    box.role = "status";
    box.append(said, ...(here.length ? [shown, back, " "] : []), away);
    if (opening && openedThen) {
      isSavedSince(openedThen, here.map(([name]) => name)).then((since) => {
        if (since) said.append(" Somebody has saved something else there since: when you save these, you see both versions and choose.");
      }, () => {});
    }

    function taken(some) {
      lost = lost.filter((one) => !some.includes(one));
      keep();
      write(key, { ...entry, words: Object.fromEntries(lost) });
      if (lost.length) return;
      said.textContent = "They are back in the form. They aren’t saved yet.";
      away.remove();
      shown.remove();
    }

    for (const row of new Set(lost.map(([name]) => rowOf(name)))) {
      const its = lost.filter(([name]) => rowOf(name) === row);
      const all = { ...rows, ...words };
      const called = all[`${row}-heading`] ? `“${all[`${row}-heading`]}”` : "A part of it";
      const part = make("div", "");
      const copied = copy(its, "Words for what isn’t in the form any more");
      part.append(make("p", row ? `${called} was deleted meanwhile. What you typed there:` : "Some were for what isn’t in the form any more:"), copied);
      if (row && form.querySelector(`.parts#${row.split("#")[0]}-group`)) {
        const again = button("Put this part back with your words");
        again.addEventListener("click", () => {
          part.remove();
          addPart(row, all);
          taken(its);
        });
        part.append(again);
      }
      box.append(part);
    }
    back.addEventListener("click", () => {
      // saved with what they were typed over, so that the server shows what somebody saved since
      if (opening) opening.value = openedThen && older(openedThen, opening.value);
      for (const [name, value] of here) fill(now.get(name), value);
      back.remove();
      taken([]);
    });
    away.addEventListener("click", () => {
      const asked = make("div", "");
      const yes = Object.assign(button("Throw them away"), { className: "unsaved__gone" });
      const no = button("Keep them");
      yes.addEventListener("click", () => {
        localStorage.removeItem(key);
        box.remove();
      });
      no.addEventListener("click", () => {
        asked.remove();
        away.hidden = back.hidden = false;
        away.focus();
      });
      asked.append(make("p", "Throw these words away? Nobody can bring them back."), no, " ", yes);
      shown.open = away.hidden = back.hidden = true;
      box.append(asked);
      no.focus();
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
