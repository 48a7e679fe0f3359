// Comfort only: every page is whole without this file. Nothing is remembered, nothing is sent.

const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const find = (id) => document.getElementById(id);

// After a form came back with faults, reading starts at the list of them.
document.querySelector(".error-summary")?.focus();

// The list of contents is folded on a phone, stands open beside the text, and shows where the reader is.
const contents = document.querySelector(".contents__fold");
if (contents) {
  const beside = matchMedia("(min-width: 62rem)");
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
    },
    { rootMargin: "-10% 0px -75% 0px" },
  );
  for (const section of links.keys()) section && observer.observe(section);
}

// A page in two lengths: what follows the first minute can be folded away. A search in the page and a link unfold it.
const button = document.querySelector(".fold__button");
const whole = find("whole-page");
if (button && whole) {
  const [brief, full] = all(".lengths a");
  const fold = (folded) => {
    whole.hidden = folded ? "until-found" : false;
    button.setAttribute("aria-expanded", !folded);
    brief[folded ? "setAttribute" : "removeAttribute"]("aria-current", "true");
    full[folded ? "removeAttribute" : "setAttribute"]("aria-current", "true");
  };
  button.addEventListener("click", () => fold(!whole.hidden));
  whole.addEventListener("beforematch", () => fold(false));
  brief.addEventListener("click", () => fold(true));
  const unfold = (hash) => {
    if (hash && whole.contains(find(hash.slice(1)))) fold(false);
  };
  addEventListener("click", (event) => unfold(event.target.closest?.("a[href^='#']")?.hash));
  addEventListener("hashchange", () => unfold(location.hash));
}

// A page or a link can be handed on: copied, or given to the device's own way of sharing.
for (const box of all(".share")) {
  const { address, title } = box.dataset;
  const said = box.querySelector(".share__said");
  const offer = (name, does) => {
    const button = box.querySelector(`.share__${name}`);
    button.hidden = false;
    button.addEventListener("click", () => does().catch(() => {}));
  };
  if (navigator.clipboard) {
    offer("copy", async () => {
      await navigator.clipboard.writeText(address);
      said.textContent = "The link is copied.";
      setTimeout(() => (said.textContent = ""), 6000);
    });
  }
  if (navigator.share) offer("send", () => navigator.share({ title, url: address }));
}

// The comparison takes so many and no more: the rest rest until one is let go.
for (const form of all(".choose")) {
  const boxes = all("input[type=checkbox]", form);
  const most = Number(form.dataset.most);
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    for (const box of boxes) box.disabled = !box.checked && chosen >= most;
    form.querySelector("[role=status]").textContent =
      chosen < most ? `${chosen} of ${most} chosen` : `${most} chosen, as many as fit. To choose another, let one go.`;
  };
  form.addEventListener("change", count);
  count();
}
