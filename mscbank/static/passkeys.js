// Passkeys. The browser asks the device; the answer goes with the form it was asked for. Nothing
// typed is lost when it fails: the page stays, and a sentence says what to do.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  function forAsking(options) {
    if (PublicKeyCredential.parseRequestOptionsFromJSON) {
      return PublicKeyCredential.parseRequestOptionsFromJSON(options);
    }
    return { ...options, challenge: bytes(options.challenge),
      allowCredentials: known(options.allowCredentials) };
  }

  function forMaking(options) {
    if (PublicKeyCredential.parseCreationOptionsFromJSON) {
      return PublicKeyCredential.parseCreationOptionsFromJSON(options);
    }
    return { ...options, challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials) };
  }

  function asText(credential) {
    if (credential.toJSON) return JSON.stringify(credential.toJSON());
    const response = {};
    for (const name of ["clientDataJSON", "authenticatorData", "signature", "userHandle",
      "attestationObject"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId),
      type: credential.type, response, clientExtensionResults: {} });
  }

  // What went wrong, as a sentence. A browser tells "cancelled" from "too late" by the clock alone.
  function sentence(error, late) {
    const otherwise = tell("Press the button again, or give a time code if you have one.");
    const told = {
      NotAllowedError: late ? tell("The time to confirm with the passkey ran out.") :
        tell("You did not confirm with the passkey, so nothing was sent."),
      AbortError: tell("Confirming with the passkey was stopped, so nothing was sent."),
      InvalidStateError: tell("This device already holds a passkey of yours for this bank."),
      SecurityError: tell("Passkeys do not work at this address."),
      NotSupportedError: tell("This device cannot make or use such a passkey."),
      ConstraintError: tell("This device cannot ask for a PIN, finger or face. Use one that can."),
    }[error.name] || tell("The passkey could not be used.");
    return `${told} ${otherwise}`;
  }

  async function use(field) {
    if (!window.PublicKeyCredential || !navigator.credentials) {
      throw new Error(tell("This browser knows no passkeys: use another one, or a time code."));
    }
    if (location.origin !== field.dataset.origin) {
      throw new Error(tell("Passkeys of this bank work at {origin} only: open it there.",
        { origin: field.dataset.origin }));
    }
    const making = field.dataset.create;
    const options = JSON.parse(making || field.dataset.passkey);
    const begun = performance.now();
    try {
      const credential = making
        ? await navigator.credentials.create({ publicKey: forMaking(options) })
        : await navigator.credentials.get({ publicKey: forAsking(options) });
      return asText(credential);
    } catch (error) {
      throw new Error(sentence(error, performance.now() - begun >= options.timeout - 500));
    }
  }

  // Fills the answer of one field; says whether it could.
  async function answer(field, box) {
    const said = field.querySelector("[data-said]");
    if (field.dataset.busy) return false;
    field.dataset.busy = "yes";
    said.className = "said";
    said.textContent = tell("Confirm on your device: PIN, finger or face.");
    try {
      box.value = await use(field);
      said.textContent = tell("The passkey has confirmed.");
      return true;
    } catch (error) {
      said.className = "error";
      said.textContent = error.message;
      return false;
    } finally {
      delete field.dataset.busy;
    }
  }

  const wake = () => document.querySelectorAll("[data-passkey], [data-create]").forEach((field) => {
    const form = field.closest("form");
    const box = form.elements[field.dataset.answer];
    const button = field.querySelector("[data-ask]");
    window.addEventListener("pageshow", (event) => { if (event.persisted) box.value = ""; });
    if (button) { // a second person confirms by a button of their own
      button.addEventListener("click", () => answer(field, box));
      return;
    }
    const code = form.elements[field.dataset.answer.replace("_answer", "_code")];
    form.addEventListener("submit", async (event) => {
      const pressed = event.submitter;
      if (box.value || (code && code.value.trim()) || (pressed && pressed.formNoValidate)) return;
      event.preventDefault();
      event.stopPropagation(); // not sent yet: the button stays alive
      if (await answer(field, box)) form.requestSubmit(pressed || undefined);
      else if (pressed) pressed.focus();
    });
  });
  document.addEventListener("swapped", wake); // the bedside puts one page in another's place
  wake();
})();
