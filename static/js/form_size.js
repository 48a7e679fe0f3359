// What the server couldn't take is said before it is sent, so that it stays in the form. The server says it too (staff/error_views.py).
const most = Number(document.body.dataset.mostSent);

function weight(form) {
  let bytes = 0;
  const escaped = form.enctype !== "multipart/form-data";
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string") continue; // a file is counted by its own form
    bytes += escaped ? new URLSearchParams([[name, value]]).toString().length + 1 : new Blob([name, value]).size;
  }
  return bytes;
}

const megabytes = (bytes) => (bytes / 1024 ** 2).toFixed(1);

if (most) {
  addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      form.querySelector(":scope > .form-too-large")?.remove();
      const bytes = form.method === "post" ? weight(form) : 0;
      if (bytes <= most) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // nor is it counted as sent
      const says = document.createElement("p");
      says.className = "form-too-large errornote";
      says.role = "alert";
      says.tabIndex = -1;
      says.textContent = `This is too much to send at once: ${megabytes(bytes)} MB, and ${megabytes(most)} MB can be taken. Nothing was sent, and your words are still here. Is a whole document pasted into a field?`;
      form.prepend(says);
      says.focus();
    },
    { capture: true },
  );
}
