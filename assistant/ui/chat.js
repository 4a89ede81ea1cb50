// The script of the page 问答, run once when #jd-conversation is mounted (Gradio's js_on_load): `element` is its root,
// `trigger` sends an event to the server, `watch` tells of changes that the server sends (see turns.py).
// Events: "ask" "open" "fresh" "remove" "sync" "cite" "withdraw" "vote" "rename" "find" "export"
// "news" "catch"
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const box = () => $("#jd-question textarea");
const scroller = $("#jd-scroll");
const state = { instead: "", words: "", sent: "", mark: "", heard: 0 };

function stored(area, name, make) {
  try {
    if (!area.getItem(name) && make) area.setItem(name, make());
    return area.getItem(name) ?? "";
  } catch {
    return ""; // storage is switched off: the page works until it is reloaded
  }
}
function store(name, value) {
  try {
    sessionStorage.setItem(name, value);
  } catch {}
}
const secret = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
let talk = stored(sessionStorage, "judian-talk", secret);
let drawn = talk; // the conversation whose turns are shown
// A new conversation is named here: a question that is sent before the server has opened it goes into it all the same.
function visit(id) {
  talk = id;
  store("judian-talk", id);
}

window.jd = {
  page(asking = false) {
    const told = {
      talk,
      known: $$("#jd-conversation .jd-turn").map((turn) => turn.dataset.stamp),
      instead_of: asking ? state.instead : "",
      words: state.words,
      browser: stored(localStorage, "judian-browser", secret),
    };
    if (asking) edit("");
    return JSON.stringify(told);
  },
  seen() {
    return JSON.stringify({
      talk,
      mark: state.mark,
      seen: $(".jd-header")?.dataset.seen ?? "",
      bare: $(".jd-turn", element) ? "" : "yes",
      browser: stored(localStorage, "judian-browser", secret),
    });
  },
  sent() {
    const told = this.page(true);
    state.sent = box().value;
    write("");
    return told;
  },
};

function write(words) {
  const area = box();
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(area, words);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

function edit(key) {
  state.instead = key;
  $("#jd-composer").classList.toggle("editing", Boolean(key));
}

// What the server sends ---------------------------------------------------------------------------------------------

function apply(change) {
  if (!change || typeof change !== "object") return;
  if (change.said) say(change.said);
  if (change.said && !change.order && !box().value) write(state.sent);
  if (change.file) keep(change.file);
  if (change.news && change.welcome && !$(".jd-turn", element)) element.innerHTML = change.welcome;
  if (change.news && change.catch) trigger("catch", {});
  if (!change.order || change.told !== talk) return; // of a conversation that was left
  if (change.talk !== drawn) element.replaceChildren();
  visit((drawn = change.talk));
  state.mark = change.mark;
  const had = new Map($$(".jd-turn", element).map((turn) => [turn.dataset.stamp, turn]));
  if (change.order.some((stamp) => !had.has(stamp) && !(stamp in change.html))) return trigger("sync", {});
  const turns = change.order.map((stamp) => had.get(stamp) ?? made(stamp, change.html[stamp]));
  const wanted = new Set(turns);
  [...element.children].forEach((child) => wanted.has(child) || child.remove());
  turns.forEach((turn, at) => element.children[at] === turn || element.insertBefore(turn, element.children[at] ?? null));
  if (!turns.length) element.innerHTML = change.welcome;
  if (change.opened && turns.length) follow = true;
  settle();
}

function made(stamp, html) {
  const turn = document.createElement("section");
  turn.className = "jd-turn";
  turn.dataset.stamp = stamp;
  turn.innerHTML = html;
  return turn;
}

function keep({ name, mime, data }) {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const link = Object.assign(document.createElement("a"), {
    href: URL.createObjectURL(new Blob([bytes], { type: mime })),
    download: name,
  });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// A question that was just sent is shown; a growing answer does not pull down who has scrolled up.
let follow = true;
scroller.addEventListener("scroll", () => {
  follow = scroller.scrollTop + scroller.clientHeight > scroller.scrollHeight - 80;
});
function settle() {
  const shown = $("#jd-running [data-talk]")?.dataset.talk;
  $("#jd-running").classList.toggle("stale", Boolean(shown) && shown !== talk); // a late word of a conversation left
  if (follow) scroller.scrollTop = scroller.scrollHeight;
}
new MutationObserver(settle).observe($("#jd-running"), { childList: true, subtree: true, characterData: true });

function showOpened() {
  const panel = $(".jd-panel");
  const [turn, n] = (panel?.dataset.shown ?? "").split(":");
  $$(".jd-chip.open").forEach((chip) => chip.classList.remove("open"));
  if (turn) $$(`.jd-chip[data-turn="${turn}"][data-cite="${n}"]`, element).forEach((chip) => chip.classList.add("open"));
  const mark = panel && $(".jd-sheet i, .jd-source mark", panel);
  if (!mark) return;
  const frame = mark.closest(".jd-source");
  const bring = () => {
    frame.scrollTop += mark.getBoundingClientRect().top - frame.getBoundingClientRect().top - 96;
  };
  bring();
  const image = $(".jd-sheet img", panel);
  if (image && !image.complete) image.addEventListener("load", bring, { once: true });
}
new MutationObserver(showOpened).observe($("#jd-panel"), { childList: true, subtree: true, characterData: true });

// Small windows ------------------------------------------------------------------------------------------------------

const app = $("#jd-app");
const shows = (name, on) => app.classList.toggle(name, on);

function dialogue(title, body, buttons) {
  const box = document.createElement("dialog");
  box.className = "jd-dialog";
  box.setAttribute("aria-label", title);
  const form = document.createElement("form");
  form.method = "dialog";
  form.append(Object.assign(document.createElement("h3"), { textContent: title }), ...body);
  const row = Object.assign(document.createElement("div"), { className: "jd-buttons" });
  for (const [label, run, kind] of [...buttons, ["取消", null, ""]]) {
    const button = Object.assign(document.createElement("button"), { textContent: label, className: kind ?? "" });
    button.type = run ? "submit" : "button";
    button.addEventListener("click", (event) => {
      event.preventDefault();
      box.close();
      if (run) run();
    });
    row.append(button);
  }
  form.append(row);
  box.append(form);
  box.addEventListener("close", () => box.remove());
  box.addEventListener("click", (event) => event.target === box && box.close());
  document.body.append(box);
  box.showModal();
}
function field(label, value = "", lines = 1) {
  const row = Object.assign(document.createElement("label"), { textContent: label });
  const input = document.createElement(lines > 1 ? "textarea" : "input");
  Object.assign(input, { value, maxLength: lines > 1 ? 2000 : 60 });
  if (lines > 1) input.rows = lines;
  row.append(input);
  return [row, input];
}
const line = (words) => Object.assign(document.createElement("p"), { textContent: words });

function menu(id, title) {
  const [row, input] = field("名称", title);
  dialogue("这个对话", [row], [
    ["改名", () => trigger("rename", { talk: id, title: input.value }), "main"],
    ["导出 Word", () => trigger("export", { talk: id, kind: "word" })],
    ["导出 Markdown", () => trigger("export", { talk: id, kind: "markdown" })],
    ["删除", () => confirmRemoval(id, title), "danger"],
  ]);
}
function confirmRemoval(id, title) {
  dialogue("删除这个对话？", [line(`“${title}”会从记录里删去，不能恢复。`)], [
    ["删除", () => remove(id), "danger"],
  ]);
}
function remove(id) {
  if (id === talk) visit(secret());
  trigger("remove", { removed: id });
}
function complain(turn) {
  const [why, comment] = field("哪里不对？（可以不填）", "", 2);
  const [right, answer] = field("正确答案是……（可以不填）", "", 2);
  dialogue("这个回答有问题", [why, right], [
    ["提交", () => trigger("vote", { turn, vote: "down", comment: comment.value, right_answer: answer.value }), "main"],
  ]);
}

let saying, tip;
function say(words) {
  const note = $(".jd-say") ?? document.body.appendChild(Object.assign(document.createElement("div"), { className: "jd-say" }));
  note.setAttribute("role", "status");
  note.textContent = words;
  note.classList.add("on");
  clearTimeout(saying);
  saying = setTimeout(() => note.classList.remove("on"), 4000);
}

// What the user does -------------------------------------------------------------------------------------------------

const acts = {
  cite: ({ cite, turn }) => (shows("side", true), trigger("cite", { turn, n: Number(cite) })),
  near: ({ near, turn }) => (shows("side", true), trigger("cite", { turn, near: Number(near) })),
  ask: ({ ask }) => trigger("ask", { question: ask }),
  again: ({ again }, target) => {
    edit(again);
    trigger("ask", { question: $(".jd-question", target.closest(".jd-turn")).textContent });
  },
  edit: (data, target) => {
    write($(".jd-question", target.closest(".jd-turn")).textContent);
    edit(data.edit);
    box().focus();
  },
  withdraw: ({ withdraw }) => trigger("withdraw", { turn: withdraw }),
  vote: ({ vote, turn }, target) => {
    if (target.getAttribute("aria-pressed") === "true") return trigger("vote", { turn, vote: "none" });
    if (vote === "down") return complain(turn);
    trigger("vote", { turn, vote });
  },
  copy: ({ copy }, target) => {
    put(copy);
    target.textContent = "已复制";
    setTimeout(() => (target.textContent = "复制"), 1500);
  },
  open: ({ open }) => (shows("list", false), edit(""), visit(open), trigger("open", {})),
  fresh: () => (shows("list", false), edit(""), visit(secret()), trigger("fresh", {}), box().focus()),
  menu: ({ menu: id, title }) => menu(id, title),
  list: () => shows("list", !app.classList.contains("list")),
  back: () => shows("side", false),
  zoom: (_, target) => target.classList.toggle("large"),
  tab: ({ tab }) => $$('#jd-tabs [role="tab"]').find((one) => one.textContent.trim() === tab)?.click(),
};
const SELECTOR = Object.keys(acts).map((name) => `[data-${name}]`).join(",");

function act(target) {
  const found = target.closest?.(SELECTOR);
  if (!found || !found.closest("#jd-main") || found.disabled || found.matches("input")) return false;
  const name = Object.keys(acts).find((each) => each in found.dataset && (each !== "turn"));
  acts[name](found.dataset, found);
  return true;
}

function put(words) {
  // The clipboard exists in secure contexts only; a colleague's http://host:7860 is not one.
  if (navigator.clipboard) return navigator.clipboard.writeText(words);
  const area = Object.assign(document.createElement("textarea"), { value: words });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

document.addEventListener("click", (event) => {
  tip?.remove();
  if (act(event.target)) event.preventDefault();
  else if (app.classList.contains("list") && !event.target.closest("#jd-list")) shows("list", false);
});
document.addEventListener("keydown", (event) => {
  const target = event.target;
  if ((event.key === "Enter" || event.key === " ") && target.getAttribute?.("role") === "button") {
    if (act(target)) event.preventDefault();
  }
  if (event.key === "Escape" && !$("dialog[open]")) {
    if (target === box() && state.instead) edit("");
    shows("side", false);
    shows("list", false);
  }
  if (event.key === "/" && !target.closest?.("input, textarea, [contenteditable]")) {
    event.preventDefault();
    box().focus();
  }
});
// Enter that ends the choice of a Chinese word in an input method sends nothing.
document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.stopPropagation();
  },
  true,
);
document.addEventListener("input", (event) => {
  if (event.target === box()) {
    store("judian-typed", box().value);
    $("#jd-composer").classList.toggle("full", box().value.length >= 3000);
    if (!box().value) edit("");
  }
  if (!event.target.matches("[data-find]")) return;
  state.words = event.target.value;
  clearTimeout(state.finding);
  state.finding = setTimeout(() => trigger("find", {}), 250);
});

// Gradio names the two ends of a slider in English; a reader of the screen is told its label alone.
document.addEventListener("focusin", ({ target }) => {
  const named = target.getAttribute?.("aria-label") ?? "";
  const label = named.replace(/^(range slider|number input) for /, "");
  if (label !== named) target.setAttribute("aria-label", label);
});

// The quote beside a mark, on hover and on focus.
function hover(event) {
  const chip = event.target.closest?.("[data-quote]");
  if (event.type.endsWith("out") || !chip) return tip?.remove();
  tip?.remove();
  tip = Object.assign(document.createElement("div"), { className: "jd-tip", textContent: chip.dataset.quote });
  tip.setAttribute("role", "tooltip");
  document.body.append(tip);
  const at = chip.getBoundingClientRect();
  const left = Math.min(Math.max(8, at.left - tip.offsetWidth / 2), window.innerWidth - tip.offsetWidth - 8);
  const above = at.top - tip.offsetHeight - 8;
  Object.assign(tip.style, { left: `${left}px`, top: `${above > 8 ? above : at.bottom + 8}px` });
}
for (const name of ["mouseover", "mouseout", "focusin", "focusout"]) document.addEventListener(name, hover);

// The server may be restarted under an open page: what was asked is kept there, what was typed here.
let lost = false;
async function alive() {
  try {
    const answer = await fetch("gradio_api/app_id", { cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (answer.redirected || answer.status === 401) return location.reload(); // the login has run out
    const id = answer.ok ? (await answer.json()).app_id : null;
    if (id !== null && (lost || (state.server && state.server !== id))) return location.reload();
    if (id === null) throw new Error();
    state.server = id;
  } catch {
    lost = true;
    const note = $(".jd-lost") ?? document.body.appendChild(Object.assign(document.createElement("p"), { className: "jd-lost" }));
    note.setAttribute("role", "alert");
    note.textContent = "据典没有回应，可能正在重新启动。恢复后本页会自己接上，问过的和正在写的都不会丢。";
  }
}

// What was typed and not sent is not for who logs in next.
document.addEventListener("click", (event) => {
  if (!event.target.closest('a[href="logout"]')) return;
  try {
    sessionStorage.clear();
  } catch {}
});

// What another tab or a build has changed: a tab that is looked at asks every few seconds and when it is turned to.
function hear() {
  if (document.visibilityState !== "visible" || lost || !begun || Date.now() - state.heard < 1000) return;
  state.heard = Date.now();
  trigger("news", {});
}
setInterval(() => alive().then(hear), 4000);
alive();
// The list of conversations, which other tabs change as well, is drawn anew only for who turns to this tab.
function turned() {
  hear();
  if (document.visibilityState === "visible" && !lost && begun) trigger("find", {});
}
window.addEventListener("focus", turned);
document.addEventListener("visibilitychange", turned);

let begun = false;
watch("value", () => {
  if (!begun && box() && !box().value) write(stored(sessionStorage, "judian-typed"));
  begun = true;
  apply(props.value);
});
// The page shows its conversation as soon as both ends are ready.
(function begin(tries) {
  if (begun || tries > 20) return;
  trigger("sync", {});
  setTimeout(() => begin(tries + 1), 1500);
})(0);
