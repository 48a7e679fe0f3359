// Claims in the editor. In the text a claim is its key in double square brackets; here it stands as a chip with the words that the
// page will have there, and its source. Typing [[ (or the button) opens a list that searches the claims.
import { Node, Plugin, pm } from "django-prose-editor/editor";

const MARK = /\[\[\s*([^[\]\s<>]+)\s*\]\]/g;
const OPEN = /\[\[([^[\]]{0,60})$/;
const PRACTICAL = /\(\([^()<>[\]]+\)\)/g;
const address = document.querySelector("[data-claim-search]")?.dataset.claimSearch;
const known = new Map();
let asked = null;
let lists = 0;

async function ask(query) {
  const response = await fetch(`${address}?${new URLSearchParams(query)}`, { headers: { Accept: "application/json" } });
  if (!response.ok || response.redirected) throw new Error("The claims could not be searched.");
  const { claims } = await response.json();
  for (const claim of claims) known.set(claim.key, claim);
  return claims;
}

// all chips that appear at one time are asked for together, a hundred keys at most
function look(key) {
  if (known.has(key)) return Promise.resolve(known.get(key));
  asked ??= { keys: new Set(), answer: null };
  asked.keys.add(key);
  asked.answer ??= new Promise((done) => setTimeout(done, 30)).then(async () => {
    const keys = [...asked.keys];
    asked = null;
    for (let i = 0; i < keys.length; i += 100) await ask({ keys: keys.slice(i, i + 100).join(",") });
    for (const one of keys) if (!known.has(one)) known.set(one, null);
  });
  return asked.answer.then(() => known.get(key));
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// a figure stands beside words that don't say it already
function figureBeside(words, figure) {
  const isSaid = (number) => new RegExp(`(?<![\\d.,])${number.replace(".", "\\.")}(?![\\d]|[.,]\\d)`).test(words);
  return (figure.match(/\d[\d.,]*/g) ?? []).every(isSaid) ? "" : figure;
}

// --- where a claim stands: the page has its sentence there, or its phrase ---

const NEAR = 1000; // characters, as in publishing/compose.py, whose rule this is
const ABBREVIATION = /\b(?:Dr|Mr|Mrs|Ms|St|Prof|e\.g|i\.e|vs|approx|cf|al)\.\s*$/i;
const begins = (before) => /^\s*$|\n\s*$/.test(before) || (/[.?!…]["”’)]*\s+$/.test(before) && !ABBREVIATION.test(before));
const ends = (after) => /^(?:\s*$|\s*\n|\s+["“‘(]*[A-ZÀ-Þ0-9]|\s*\[\[)/.test(after);
const leaf = (node) => (node.type.name === "claim" ? `[[${node.attrs.key}]]` : "\n");

// "whole": its sentence. "starts": its phrase, which opens a sentence. "": its phrase
function standing(block) {
  const found = new Map();
  let sentenceEnded = -1;
  block.forEach((node, at) => {
    if (node.type.name !== "claim") return;
    const before = block.textBetween(0, at, "", leaf).slice(-NEAR);
    const after = block.textBetween(at + 1, block.content.size, "", leaf).slice(0, NEAR);
    const starts = begins(before) || (sentenceEnded >= 0 && !block.textBetween(sentenceEnded, at, "", leaf).trim());
    const whole = (starts || /:\s+$/.test(before)) && ends(after);
    if (whole) sentenceEnded = at + 1;
    found.set(at, whole ? "whole" : starts ? "starts" : "");
  });
  return found;
}

const standingOf = (decorations) => decorations.find(({ spec }) => "standing" in spec)?.spec.standing ?? "whole";

// the chips are drawn anew where the words around them change
function places() {
  const key = new pm.state.PluginKey("places");
  const find = (doc) => {
    const found = [];
    doc.descendants((node, at) => {
      if (!node.isTextblock) return true;
      for (const [offset, how] of standing(node)) found.push(pm.view.Decoration.node(at + 1 + offset, at + 2 + offset, {}, { standing: how }));
      return false;
    });
    return pm.view.DecorationSet.create(doc, found);
  };
  return new Plugin({
    key,
    state: { init: (_, { doc }) => find(doc), apply: (change, now) => (change.docChanged ? find(change.doc) : now) },
    props: { decorations: (state) => key.getState(state) },
  });
}

function asRead(claim, how) {
  const words = how === "whole" || !claim.phrase ? claim.sentence : claim.phrase;
  return how ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}

function fill(chip, key, claim, how) {
  chip.className = `chip chip--${claim ? claim.state : "unknown"}`;
  const words = claim ? asRead(claim, how) : key;
  const beside = claim ? figureBeside(words, claim.figure) : "";
  const figure = beside ? [element("b", "chip__figure", beside), " "] : [];
  const said = claim ? [claim.said, claim.source].filter(Boolean).join(" · ") : "no claim has this key";
  chip.replaceChildren(...figure, element("span", "chip__words", words), " ", element("small", "chip__source", said));
  chip.title = claim ? `${claim.sentence} [[${key}]]` : `[[${key}]]`;
}

const Claim = Node.create({
  name: "claim",
  group: "inline",
  inline: true,
  atom: true,
  selectable: false, // what is selected is lost by typing
  addAttributes: () => ({ key: { default: "", parseHTML: (found) => found.dataset.claim } }),
  parseHTML: () => [{ tag: "span[data-claim]" }],
  // what is sent and copied: the server takes the element away and keeps the key in its brackets
  renderHTML: ({ node }) => ["span", { "data-claim": node.attrs.key }, `[[${node.attrs.key}]]`],
  renderText: ({ node }) => `[[${node.attrs.key}]]`,
  addNodeView: () => ({ node, decorations }) => {
    const { key } = node.attrs;
    const dom = element("span", "chip", key);
    let how = standingOf(decorations);
    const draw = () => look(key).then((claim) => fill(dom, key, claim, how), () => {});
    dom.contentEditable = "false";
    draw();
    return {
      dom,
      ignoreMutation: () => true,
      update(now, around) {
        if (now.type !== node.type || now.attrs.key !== key) return false;
        if (how !== standingOf(around)) {
          how = standingOf(around);
          draw();
        }
        return true;
      },
    };
  },
  onBeforeCreate() {
    const { options } = this.editor;
    if (typeof options.content === "string") {
      options.content = options.content.replace(MARK, (_, key) => `<span data-claim="${key.replace(/["&]/g, "")}"></span>`);
    }
  },
  onCreate() {
    const button = element("button", "claim-button", "Put in a claim [[");
    button.type = "button";
    button.addEventListener("click", () => this.editor.chain().focus().insertContent("[[").run());
    const { dom } = this.editor.view;
    dom.before(button);
    const field = dom.closest(".prose-editor")?.querySelector("textarea");
    dom.setAttribute("aria-label", field?.labels?.[0]?.textContent.trim() || "Text");
    dom.setAttribute("aria-multiline", "true");
  },
  addProseMirrorPlugins() {
    return [asChips(this.type), places(), kept(this.type), finder(this.type), practical()];
  },
});

// whatever way a key in brackets comes in, typed or pasted, it becomes a chip
const asChips = (type) =>
  new Plugin({
    appendTransaction(transactions, before, state) {
      if (!transactions.some((transaction) => transaction.docChanged)) return null;
      const found = [];
      state.doc.descendants((node, at) => {
        if (node.isText) for (const match of node.text.matchAll(MARK)) found.push([at + match.index, match[0].length, match[1]]);
      });
      if (!found.length) return null;
      const change = state.tr;
      for (const [at, length, key] of found.reverse()) change.replaceWith(at, at + length, type.create({ key }));
      return change;
    },
  });

// a claim goes by Backspace, Delete or Cut, or with the words around it; what is typed over claims alone comes after them
const kept = (type) => {
  function areClaims({ doc }, from, to) {
    if (from === to || !doc.resolve(from).sameParent(doc.resolve(to))) return false;
    let are = true;
    doc.nodesBetween(from, to, (node) => (are &&= !node.isInline || node.type === type));
    return are;
  }
  const caret = (change, at) => change.setSelection(pm.state.TextSelection.create(change.doc, at)).scrollIntoView();
  function after(view) {
    const { from, to } = view.state.selection;
    if (areClaims(view.state, from, to)) view.dispatch(caret(view.state.tr, to));
    return false;
  }
  function beside(view, _, node, at) {
    if (node.type !== type) return false;
    view.dispatch(caret(view.state.tr, at + 1));
    return true;
  }
  return new Plugin({
    props: {
      handleClickOn: beside,
      handleDoubleClickOn: beside,
      handleTripleClickOn: beside,
      handleTextInput(view, from, to, text) {
        if (!areClaims(view.state, from, to)) return false;
        view.dispatch(caret(view.state.tr.insertText(text, to), to + text.length));
        return true;
      },
      handleKeyDown: (view, { key }) => key === "Enter" && after(view),
      handleDOMEvents: { compositionstart: after },
    },
  });
};

// figures that aren't medical
const practical = () =>
  new Plugin({
    props: {
      decorations(state) {
        const found = [];
        state.doc.descendants((node, at) => {
          if (!node.isText) return;
          for (const { index, 0: text } of node.text.matchAll(PRACTICAL)) {
            found.push(
              pm.view.Decoration.inline(at + index, at + index + text.length, {
                class: "practical", title: "A practical figure, not a medical one: the signer is shown it",
              }),
            );
          }
        });
        return pm.view.DecorationSet.create(state.doc, found);
      },
    },
  });

const finder = (type) => {
  let list, status, view, range, query, timer;
  let choices = [];
  let chosen = 0;
  let dismissed = null;
  const id = `claims-${++lists}`;

  function close() {
    clearTimeout(timer);
    range = query = null;
    choices = [];
    list.hidden = true;
    list.replaceChildren();
    delete view.dom.dataset.searches;
    view.dom.removeAttribute("aria-activedescendant");
    view.dom.removeAttribute("aria-controls");
  }

  function mark(which) {
    chosen = (which + choices.length) % choices.length;
    [...list.children].forEach((row, i) => row.setAttribute("aria-selected", String(i === chosen)));
    view.dom.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  }

  function put(which) {
    const { key } = choices[which];
    const [from, to] = range;
    close();
    view.dispatch(view.state.tr.replaceWith(from, to, type.create({ key })));
    view.focus();
  }

  function show(claims) {
    choices = claims;
    list.replaceChildren(
      ...claims.map((claim, i) => {
        const row = element("li", `claim-list__row chip--${claim.state}`);
        row.id = `${id}-${i}`;
        row.role = "option";
        row.append(
          element("b", "claim-list__figure", figureBeside(claim.sentence, claim.figure)), element("span", "claim-list__words", claim.sentence),
          ...(claim.phrase && claim.phrase !== claim.sentence ? [element("span", "claim-list__phrase", `Within a sentence: ${claim.phrase}`)] : []),
          element("small", "claim-list__source", [claim.key, claim.source, claim.said].filter(Boolean).join(" · ")),
        );
        row.addEventListener("mousedown", (event) => {
          event.preventDefault();
          put(i);
        });
        return row;
      }),
    );
    list.hidden = !claims.length;
    status.textContent = claims.length
      ? `${claims.length} ${claims.length === 1 ? "claim" : "claims"}. Arrow keys choose, Enter puts it in, Escape closes.`
      : "No claim holds these words.";
    if (!claims.length) return view.dom.removeAttribute("aria-activedescendant");
    view.dom.setAttribute("aria-controls", id);
    const { left, bottom } = view.coordsAtPos(range[1]);
    const around = list.parentElement.getBoundingClientRect();
    list.style.top = `${bottom - around.top + 4}px`;
    list.style.left = `${Math.max(0, Math.min(left - around.left, around.width - list.offsetWidth))}px`;
    mark(0);
  }

  return new Plugin({
    view(of) {
      view = of;
      list = element("ul", "claim-list");
      Object.assign(list, { id, role: "listbox", ariaLabel: "Claims", hidden: true });
      status = element("p", "claim-status");
      status.role = "status";
      view.dom.after(list, status);
      view.dom.addEventListener("blur", close);
      return {
        update() {
          const { $from, empty } = view.state.selection;
          const text = empty ? $from.parent.textBetween(0, $from.parentOffset, "\n", "\ufffc") : "";
          const open = view.hasFocus() && OPEN.exec(text);
          if (!open) {
            dismissed = null;
            if (range || status.textContent) {
              status.textContent = "";
              close();
            }
            return;
          }
          range = [$from.pos - open[0].length, $from.pos];
          view.dom.dataset.searches = ""; // what is half typed is no claim yet: the checks wait
          if (open[1] === query || dismissed === range[0]) return;
          query = open[1];
          clearTimeout(timer);
          const wanted = query;
          timer = setTimeout(async () => {
            try {
              const claims = await ask({ q: wanted });
              if (wanted === query) show(claims);
            } catch {
              status.textContent = "The claims can’t be searched now. You can type the key: [[key]].";
            }
          }, 150);
        },
        destroy: () => [list, status].forEach((one) => one.remove()),
      };
    },
    props: {
      handleKeyDown(_, event) {
        if (!choices.length) return false;
        if (event.key === "ArrowDown") mark(chosen + 1);
        else if (event.key === "ArrowUp") mark(chosen - 1);
        else if (event.key === "Enter") put(chosen);
        else if (event.key === "Escape") {
          dismissed = range[0];
          close();
          status.textContent = "";
        } else return false;
        event.preventDefault();
        event.stopPropagation();
        return true;
      },
    },
  });
};

export { Claim };
