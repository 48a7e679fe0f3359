// Comfort in the admin: every page is whole without this file.

// A form is sent once, however often its button is pressed. A page that comes back from the browser's memory may send again.
// Where a button downloads a file the page stays, and others are pressed after it.
for (const form of document.querySelectorAll("form[method=post i]:not([data-many])")) {
  let sent = false;
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return; // another tab answers: this page stays
    if (sent) event.preventDefault();
    sent = true;
  });
  addEventListener("pageshow", () => (sent = false));
}

// What is wrong stands above a page that may be long: its reader begins there.
document.querySelector(".error-summary")?.focus();

// A field that goes with one choice ("when:later") can't be reached, and isn't sent, while another one is chosen.
for (const field of document.querySelectorAll("[data-wanted-with]")) {
  const [name, value] = field.dataset.wantedWith.split(":");
  const follow = () => (field.disabled = new FormData(field.form).get(name) !== value);
  field.form.addEventListener("change", follow);
  addEventListener("pageshow", follow); // a page from the browser's memory comes with what was chosen there
  follow();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// An address that staff hand on is copied from the field before its button.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = button.parentElement.querySelector("input");
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    await navigator.clipboard?.writeText(field.value).then(() => (button.textContent = "Copied"), () => {});
  });
}

// On a phone the list of everything lies folded below what is to do.
if (matchMedia("(max-width: 767px)").matches) {
  for (const details of document.querySelectorAll("details[data-fold-on-phones]:not(.all-sections--alone)")) details.open = false;
}
