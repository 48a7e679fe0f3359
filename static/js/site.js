// Comfort only: every page is whole without this file.

// After a form came back with faults, reading starts at the list of them.
document.querySelector(".error-summary")?.focus();

// The list of contents shows where the reader is.
const links = new Map([...document.querySelectorAll(".contents a")].map((link) => [link.hash.slice(1), link]));
if (links.size && "IntersectionObserver" in window) {
  const seen = new Set();
  const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const observer = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target) : seen.delete(entry.target);
      const here = headings.find((heading) => seen.has(heading.closest("section")));
      if (!here) return;
      for (const link of links.values()) link.removeAttribute("aria-current");
      links.get(here.id).setAttribute("aria-current", "location");
    },
    { rootMargin: "-10% 0px -75% 0px" },
  );
  for (const heading of headings) observer.observe(heading.closest("section"));
}
