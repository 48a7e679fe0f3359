"""A page by keyboard: Tab reaches all that can be used, in the order of the page, and shows where it is."""

from playwright.sync_api import Page as Tab

# What can be reached: one radio button of a group, nothing that is folded away; boxes that scroll between.
PREPARE = """() => {
  const can = "a[href], area[href], button, input, select, textarea, summary, iframe, [tabindex], " +
    "[contenteditable]";
  const chosen = (group) => group.find((one) => one.checked) ?? group[0];
  const first = (e) => e.type !== "radio" || !e.name || e === chosen([...document.getElementsByName(e.name)]);
  // what stands in a frame is a page of its own
  for (const frame of document.querySelectorAll("iframe")) frame.inert = true;
  window.stops = [...document.querySelectorAll(can)].filter(
    (e) => e.tabIndex >= 0 && !e.inert && !e.disabled && e.type !== "hidden" &&
      e.checkVisibility({ visibilityProperty: true }) && first(e));
  // wherever the focus was: the next Tab starts from the top
  const start = document.createElement("span");
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
  return window.stops.length;
}"""
# Where the focus is, its number among the stops (-1: a box that scrolls, -2: nowhere), and what's wrong.
HERE = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement)
    return { at: -2, name: "nothing", wrong: [] };
  const at = window.stops.indexOf(e), wrong = [], style = getComputedStyle(e);
  const name = e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " “" +
    (e.innerText || e.getAttribute("aria-label") || e.name || "").trim().slice(0, 30) + "”";
  if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2)
    wrong.push("its focus has no outline");
  else if (style.outlineColor === "rgba(0, 0, 0, 0)") wrong.push("the outline of its focus is transparent");
  const box = e.getClientRects()[0] ?? e.getBoundingClientRect();
  if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
    wrong.push("it is off the screen");
  else {
    const within = (x, y) => {
      const inside = (n, most) => Math.min(Math.max(n, 0), most - 1);
      const there = document.elementFromPoint(inside(x, innerWidth), inside(y, innerHeight));
      const labelled = [...(e.labels ?? [])].some((label) => label.contains(there));
      return there && (e.contains(there) || there.contains(e) || labelled);
    };
    const { left, right, top, bottom } = box, middle = [(left + right) / 2, (top + bottom) / 2];
    const corners = [left + 2, right - 2].flatMap((x) => [[x, top + 2], [x, bottom - 2]]);
    const points = [middle, ...corners];
    const covered = points.filter(([x, y]) => !within(x, y));
    if (covered.length > 2) {
      const over = document.elementFromPoint(...covered[0]);
      const name = over ? over.tagName.toLowerCase() + "." + over.className : "the edge of the screen";
      wrong.push("it lies under " + name);
    }
  }
  // an outline that a box around it cuts off on more than one side
  const out = parseFloat(style.outlineOffset) + 1;
  for (let around = e.parentElement; around && around !== document.body; around = around.parentElement) {
    const { overflowX, overflowY } = getComputedStyle(around);
    if (overflowX === "visible" && overflowY === "visible") continue;
    const clip = around.getBoundingClientRect();
    const beyond = [
      clip.left - box.left, box.right - clip.right, clip.top - box.top, box.bottom - clip.bottom];
    if (beyond.filter((length) => length > -out).length > 1)
      wrong.push("its focus is cut off by " + around.tagName.toLowerCase() + "." + around.className);
  }
  if (e.tabIndex > 0) wrong.push("a tabindex puts it before its turn");
  // a date, and a time, has fields of its own within
  const hasFields = e.matches("[type=date], [type=time], [type=datetime-local]");
  return { at, name, wrong, hasFields };
}"""


def walk(tab: Tab, page, where: str) -> None:
    """From the top to the end with the Tab key. Adds to what was found on `page`."""
    stops, reached = tab.evaluate(PREPARE), 0
    for _ in range(2 * stops + 10):  # boxes that scroll are stops too
        if reached == stops:
            break
        tab.keyboard.press("Tab")
        here = tab.evaluate(HERE)
        for wrong in here["wrong"]:
            page.add("keyboard", f"{here['name']}: {wrong}", where)
        if here["at"] == -1 or here["at"] == reached - 1 and here["hasFields"]:
            continue
        if here["at"] != reached:
            missed = tab.evaluate("n => window.stops[n].outerHTML.slice(0, 90)", reached)
            page.add("keyboard", f"Tab should reach {missed}, and reaches {here['name']}", where)
            break
        reached += 1
    else:
        page.add("keyboard", "Tab goes round and round", where)
