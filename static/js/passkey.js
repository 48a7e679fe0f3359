// Passkeys: a button beside each field that wants a browser's answer to a challenge. Without this file there are codes.

const toBytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The challenge as the browser wants it: what the server sent as text is bytes. */
function decoded({ publicKey: options }) {
  const key = (one) => ({ ...one, id: toBytes(one.id) });
  return {
    ...options,
    challenge: toBytes(options.challenge),
    ...(options.user && { user: key(options.user) }),
    ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(key) }),
    ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map(key) }),
  };
}

/** The answer as the server wants it: bytes as text. */
function encoded(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = toText(credential.response[name]);
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

/** A fresh challenge, from the page that hands them out: one that another tab was given is of no use here. */
async function challenge(address) {
  const page = await (await fetch(address)).text();
  const data = JSON.parse(new DOMParser().parseFromString(page, "text/html").getElementById("js_data").textContent);
  return data.creation_options ?? data.request_options;
}

for (const field of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  const { passkey: verb, label, challenge: address, before } = field.dataset;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button passkey", textContent: label });
  const said = Object.assign(document.createElement("p"), { className: "passkey__said" });
  said.setAttribute("role", "status");
  const row = field.form.querySelector(before ? `div:has(> [name="${before}"])` : ".submit-row");
  row ? row.before(button, said) : field.form.append(button, said);
  if (verb === "create") row.querySelector("[type=submit]").remove();
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      const credential = await navigator.credentials[verb]({ publicKey: decoded(await challenge(address)) });
      field.value = JSON.stringify(encoded(credential));
    } catch {
      said.textContent = "Your device gave no passkey. Try it again, or go on without one.";
      return;
    }
    field.form.requestSubmit();
  });
}
