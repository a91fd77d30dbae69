"use strict";

// A corner button for any page:  <script src="https://…/widget.js" async></script>
// It opens the chat in a frame, which is loaded only then. The site must be named in embed_origins.
// Rule: styles are set one by one, so that the strictest policy of the page around allows them.
(() => {
  const script = document.currentScript;
  if (!script || window.shebaoChat) return;
  window.shebaoChat = true;
  const page = new URL("./?embed=1", script.src);
  const OPEN = "社保咨询", CLOSE = "收起咨询", NEWS = "社保咨询（有新回复）";

  function make(tag, style) {
    const made = document.createElement(tag);
    Object.assign(made.style, style);
    return made;
  }

  const host = make("div", { position: "fixed", right: "0", bottom: "0", zIndex: "2147483000" });
  const inside = host.attachShadow({ mode: "open" });
  const button = make("button", {
    position: "fixed", right: "20px", bottom: "20px", minHeight: "52px", padding: "0 20px",
    font: "600 17px/1.4 -apple-system, 'PingFang SC', 'Microsoft YaHei', 'WenQuanYi Micro Hei', sans-serif",
    color: "#fff", background: "#0f4f80", border: "2px solid #fff", borderRadius: "26px",
    boxShadow: "0 3px 14px rgba(15, 40, 65, .35)", cursor: "pointer",
  });
  button.type = "button";
  inside.append(button);
  let frame = null, open = false;

  function build() {
    frame = make("iframe", {
      position: "fixed", border: "0", background: "#fff", boxShadow: "0 6px 30px rgba(15, 40, 65, .35)",
    });
    frame.title = OPEN;
    frame.src = page.href;
    inside.prepend(frame);
  }

  function place() {
    if (!frame) return;
    const small = innerWidth < 560;
    Object.assign(frame.style, {
      display: open ? "block" : "none",
      right: small ? "0" : "20px", bottom: small ? "0" : "84px",
      width: small ? "100%" : "400px", height: small ? "100%" : "min(680px, calc(100% - 110px))",
      borderRadius: small ? "0" : "14px",
    });
    button.style.display = open && small ? "none" : "block";
  }

  function turn(on) {
    open = on;
    if (open && !frame) build();
    place();
    button.textContent = open ? CLOSE : OPEN;
    button.setAttribute("aria-expanded", open);
    if (open && frame) frame.focus();
  }

  button.onclick = () => turn(!open);
  addEventListener("resize", place);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open) { turn(false); button.focus(); }
  });
  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== page.origin) return;
    const told = event.data && event.data.shebao;
    if (told === "close") { turn(false); button.focus(); }
    if (told === "news" && !open) button.textContent = NEWS;
  });
  turn(false);
  if (document.body) document.body.append(host);
  else addEventListener("DOMContentLoaded", () => document.body.append(host));
})();
