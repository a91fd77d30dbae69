"use strict";

// The chat page.
// Rule 1: text becomes text nodes, never markup. The sentences of the page stand in chat.html.
// Rule 2: the log shows what the server tells, line by line. What is not yet known to have arrived
//         waits below it in `unsent`, under an id that it keeps however often it is sent.
// Rule 3: nothing is asked of the browser that a phone of 2020 does not have.
(() => {
  const MOST = 4000; // characters of a message that are read
  const SHOWN = 400; // lines kept on the page
  const SILENCE = 40000; // ms without a word of the server, who pings every 15 s
  const $ = (id) => document.getElementById(id);
  const words = {};
  for (const p of $("words").content.querySelectorAll("p")) words[p.dataset.word] = p.textContent;
  const talk = $("talk"), log = $("log"), box = $("box"), root = document.documentElement;
  const embedded = /[?&]embed=/.test(location.search);
  const mouse = matchMedia("(hover: hover)").matches; // elsewhere focus would open a keyboard

  function make(tag, name, text) {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text) made.textContent = text;
    return made;
  }

  // --- what the browser keeps: large type on the device, unsent words in this tab only ---

  function recall(store, key) {
    try { return window[store].getItem(key); } catch { return null; }
  }
  function keep(store, key, value) {
    try { window[store].setItem(key, value); } catch { /* a frame may not keep anything */ }
  }

  // --- links: telephone numbers of authorities, and addresses below gov.cn only ---

  const LINKED = /(?:https?:\/\/)?(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#][\w\-.~:/?#@!$&'*+,;=%]*)?|\d[\d-]+\d/gi;
  const HOTLINE = /^(12333|12345|12393|12366|12329|12348|12350|12351|96110)$/;
  const NUMBER = /^(0\d{2,3}-(\d{7,8}|12333|12345)|[48]00-?\d{3}-?\d{4})$/;

  function address(found, before, after) {
    if (/^[\d-]+$/.test(found)) {
      const called = HOTLINE.test(found) || NUMBER.test(found);
      return called && !/[.\w¥￥〔]$|掌上$/.test(before) && !/[.\w%％元万年]/.test(after) ? "tel:" + found : null;
    }
    const url = /^https?:/i.test(found) ? found : "https://" + found;
    try {
      const ours = new URL(url).hostname.endsWith(".gov.cn");
      return ours && !before.endsWith("@") && after !== "@" ? url : null;
    } catch { return null; }
  }

  function link(text, href) {
    const a = make("a", "", text);
    a.href = href;
    if (!href.startsWith("tel:")) { a.target = "_blank"; a.rel = "noopener noreferrer"; }
    return a;
  }

  const SMALL = /^(?:依据|适用地区)：.*$/gm; // where an answer comes from and where it holds

  function fill(place, text) {
    let done = 0;
    for (const line of text.matchAll(SMALL)) {
      linked(place, text.slice(done, line.index));
      linked(place.appendChild(make("span", "basis")), line[0]);
      done = line.index + line[0].length;
    }
    linked(place, text.slice(done));
  }

  function linked(place, text) {
    let done = 0;
    for (const match of text.matchAll(LINKED)) {
      const found = match[0].replace(/[.,;:!?']+$/, ""), end = match.index + found.length;
      const href = address(found, text.slice(Math.max(0, match.index - 2), match.index), text.charAt(end));
      if (!href) continue;
      place.append(text.slice(done, match.index), link(found, href));
      done = end;
    }
    place.append(text.slice(done));
  }

  // --- the log ---

  let last = 0; // number of the last line that was told
  let lastAt = 0, ready = false, question = null;
  const labels = new Map(); // what a pressed choice says → what stood on it

  function bubble(side, who, text) {
    const one = make("article", side);
    const seen = side === "me" || who === words.bot ? "unseen" : "who";
    const said = make("div", "words");
    one.append(make("p", seen, who), said);
    if (side === "me") said.textContent = text; else fill(said, text);
    return one;
  }

  // A picture opens alone, where it can be enlarged; what it shows is read out, and shown if it fails.
  function picture({ href, words: told }) {
    const image = make("img", "picture"), whole = link("", new URL(href, location.href).href);
    image.alt = told;
    image.loading = "lazy";
    image.onload = () => { if (ready && toEnd() < image.height + 120) follow(); };
    image.onerror = () => whole.replaceWith(make("p", "words", told));
    image.src = href;
    whole.className = "whole";
    whole.append(image);
    return whole;
  }

  function download({ href, name }) {
    const a = make("a", "file", words.file);
    a.href = href;
    a.download = name;
    return a;
  }

  function choices(offered) {
    const group = make("div", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", words.choices);
    for (const { label, send } of offered) {
      labels.set(send, label);
      const button = make("button", "", label);
      button.type = "button";
      button.onclick = once(() => say(send, label));
      group.append(button);
    }
    return group;
  }

  function once(act) { // a double click is one
    let at = 0;
    return () => { if (Date.now() - at > 800) { at = Date.now(); act(); } };
  }

  const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hour12: false });
  const day = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric" });

  function time(at) {
    const then = new Date(at), today = day.format(then) === day.format(new Date());
    if (then - lastAt > 300000) {
      log.append(make("p", "time", (today ? "" : day.format(then) + " ") + clock.format(then)));
    }
    lastAt = then;
  }

  function show(line) {
    if (line.id <= last) return;
    last = line.id;
    typing(false); // a reply is kept with its question; from staff there may be none at once
    if (line.who === "me" && line.text === "/start") return;
    const near = toEnd() < 120;
    time(line.at);
    if (line.who === "me") mine(line); else theirs(line, near);
    while (log.children.length > SHOWN) log.firstChild.remove();
  }

  function mine(line) {
    question = bubble("me", words.me, labels.get(line.text) || line.text || words.attached);
    log.append(question);
    if (line.text) arrived(line.id);
    if (ready) follow();
  }

  function theirs(line, near) {
    const one = bubble("bot", words[line.kind] || words.bot, line.text);
    if (line.kind === "staff") one.classList.add("staff");
    for (const file of line.files || []) one.append(file.kind === "image" ? picture(file) : download(file));
    if (line.choices.length) one.append(choices(line.choices));
    log.append(one);
    answered();
    if (!ready) return;
    if (near) follow(); else $("newer").hidden = false;
    if (document.hidden) document.title = words.news + title;
    tellFrame("news");
  }

  // How far the end is from where the page is, or where it is gliding to: a reply that comes on the
  // way there belongs to it. Whoever scrolls up goes their own way.
  let goal = 0, was = 0;

  function toEnd() {
    return talk.scrollHeight - talk.clientHeight - Math.max(talk.scrollTop, goal);
  }

  function scrolled() {
    if (talk.scrollTop < was) goal = 0;
    was = talk.scrollTop;
    if (toEnd() < 60) $("newer").hidden = true;
  }

  // The end of the talk, but never past the last question: a long answer is read from its top.
  function follow() {
    const end = talk.scrollHeight - talk.clientHeight;
    const top = question && question.isConnected ? question.offsetTop - talk.offsetTop - 10 : Infinity;
    const waiting = $("unsent").children.length > 0;
    talk.scrollTop = goal = waiting ? end : Math.min(end, top);
  }

  // --- sending: in order, one at a time, again until it is heard ---

  let unsent = [], posting = false, failures = 0, timer = 0;
  try { unsent = JSON.parse(recall("sessionStorage", "unsent")) || []; } catch { /* not ours */ }

  function newId() { // crypto.randomUUID is missing where the page comes over plain http
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
  }

  function say(text, label, id) {
    unsent.push({ id: id || newId(), text, label: label || text, after: last, shown: !!id });
    draw();
    typing(true);
    follow();
    pump();
  }

  // A line of mine was told: it is what I sent first. (With two pages open it may be the other
  // one's; this one comes in its turn.)
  function arrived(line) {
    const entry = unsent.find((e) => e.tried && !e.shown && e.after < line);
    if (entry) entry.shown = true;
    draw();
  }

  function answered() { // what was heard before a reply has been told before it
    for (const entry of unsent) if (entry.heard) entry.shown = true;
    draw();
  }

  function draw() {
    unsent = unsent.filter((e) => !(e.heard && e.shown));
    keep("sessionStorage", "unsent", JSON.stringify(unsent));
    $("unsent").textContent = "";
    for (const entry of unsent.filter((e) => !e.shown || e.late)) {
      const one = bubble("me", words.me, entry.label);
      if (entry.late) one.append(make("p", "late", words.late));
      $("unsent").append(one);
    }
  }

  async function pump() {
    clearTimeout(timer);
    const entry = unsent.find((e) => !e.heard);
    if (posting || !entry) return;
    posting = entry.tried = true;
    const { status, told, wait } = await post(entry);
    posting = false;
    if (status === 202) heard(entry);
    else if (status === 401) { typing(false); trouble(told.say); }
    else if (status >= 400 && status < 429) refused(entry, told.say);
    else later(entry, told.say, wait);
  }

  async function post({ id, text }) {
    const stop = new AbortController(), watch = setTimeout(() => stop.abort(), 20000);
    try {
      const answer = await fetch("chat/messages", {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ id, text }), signal: stop.signal,
      });
      const told = await answer.json().catch(() => ({}));
      return { status: answer.status, told, wait: Number(answer.headers.get("Retry-After")) };
    } catch {
      return { status: 0, told: {}, wait: 0 };
    } finally {
      clearTimeout(watch);
    }
  }

  function heard(entry) {
    entry.heard = true;
    entry.late = false;
    if (failures) restored();
    failures = 0;
    draw();
    pump();
  }

  function refused(entry, sentence) { // never as it stands: back to whoever wrote it
    unsent = unsent.filter((e) => e !== entry);
    if (!box.value) { box.value = entry.label; measure(); }
    typing(false);
    trouble(sentence || words.lost);
    draw();
    pump();
  }

  function later(entry, sentence, wait) {
    failures += 1;
    entry.late = entry.text !== "/start";
    typing(false);
    trouble(sentence || words.lost);
    draw();
    timer = setTimeout(pump, 1000 * (wait || Math.min(2 ** failures, 15)));
  }

  // --- listening ---

  let source = null, spoke = Date.now(), tries = 0, again = 0, moved = false, doubt = 0;

  function connect() {
    clearTimeout(again);
    if (source) source.close();
    moved = false;
    $("on-here").hidden = true;
    spoke = Date.now();
    source = new EventSource("chat/events?after=" + last);
    source.onmessage = (event) => { alive(); show(JSON.parse(event.data)); };
    source.onerror = broken;
    source.addEventListener("ready", begin);
    source.addEventListener("ping", alive);
    source.addEventListener("moved", rest);
  }

  function alive() { spoke = Date.now(); }

  function begin() { // all that was said before has been told
    alive();
    clearTimeout(doubt);
    tries = 0;
    restored();
    if (!ready) {
      ready = true;
      follow();
      log.setAttribute("aria-live", "polite");
      requestAnimationFrame(() => talk.classList.add("live"));
      if (!last && !unsent.length) say("/start", "/start", "start-" + new Date().toISOString().slice(0, 10));
    }
    pump();
  }

  function broken() {
    doubt = doubt || setTimeout(() => trouble(words.lost), 2500);
    if (source.readyState !== EventSource.CLOSED) return; // the browser tries again itself
    tries += 1;
    if (tries > 1) why();
    again = setTimeout(connect, 1000 * Math.min(2 ** tries, 15));
  }

  async function why() { // an EventSource does not tell what it was told
    const stop = new AbortController();
    try {
      const answer = await fetch("chat/events?after=" + last, { signal: stop.signal });
      if (!answer.ok) trouble((await answer.json()).say);
    } catch { trouble(words.lost); }
    stop.abort();
  }

  function rest() {
    source.close();
    moved = true;
    trouble(words.moved);
    $("on-here").hidden = false;
  }

  setInterval(() => { if (!moved && Date.now() - spoke > SILENCE) connect(); }, 5000);
  addEventListener("online", () => { connect(); pump(); });
  addEventListener("offline", () => trouble(words.lost));

  // --- what the page says itself ---

  const title = document.title;
  let calm = 0, typed = 0;

  function trouble(sentence) {
    clearTimeout(calm);
    $("state").textContent = sentence;
  }

  function restored() {
    clearTimeout(doubt);
    doubt = 0;
    if (!$("state").textContent || moved) return;
    const lost = $("state").textContent === words.lost;
    trouble(lost ? words.back : "");
    calm = setTimeout(() => trouble(""), 4000);
  }

  function typing(on) {
    clearTimeout(typed);
    $("typing").hidden = !on;
    if (on) typed = setTimeout(() => { typing(false); connect(); }, 9000); // do we still listen?
  }

  function tellFrame(what) {
    if (embedded && parent !== window) parent.postMessage({ shebao: what }, "*");
  }

  // --- the form ---

  function measure() {
    box.style.height = "auto";
    box.style.height = box.scrollHeight + 2 + "px";
    const length = box.value.length > MOST - 500 ? Array.from(box.value.trim()).length : 0;
    const over = length > MOST;
    $("count").textContent = over ? words.over.replace("{n}", length - MOST) : length > MOST - 500 ? length + "/" + MOST : "";
    $("count").className = over ? "over" : "";
    box.setAttribute("aria-invalid", over);
    return !over;
  }

  function submit(event) {
    event.preventDefault();
    const text = box.value.trim();
    if (!text || !measure()) return box.focus();
    box.value = "";
    measure();
    say(text);
    if (mouse || document.activeElement === box) box.focus();
  }

  $("form").onsubmit = submit;
  box.oninput = measure;
  box.onkeydown = (event) => { // 229: Safari ends a composition before it tells of its Enter
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) submit(event);
  };
  for (const button of document.querySelectorAll(".always button:not(#attach)")) {
    button.onclick = once(() => say(button.textContent));
  }

  // --- attachments: one at a time, told when it begins and when it ends ---

  const attach = $("attach"), most = Number(attach.dataset.megabytes);
  let upload = null;

  function send(file) {
    if (!most || upload || !file) return;
    if (file.size > most * 1000000) return trouble(words.heavy.replace("{n}", most));
    if (!file.size) return trouble(words.hollow);
    upload = new XMLHttpRequest(); // fetch does not tell how much has been sent
    upload.open("POST", "chat/uploads?id=" + newId() + "&name=" + encodeURIComponent(file.name.slice(-100)));
    upload.setRequestHeader("Content-Type", "application/octet-stream");
    upload.timeout = 150000;
    upload.upload.onprogress = (event) => { $("sent").value = (100 * event.loaded) / event.total; };
    upload.onload = () => sent(upload.status === 202 ? "" : said(upload.responseText));
    upload.onerror = upload.ontimeout = () => sent(words.unsent);
    upload.onabort = () => sent(words.stopped);
    $("sent").value = 0;
    sending(true);
    trouble(words.uploading.replace("{name}", file.name));
    upload.send(file);
  }

  function said(answer) {
    try { return JSON.parse(answer).say || words.unsent; } catch { return words.unsent; }
  }

  function sent(problem) {
    upload = null;
    sending(false);
    trouble(problem || words.uploaded);
    if (problem) return;
    typing(true);
    calm = setTimeout(() => trouble(""), 4000);
  }

  function sending(on) {
    const held = [attach, $("stop")].includes(document.activeElement);
    $("upload").hidden = !on;
    attach.disabled = on;
    if (held) (on ? $("stop") : attach).focus();
  }

  $("attachable").textContent = words.attachable.replace("{n}", most);
  attach.onclick = () => { $("file").value = ""; $("file").click(); };
  attach.title = $("attachable").textContent;
  $("file").onchange = () => send($("file").files[0]);
  $("stop").onclick = () => { if (upload) upload.abort(); };
  box.onpaste = (event) => { // a screenshot
    const board = event.clipboardData, file = board && board.files[0];
    if (file && most && !board.getData("text/plain")) { event.preventDefault(); send(file); }
  };

  // --- large type, leaving, the frame ---

  function enlarge(on) {
    root.toggleAttribute("data-elder", on);
    $("elder").setAttribute("aria-pressed", on);
    measure();
  }

  function asking(on) {
    $("leaving").hidden = !on;
    $("leave").setAttribute("aria-expanded", on);
    (on ? $("leave-now") : $("leave")).focus();
  }

  async function leave() {
    const answer = await fetch("chat/leave", { method: "POST" }).catch(() => null);
    if (!answer || !answer.ok) return trouble(words.lost);
    keep("sessionStorage", "unsent", "[]");
    await fetch(location.href); // a new cookie, before other pages of this visitor ask for theirs
    keep("localStorage", "left", String(Date.now())); // which they see
    location.reload();
  }

  $("elder").onclick = () => {
    enlarge(!root.hasAttribute("data-elder"));
    keep("localStorage", "elder", root.hasAttribute("data-elder") ? "1" : "");
    follow();
  };
  $("leave").onclick = () => asking($("leaving").hidden);
  $("stay").onclick = () => asking(false);
  $("leave-now").onclick = leave;
  $("on-here").onclick = () => { connect(); box.focus(); };
  $("newer").onclick = () => { $("newer").hidden = true; follow(); talk.focus(); };
  $("close").onclick = () => tellFrame("close");
  talk.onscroll = scrolled;
  addEventListener("storage", (event) => {
    if (event.key === "left") { keep("sessionStorage", "unsent", "[]"); location.reload(); }
    if (event.key === "elder") enlarge(!!event.newValue);
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    if (!$("leaving").hidden) asking(false); else tellFrame("close");
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    document.title = title;
    if (moved) connect();
  });
  addEventListener("focus", () => { if (moved) connect(); });

  if (embedded) { root.setAttribute("data-embed", ""); $("close").hidden = false; }
  enlarge(recall("localStorage", "elder") === "1");
  draw();
  if (mouse) box.focus();
  connect();
})();
