// A form that was refused is an answer to what was sent: Back would ask to send it again. So its place in the history becomes the page
// that asks for the form. What was typed, but for secrets, is filled in there once more where it is content, and not about people.
const key = `refused:${document.body.dataset.user}:${location.pathname}`;
const SECRET = "[type=password], [type=hidden], [type=file], [type=submit], .code";
const fields = () => [...document.querySelectorAll("form[data-content] :is(input, textarea, select)")].filter((one) => one.name && !one.matches(SECRET));
const isChosen = (field) => field.matches("[type=checkbox], [type=radio]");

if (document.querySelector(".error-summary, .errornote")) {
  history.replaceState(history.state, "", location.href);
  const keep = () => sessionStorage.setItem(key, JSON.stringify(fields().map((one) => [one.name, isChosen(one) ? [one.value, one.checked] : one.value])));
  addEventListener("pagehide", keep);
} else if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "[]");
  for (const [name, value] of kept) {
    for (const field of fields().filter((one) => one.name === name)) {
      if (!isChosen(field)) field.value = value;
      else if (field.value === value[0]) field.checked = value[1];
    }
  }
} else {
  sessionStorage.removeItem(key);
}
