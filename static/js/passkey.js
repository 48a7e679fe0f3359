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

for (const field of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  const { passkey: verb, label, options } = field.dataset;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button passkey", textContent: label });
  const said = Object.assign(document.createElement("p"), { className: "passkey__said" });
  said.setAttribute("role", "status");
  const row = field.form.querySelector(".submit-row");
  row.before(button, said);
  if (verb === "create") row.querySelector("[type=submit]").hidden = true;
  button.addEventListener("click", async () => {
    said.textContent = "";
    try {
      const credential = await navigator.credentials[verb]({ publicKey: decoded(JSON.parse(options)) });
      field.value = JSON.stringify(encoded(credential));
    } catch {
      said.textContent = "Your device gave no passkey. Try it again, or go on without one.";
      return;
    }
    field.form.requestSubmit();
  });
}
