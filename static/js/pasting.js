// What is pasted or dropped into the editor: a document's styles and pictures go before the editor reads it, its headings, lists and
// tables become what a page may have. What the server couldn't take is refused at once (the limit stands in admin_bases.py).
import { Extension, Plugin } from "django-prose-editor/editor";

const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^>"'])*>/gi;
const UNREAD = /<!--[\s\S]*?-->|<(head|style|script|xml|title|svg)\b[^>]*>[\s\S]*?<\/\1\s*>/gi;
const PICTURES = "img, picture, video, audio, canvas, iframe, object, embed, style, script, link, meta";
const BULLET = /^\s*[·•▪◦‣]\s+/;
const LISTED = /mso-list:\s*l\d/i;
const MARKER = /mso-list:\s*ignore/i;
const HIDDEN = /(?:display:\s*none|mso-hide:\s*all)/i;
// a page has no raised marks: their figures have signs of their own (compose.py does the same without a script)
const SIGNS = "0123456789+-";
const RAISED = { SUP: [..."⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻"], SUB: [..."₀₁₂₃₄₅₆₇₈₉₊₋"] };
const NUMBER = /^\(?\w{1,4}[.)]$/;

const count = (number) => number.toLocaleString("en-CA");
const styleOf = (element) => element?.dataset.style ?? "";

function take(root, length) {
  const walker = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let left = length; left > 0 && walker.nextNode(); ) {
    const { data } = walker.currentNode;
    walker.currentNode.data = data.slice(left);
    left -= data.length;
  }
}

function rename(element, name) {
  const renamed = element.ownerDocument.createElement(name);
  renamed.append(...element.childNodes);
  element.replaceWith(renamed);
}

// Word writes a list as paragraphs, each with its mark
function list(paragraphs) {
  for (const paragraph of paragraphs) {
    const marker = [...paragraph.querySelectorAll("[data-style]")].find((one) => MARKER.test(styleOf(one)));
    const mark = marker?.textContent.trim() ?? "";
    const bullet = BULLET.exec(paragraph.textContent)?.[0];
    if (!LISTED.test(styleOf(paragraph)) && !bullet) continue;
    if (marker) marker.remove();
    else take(paragraph, bullet?.length ?? 0);
    if (paragraph.closest("li")) continue;
    const name = NUMBER.test(mark) ? "OL" : "UL";
    const item = paragraph.ownerDocument.createElement("li");
    let around = paragraph.previousElementSibling;
    if (around?.tagName !== name) {
      around = paragraph.ownerDocument.createElement(name);
      paragraph.before(around);
    }
    item.append(...paragraph.childNodes);
    around.append(item);
    paragraph.remove();
  }
}

// a page has no tables: a row becomes a paragraph
function unfold(table) {
  const lines = [...table.rows].map((row) => {
    const isLine = !row.querySelector("ul, ol, blockquote, h3, h4");
    const line = table.ownerDocument.createElement(isLine ? "p" : "div");
    for (const cell of row.cells) {
      if (isLine) for (const block of cell.querySelectorAll("p, div, br")) block.replaceWith(...block.childNodes, " ");
      line.append(...(line.hasChildNodes() ? [" "] : []), ...cell.childNodes);
    }
    return line;
  });
  table.replaceWith(...lines);
}

function tidied(html) {
  // the page's policy refuses each style that is read as one, and says so in the console
  const unstyled = html.replace(UNREAD, "").replace(TAG, (tag) => tag.replace(/(\s)style(?=\s*=)/gi, "$1data-style"));
  const { body } = new DOMParser().parseFromString(unstyled, "text/html");
  const all = (what) => [...body.querySelectorAll(what)];
  for (const unread of all(`${PICTURES}, del, s, strike`)) unread.remove();
  for (const styled of all("[data-style]")) if (HIDDEN.test(styleOf(styled))) styled.remove();
  for (const raised of all("sup, sub")) raised.textContent = [...raised.textContent].map((sign) => RAISED[raised.tagName][SIGNS.indexOf(sign)] ?? sign).join("");
  for (const empty of all("o\\:p")) empty.textContent.trim() || empty.remove();
  for (const bold of all("b[data-style]")) if (/(?:^|[;\s])font-weight:\s*(?:normal|400)/i.test(styleOf(bold))) bold.replaceWith(...bold.childNodes);
  for (const heading of all("h1, h2")) rename(heading, "h3");
  for (const heading of all("h5, h6")) rename(heading, "h4");
  list(all("p"));
  for (const table of all("table").reverse()) unfold(table);
  for (const styled of all("[data-style]")) styled.removeAttribute("data-style");
  return body.innerHTML;
}

const Pasting = Extension.create({
  name: "pasting",
  onCreate() {
    const { dom } = this.editor.view;
    const field = dom.closest(".prose-editor")?.querySelector("textarea");
    const note = Object.assign(document.createElement("p"), { className: "pasting-note", role: "alert" });
    const most = Number(field?.dataset.most);
    Object.assign(this.storage, { note, most });
    dom.after(note);
    field?.addEventListener("input", () => {
      const { length } = field.value;
      note.textContent = length > most ? `With its marks this has ${count(length)} characters, and ${count(most)} can be saved. Shorten it before you save.` : "";
    });
  },
  addStorage: () => ({ note: null, most: 0 }),
  addProseMirrorPlugins() {
    const { storage } = this;
    function weigh(_, event) {
      const { clipboardData, dataTransfer } = event;
      const brought = clipboardData ?? dataTransfer;
      const { length } = brought?.getData("text/plain") || (brought?.getData("text/html") ?? "").replace(UNREAD, "").replace(/<[^>]*>/g, "");
      if (!(length > storage.most)) return false;
      event.preventDefault();
      storage.note.textContent = `This has ${count(length)} characters, and ${count(storage.most)} fit here. Nothing was put in. Is it a whole document? Take it part by part.`;
      return true;
    }
    return [new Plugin({ props: { handleDOMEvents: { paste: weigh, drop: weigh }, transformPastedHTML: tidied } })];
  },
});

export { Pasting };
