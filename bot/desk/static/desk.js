/* Rule 1: every page works without this file.
   Rule 2: it writes no markup, and keeps nothing. */
"use strict";

// Ctrl + Enter sends what is being written.
document.addEventListener("keydown", (event) => {
  const box = event.target;
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  if (!(box instanceof HTMLTextAreaElement) || !("send" in box.dataset)) return;
  event.preventDefault();
  box.form.requestSubmit();
});

// A form that is on its way is not sent again by an impatient second click.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, 5000);
});

// A page that comes back out of the browser's memory may send again.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
