// Passkeys: make one, or show one to sign in. What the browser brings goes to the desk as JSON; the desk checks it.

const place = document.querySelector(".passkey");
const button = place?.querySelector("button[type=button]");
const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function ask(address, body) {
  const headers = { "content-type": "application/json" };
  if (place.dataset.token) headers["x-parley-token"] = place.dataset.token;
  const answer = await fetch(address, { method: "POST", headers, body, credentials: "same-origin", redirect: "error" });
  const said = await answer.json();
  if (!answer.ok) throw new Error(`${said.what} ${said.do}`);
  return said;
}

function opened(options) {
  options.challenge = octets(options.challenge);
  if (options.user) options.user.id = octets(options.user.id);
  for (const list of ["allowCredentials", "excludeCredentials"]) {
    if (options[list]) options[list] = options[list].map((one) => ({ ...one, id: octets(one.id) }));
  }
  return options;
}

function closed(found) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (found.response[name]) response[name] = text(found.response[name]);
  }
  return JSON.stringify({ id: found.id, rawId: text(found.rawId), type: found.type, response });
}

async function go() {
  button.disabled = true;
  place.querySelector(".said").textContent = "";
  try {
    const publicKey = opened(await ask(place.dataset.ask, "{}"));
    const found = await navigator.credentials[place.dataset.way]({ publicKey });
    const name = place.querySelector(".name")?.value || "";
    await ask(place.dataset.give + (name ? `?name=${encodeURIComponent(name)}` : ""), closed(found));
    location.assign(place.dataset.to);
  } catch (error) {
    place.querySelector(".said").textContent = error.message;
    button.disabled = false;
  }
}

if (button && window.PublicKeyCredential) {
  place.querySelector(".with-script").hidden = false;
  place.querySelector(".without-script").hidden = true;
  button.addEventListener("click", go);
}
