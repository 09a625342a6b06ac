// The only script of this page: shows the passkey the challenge that the page names, and hands the answer to the desk.
// The office's signer checks it; what the page shows beside the digest is for the officer's eyes.

const place = document.querySelector(".sign");
const button = place?.querySelector("button[type=button]");
const octets = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function go() {
  button.disabled = true;
  place.querySelector(".said").textContent = "";
  try {
    const publicKey = {
      challenge: octets(place.dataset.challenge),
      rpId: place.dataset.site,
      userVerification: "required",
      timeout: 300000,
      allowCredentials: place.dataset.passkeys.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: octets(id) })),
    };
    const found = await navigator.credentials.get({ publicKey });
    const body = JSON.stringify({
      credential: text(found.rawId),
      data: text(found.response.authenticatorData),
      client: text(found.response.clientDataJSON),
      signature: text(found.response.signature),
      role: place.dataset.role,
      reason: place.querySelector(".reason")?.value || "",
    });
    const headers = { "content-type": "application/json", "x-parley-token": place.dataset.token };
    const answer = await fetch(place.dataset.to, { method: "POST", headers, body, credentials: "same-origin", redirect: "error" });
    const said = await answer.json();
    if (!answer.ok) throw new Error(`${said.what} ${said.do}`);
    location.assign(said.to);
  } catch (error) {
    place.querySelector(".said").textContent = error.message;
    button.disabled = false;
  }
}

if (button && window.PublicKeyCredential) {
  button.hidden = false;
  button.addEventListener("click", go);
}
