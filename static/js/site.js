// Comfort only: every page is whole without this file. Nothing is remembered, nothing is sent.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const find = (id) => document.getElementById(id);

// After a form came back with faults, reading starts at the list of them.
document.querySelector(".error-summary")?.focus();

// The list of contents is folded on a phone, stands open beside the text, and shows where the reader is.
const beside = matchMedia("(min-width: 62rem)");
const contents = document.querySelector(".contents__fold");
if (contents) {
  const open = () => (contents.open ||= beside.matches);
  contents.addEventListener("toggle", open);
  beside.addEventListener("change", open);
  open();
  contents.addEventListener("click", (event) => {
    if (event.target.closest("a") && !beside.matches) contents.open = false;
  });

  const links = new Map(all("a", contents).map((link) => [find(link.hash.slice(1))?.closest("section"), link]));
  const seen = new Set();
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target);
      const here = [...links.keys()].find((section) => seen.has(section));
      if (!here) return;
      for (const [section, link] of links)
        section === here ? link.setAttribute("aria-current", "location") : link.removeAttribute("aria-current");
      contents.querySelector(".contents__here").textContent = links.get(here).textContent;
    },
    { rootMargin: "-10% 0px -75% 0px" },
  );
  for (const section of links.keys()) section && observer.observe(section);
}

// A page in two lengths: its parts lie open where there is room and are folded where there is not, and a reader may have
// either. Whoever goes to a place within a folded part finds it open.
const whole = find("whole-page");
if (whole) {
  const reading = whole.closest(".reading");
  const button = document.querySelector(".expand-all__button");
  const [brief, full] = all(".length-switch a");
  for (const link of [brief, full]) if (link) link.href = link.hash; // nothing has to be fetched again
  const parts = all(".part__fold", whole);
  const set = (open) => parts.forEach((part) => (part.open = open));
  const mark = (link, is) => (is ? link?.setAttribute("aria-current", "true") : link?.removeAttribute("aria-current"));
  const isWhole = () => parts.every((part) => part.open);
  const say = () => {
    button.setAttribute("aria-expanded", isWhole());
    button.textContent = isWhole() ? "Close every part" : "Open every part";
    mark(brief, !parts.some((part) => part.open));
    mark(full, isWhole());
  };
  if (beside.matches) all(".part__fold", reading).forEach((part) => (part.open = true));
  reading.classList.add("is-handed");
  reading.addEventListener("toggle", say, true);
  button.addEventListener("click", () => set(!isWhole()));
  brief?.addEventListener("click", () => set(false));
  full?.addEventListener("click", () => set(true));
  say();
}
const unfold = (hash) => {
  const folded = hash && find(hash.slice(1))?.closest("details:not([open])");
  if (folded) folded.open = true;
};
addEventListener("hashchange", () => unfold(location.hash));
addEventListener("beforeprint", () => {
  const folded = all("details:not([open])");
  const set = (open) => folded.forEach((each) => (each.open = open));
  addEventListener("afterprint", () => set(false), { once: true });
  set(true);
});

// A source lies over the text until it is closed; then the reader, and the keyboard, are where they were.
let from;
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#']");
  if (!link) return;
  unfold(link.hash);
  const isOpen = document.querySelector(".sources__source:target");
  if (link.closest(".ref")) from = link;
  else if (!link.matches(".sources__close")) return;
  if (!isOpen) return;
  event.preventDefault();
  location.replace(link.hash);
  if (link !== from) from?.focus({ preventScroll: true });
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector(".sources__source:target .sources__close")?.click();
});

// A page or a link can be handed on: copied, or given to the device's own way of sharing.
for (const box of all(".share")) {
  const { address, title, text } = box.dataset;
  const said = box.querySelector(".share__said");
  const offer = (name, does) => {
    const button = box.querySelector(`.share__${name}`);
    button.hidden = false;
    button.addEventListener("click", () => does().catch(() => {}));
  };
  const copying = (words, report) => async () => {
    await navigator.clipboard.writeText(words);
    said.textContent = report;
    setTimeout(() => (said.textContent = ""), 6000);
  };
  if (navigator.clipboard) {
    offer("copy", copying(address, "The link is copied."));
    if (text) offer("words", copying(`${text} ${address}`, "The words are copied, with the link."));
  }
  if (navigator.share) offer("send", () => navigator.share({ title, text, url: address }));
}

// On paper: the page whole, or its first minute with the sources that this minute names.
for (const button of all(".print-buttons button")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const { dataset } = document.documentElement;
    const named = new Set(all(".key-facts .ref a, .part--in-brief .ref a, .urgent .ref a").map((link) => link.hash));
    for (const source of all(".sources__source")) source.classList.toggle("is-unnamed", !named.has(`#${source.id}`));
    dataset.print = button.value;
    addEventListener("afterprint", () => delete dataset.print, { once: true });
    print();
  });
}

// The comparison takes so many and no more: the rest rest until one is let go.
for (const form of all(".compare-form")) {
  const boxes = all("input[type=checkbox]", form);
  const most = Number(form.dataset.most);
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.disabled = !box.checked && chosen >= most;
    form.querySelector("[role=status]").textContent =
      chosen < most
        ? `${chosen} of ${most} chosen`
        : chosen === most
          ? `${most} chosen, as many as fit. To choose another, let one go.`
          : `${chosen} chosen, and ${most} fit. Let ${chosen - most} go.`;
  };
  form.addEventListener("change", count);
  count();
}

// Open or closed at this moment, by the clinic's own clock: the page itself is the same for everybody.
for (const { dataset, firstElementChild: now } of all(".opening-hours[data-hours]:not([data-hours=''])")) {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: dataset.zone, weekday: "short", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const at = Object.fromEntries(clock.formatToParts().map(({ type, value }) => [type, value]));
  const [day, time] = [`${at.year}-${at.month}-${at.day}`, `${at.hour}:${at.minute}`];
  const rows = (words) => words.split(" ").filter(Boolean).map((row) => row.split("/"));
  const weekday = "Mon Tue Wed Thu Fri Sat Sun".split(" ").indexOf(at.weekday);
  const closed = rows(dataset.closures).some(([first, last]) => first <= day && day <= last);
  const open = rows(dataset.hours).some(([on, opens, closes]) => on == weekday && opens <= time && time < closes);
  now.textContent = open && !closed ? "Open now" : "Closed now";
  now.hidden = false;
}
