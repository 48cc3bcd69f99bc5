// The camera as a scanner. The browser's own reader is used where there is one; else single pictures
// go to the bank, which reads them and keeps none. A code counts when it was read twice alike; then
// the picture stands still, it beeps, and the code goes the way of every scan.
"use strict";
(() => {
  const LARGE = 1280; // pixels along the longer side: enough for a label held in front of a phone
  const AGAIN = 120; // ms between two looks
  const form = document.getElementById("scan");
  if (!form || !navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) return;
  const CODE = /^[BCDEFGHJKLNPRTVX]{20}(?:[BCDEFGHJKLNPRTVX]{4})?$/;
  let field = null; // where the code goes, if the focus was in a box made for scans

  async function reader() {
    if (!("BarcodeDetector" in window)) return null;
    const known = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
    const formats = ["qr_code", "data_matrix"].filter((one) => known.includes(one));
    return formats.includes("qr_code") ? new window.BarcodeDetector({ formats }) : null;
  }

  // One label bears several symbols: its house code is wanted. Two house codes are two labels.
  function chosen(texts) {
    const small = [...new Set(texts.filter((text) => CODE.test(text)))];
    if (small.length > 1) return { many: true };
    return { text: small[0] || [...texts].sort()[0] || "" };
  }

  async function look(video, canvas, own) {
    if (own) return chosen((await own.detect(video)).map((found) => found.rawValue));
    const scale = Math.min(1, LARGE / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    const answer = await fetch("/scan/frame", { method: "POST", body: picture,
      headers: { "X-CSRF": form.elements.csrf.value, "Content-Type": "image/jpeg" },
      signal: AbortSignal.timeout(4000) });
    if (answer.status === 429) await new Promise((done) => setTimeout(done, 1000));
    if (!answer.ok) return { text: "" };
    return chosen((await answer.json()).texts);
  }

  async function open(words) {
    const sheet = document.createElement("dialog");
    sheet.className = "camera";
    sheet.setAttribute("aria-label", words.open);
    sheet.innerHTML = '<div class="sight"><video playsinline muted></video></div><div class="below">' +
      '<p role="status"></p><p class="row"><button type="button" class="button plain" data-light hidden></button>' +
      '<button type="button" class="button" data-close></button></p></div>';
    const [video, said] = [sheet.querySelector("video"), sheet.querySelector("[role=status]")];
    const [light, shut] = [sheet.querySelector("[data-light]"), sheet.querySelector("[data-close]")];
    light.textContent = words.light;
    shut.textContent = words.shut;
    document.body.append(sheet);
    let stream = null;
    const close = () => {
      if (stream) stream.getTracks().forEach((track) => track.stop());
      sheet.remove();
    };
    shut.addEventListener("click", close);
    sheet.addEventListener("close", close);
    sheet.showModal();
    said.textContent = words.hold;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: {
        facingMode: "environment", width: { ideal: 1920 }, height: { ideal: 1080 } } });
    } catch {
      said.textContent = words.refused;
      return;
    }
    video.srcObject = stream;
    await video.play();
    const [track] = stream.getVideoTracks();
    if (track.getCapabilities && track.getCapabilities().torch) {
      let on = false;
      light.hidden = false;
      light.addEventListener("click", () => {
        on = !on;
        track.applyConstraints({ advanced: [{ torch: on }] });
      });
    }
    const own = await reader();
    const canvas = document.createElement("canvas");
    let before = "";
    while (sheet.isConnected) {
      const seen = await look(video, canvas, own).catch(() => ({ text: "", lost: true }));
      if (!sheet.isConnected) return;
      if (seen.lost) said.textContent = words.lost;
      else said.textContent = seen.many ? words.many : words.hold;
      if (seen.text && seen.text === before) {
        video.pause();
        sheet.classList.add("read");
        document.dispatchEvent(new CustomEvent("sounds", { detail: "read" }));
        if (navigator.vibrate) navigator.vibrate(90);
        await new Promise((done) => setTimeout(done, 250));
        close();
        document.dispatchEvent(new CustomEvent("read", { detail: { text: seen.text, how: "camera", node: field } }));
        return;
      }
      before = seen.text || "";
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }

  function offer() {
    const words = form.dataset;
    if (!document.querySelector(`link[href="${words.sheet}"]`)) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: words.sheet }));
    }
    for (const place of [form, ...document.querySelectorAll("form[data-camera]")]) {
      if (place.querySelector(".camera-here")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = place === form ? "button plain camera-small" : "button plain camera-here";
      button.textContent = place === form ? words.short : words.open;
      button.setAttribute("aria-label", words.open);
      button.classList.add("camera-here");
      button.addEventListener("click", () => open(words));
      place.prepend(...(place === form ? [] : [button]));
      if (place === form) place.append(button);
    }
  }

  document.addEventListener("focusin", (event) => {
    if (event.target.closest("dialog") || event.target.classList.contains("camera-here")) return;
    field = event.target.dataset && event.target.dataset.scan ? event.target : null;
  });
  navigator.mediaDevices.enumerateDevices().then((devices) => {
    if (!devices.some((device) => device.kind === "videoinput")) return;
    offer();
    document.addEventListener("swapped", offer);
  }).catch(() => {});
})();
