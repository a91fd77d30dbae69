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

// What a page asks for by itself does not overtake a form that is on its way: a reload would end it.
for (const moment of ["htmx:beforeRequest", "htmx:beforeOnLoad"]) {
  document.addEventListener(moment, (event) => {
    const sending = document.querySelector("form[method=post][data-sent]");
    if (sending && event.detail.requestConfig?.verb === "get") event.preventDefault();
  });
}

// What a page asks for by itself is put in only when it is new: nothing is read aloud twice.
const shown = new WeakMap();
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, serverResponse } = event.detail;
  if (shown.get(target) === serverResponse) event.detail.shouldSwap = false;
  shown.set(target, serverResponse);
});

// A page that comes back out of the browser's memory may send again.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// "放进答复" puts the text above the button where the cursor is.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const box = document.getElementById(button.dataset.insert);
  const text = button.parentElement.querySelector(".capsule").textContent;
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
});
