// What is typed into a form of content stays in this browser until it is saved: each page that was opened keeps its own
// copy, and the next one offers it. The server says which copy is saved, in a cookie that goes at once. To restore a
// copy, it is sent: the server gives the form back with it, or shows both versions where somebody saved since.
// Forms about people aren't kept (docs/decisions/014-nothing-typed-is-lost.md).
const { user, admin, timeZone } = document.body.dataset;
const box = document.querySelector("template[data-recoverable]");
const DAYS = 30;
const SECRET = /password|passkey|credential|(^|_)code$|^csrf/i;
let isSignedOut = false; // here or in another tab: nothing is kept any more

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith("draft:"));
const forget = (isUnwanted) => keys().filter(isUnwanted).forEach((key) => localStorage.removeItem(key));

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

// the server takes empty paragraphs and the elements of claims out: that is no difference
const plain = (value) => value.replace(/<\/?span[^>]*>/g, "").replace(/<p>(\s|&nbsp;|<br ?\/?>)*<\/p>/g, "").replace(/\s+/g, " ").trim();
const essence = (fields) => JSON.stringify(fields.filter(([name]) => name[0] !== "_").map(([name, value]) => [name, plain(value)]));

// to be read and copied, without markup; a document of its own runs and loads nothing
const text = (html) => new DOMParser().parseFromString(html.replace(/<\/(p|li|h\d)>/g, "\n"), "text/html").body.textContent.trim();

// 21 November 2026, 17:06, by the clinic's clock: as the server writes it
function inWords(at) {
  const day = new Date(at).toLocaleDateString("en-GB", { timeZone, day: "numeric", month: "long", year: "numeric" });
  return `${day}, ${new Date(at).toLocaleTimeString("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" })}`;
}

function recover(form) {
  const names = box.dataset.recoverable.split(" ");
  const isKept = (name) => !SECRET.test(name) && (names[0] === "*" || names.includes(name) || name[0] === "_");
  const sent = () => [...new FormData(form)].filter(([, value]) => typeof value === "string");
  const fields = () => sent().filter(([name]) => isKept(name) && !name.includes("__prefix__"));
  const { _draft_id: draftId, _version: version } = form.elements; // a new row has no version
  const here = `draft:${user}:${location.pathname}:`;
  const atFirst = essence(fields());
  let isUnsaved = draftId.value !== ""; // the server gave the form back without saving it
  let last = isUnsaved ? "" : atFirst;
  let waiting;

  function keep() {
    clearTimeout(waiting);
    const now = fields();
    if (isSignedOut || essence(now) === last) return;
    last = essence(now);
    try {
      if (isUnsaved || last !== atFirst) localStorage.setItem(here + draftId.value, JSON.stringify({ at: Date.now(), fields: now }));
      else localStorage.removeItem(here + draftId.value);
    } catch {
      // a browser that keeps nothing, or is full: the form works as ever
    }
  }

  function restore(entry) {
    const again = document.createElement("form");
    const rest = sent().filter(([name]) => !isKept(name));
    for (const [name, value] of [...rest, ...entry.fields, ["_restore", "1"], ["_continue", "1"]]) {
      again.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    Object.assign(again, { method: "post", hidden: true });
    document.body.append(again);
    HTMLFormElement.prototype.submit.call(again);
  }

  function offer(key, entry) {
    const now = new Map(fields());
    const typed = entry.fields.filter(([name, value]) => name[0] !== "_" && plain(now.get(name) ?? "") !== plain(value));
    const words = typed.map(([, value]) => text(value)).filter((value) => /\p{L}/u.test(value) && value !== "on");
    const shown = box.content.cloneNode(true).firstElementChild;
    const [theWords, discard] = shown.querySelectorAll("details");
    const then = new Map(entry.fields).get("_version");
    shown.querySelector("time").textContent = inWords(entry.at);
    shown.querySelector("textarea").value = words.join("\n\n");
    shown.querySelector("[data-saved-since]").hidden = !version || then?.split(":")[0] === version.value.split(":")[0];
    shown.querySelector("[data-restore]").addEventListener("click", () => restore(entry));
    shown.querySelector("[data-discard]").addEventListener("click", () => {
      localStorage.removeItem(key);
      shown.remove();
    });
    discard.addEventListener("toggle", () => (theWords.open ||= discard.open)); // discarded with the words in view
    form.before(shown);
  }

  // the browser itself may have put back what was typed, over what somebody saved since: then the page goes on with its copy
  const isRefilled = [...form.elements].some((input) => input.type !== "hidden" && input.defaultValue !== undefined && input.value !== input.defaultValue);
  const found = keys().filter((key) => key.startsWith(here)).map((key) => [key, read(key)]).filter(([, entry]) => entry?.fields);
  for (const [key, entry] of found.sort(([, one], [, other]) => other.at - one.at)) {
    const isSame = essence(entry.fields) === atFirst;
    if (key === here + draftId.value || (isSame && isRefilled)) {
      draftId.value = key.slice(here.length);
      if (version) version.value = new Map(entry.fields).get("_version");
      isUnsaved = true;
    } else if (isSame) localStorage.removeItem(key);
    else offer(key, entry);
  }
  draftId.value ||= `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  keep();
  const keepSoon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(keep, 800);
  };
  form.addEventListener("input", keepSoon);
  form.addEventListener("change", keepSoon);
  form.addEventListener("submit", keep);
  addEventListener("pagehide", keep);
}

try {
  const saved = /(?:^|; )saved=([0-9a-z-]+)/.exec(document.cookie)?.[1];
  if (saved) {
    forget((key) => key.endsWith(`:${saved}`));
    document.cookie = `saved=; path=${admin}; max-age=0; samesite=lax`;
  }
  if (user) {
    forget((key) => !key.startsWith(`draft:${user}:`)); // somebody else signed in: nobody's words are kept for them
    forget((key) => !(read(key)?.at > Date.now() - DAYS * 24 * 3600 * 1000));
  }
  addEventListener("storage", ({ key }) => (isSignedOut ||= key === "signed-out"));
  for (const button of document.querySelectorAll("form[action$='/logout/']")) {
    button.addEventListener("submit", () => {
      isSignedOut = true;
      forget(() => true);
      localStorage.setItem("signed-out", Date.now());
    });
  }
  if (user && box) recover(box.closest("form"));
} catch {
  // a browser that may keep nothing
}
