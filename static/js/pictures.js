// The form of a picture: what can't be taken is said before it is sent, and the pieces follow the point that is pressed. Without
// this file the server says the same, and draws the pieces when the picture is saved.
const form = document.querySelector("#picture_form");
const cuts = document.querySelector("[data-cuts]");
const { file, alt, is_decorative: decorative, consent, focus_x: x, focus_y: y } = form?.elements ?? {};

// --- what is wrong, before it's sent: a file that was sent for nothing has to be chosen again ---

function weigh() {
  const person = form.querySelector("[name=shows_person]:checked")?.value === "True";
  alt.required = !decorative.checked;
  consent.required = person;
  decorative.setCustomValidity(
    decorative.checked && alt.value.trim() ? "It has a description. Take the description out, or this mark." : "",
  );
  consent.setCustomValidity(
    person && !consent.value.trim() ? "A person is shown only with their written consent: say who agreed to what, and when." : "",
  );
}

function refuse(sentence) {
  file.setCustomValidity(sentence);
  if (sentence) file.reportValidity();
}

async function taken(chosen) {
  const { mostBytes, mostPixels, mostSide } = file.dataset;
  const megabytes = (bytes) => Math.floor(bytes / 1024 ** 2);
  if (!chosen.size) return refuse("This file is empty.");
  if (chosen.size > mostBytes) return refuse(`This file has ${megabytes(chosen.size)} MB. At most ${megabytes(mostBytes)} MB can be taken.`);
  let picture;
  try {
    picture = await createImageBitmap(chosen);
  } catch {
    return refuse("This isn’t a picture that a browser can show. Take a JPEG, PNG, WebP or AVIF.");
  }
  if (picture.width * picture.height > mostPixels || Math.max(picture.width, picture.height) > mostSide)
    return refuse(`This picture is ${picture.width} × ${picture.height} pixels. Make it smaller first.`);
  refuse("");
  return picture;
}

// --- the pieces ---

let source;

function draw(canvas, left, top, width, height, across) {
  canvas.width = Math.max(1, Math.round(Math.min(across, width)));
  canvas.height = Math.max(1, Math.round((canvas.width * height) / width));
  canvas.getContext("2d").drawImage(source, left, top, width, height, 0, 0, canvas.width, canvas.height);
}

function canvasIn(place, name) {
  let canvas = place.querySelector("canvas");
  if (!canvas) {
    canvas = document.createElement("canvas");
    canvas.role = "img";
    canvas.ariaLabel = name;
    place.replaceChildren(canvas);
  }
  return canvas;
}

const percent = (box) => Math.min(100, Math.max(0, Number(box.value) || 0));
const between = (value, most) => Math.min(Math.max(0, value), most);

// as `cut` in publishing/pictures.py
function follow() {
  if (!source) return;
  const { width: wide, height: high } = source;
  for (const place of cuts.querySelectorAll("[data-piece]")) {
    const [across, down] = place.dataset.piece.split(" ").map(Number);
    const width = Math.min(wide, Math.round((high * across) / down));
    const height = Math.min(high, Math.round((wide * down) / across));
    const left = between(Math.round((wide * percent(x)) / 100 - width / 2), wide - width);
    const top = between(Math.round((high * percent(y)) / 100 - height / 2), high - height);
    draw(canvasIn(place, place.dataset.name), left, top, Math.max(1, width), Math.max(1, height), 720);
  }
  const point = cuts.querySelector(".cuts__point");
  point.style.insetInlineStart = `${percent(x)}%`;
  point.style.insetBlockStart = `${percent(y)}%`;
}

function show(picture) {
  const whole = cuts.querySelector("[data-whole]");
  source = picture;
  const canvas = canvasIn(whole, "The whole picture");
  draw(canvas, 0, 0, picture.width, picture.height, 1200);
  if (!whole.querySelector(".cuts__point")) {
    const point = document.createElement("span");
    point.className = "cuts__point";
    whole.append(point);
    canvas.addEventListener("click", (event) => {
      const box = canvas.getBoundingClientRect();
      x.value = Math.round(between((event.clientX - box.left) / box.width, 1) * 100);
      y.value = Math.round(between((event.clientY - box.top) / box.height, 1) * 100);
      x.dispatchEvent(new Event("input", { bubbles: true }));
    });
    cuts.querySelector("[data-how]").hidden = false;
  }
  follow();
}

if (file && cuts) {
  form.noValidate = false;
  weigh();
  form.addEventListener("input", weigh);
  form.addEventListener("change", weigh);
  for (const box of [x, y]) box.addEventListener("input", follow);
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    refuse("");
    const picture = chosen && (await taken(chosen));
    if (picture && chosen === file.files[0]) show(picture);
  });
  const saved = cuts.querySelector("[data-whole] img");
  if (saved) saved.decode().then(() => createImageBitmap(saved)).then(show, () => {});
}
