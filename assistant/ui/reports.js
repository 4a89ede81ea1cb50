// Runs once in each HTML component of the pages 报告 and 评测: `element` is its root, `trigger` sends an event.
// Gradio lets a page listen to those events only that it finds named here in quotes.
const EVENTS = ["look", "close", "delete", "restore", "back", "show", "large"];

function act(target) {
  const ask = target.closest("[data-ask]");
  if (ask) return question(ask.parentElement, true);
  const keep = target.closest("[data-keep]");
  if (keep) return question(keep.closest(".jd-ask"), false);
  const doing = target.closest("[data-do]");
  if (!doing || doing.disabled || !EVENTS.includes(doing.dataset.do)) return;
  doing.disabled = true; // until the page is drawn anew: a second click does nothing
  setTimeout(() => (doing.disabled = false), 3000);
  trigger(doing.dataset.do, { name: doing.dataset.name ?? "", part: Number(doing.dataset.part ?? 1) });
}

function question(ask, open) {
  ask.querySelector("[data-ask]").hidden = open;
  const sure = ask.querySelector(".jd-sure");
  sure.hidden = !open;
  (open ? sure.querySelector("[data-keep]") : ask.querySelector("[data-ask]")).focus();
}

function find(field) {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = [...element.querySelectorAll("[data-words]")];
  rows.forEach((row) => (row.hidden = !words.every((word) => row.dataset.words.includes(word))));
  element.querySelector("[data-none]").hidden = rows.some((row) => !row.hidden);
}

function follow() {
  const log = element.querySelector(".jd-rlog");
  if (log) log.scrollTop = log.scrollHeight;
}

element.addEventListener("click", (event) => act(event.target));
element.addEventListener("keydown", (event) => {
  const ask = event.target.closest(".jd-ask");
  if (event.key === "Escape" && ask) question(ask, false);
});
element.addEventListener("input", (event) => event.target.matches("[data-find]") && find(event.target));
new MutationObserver(follow).observe(element, { childList: true, subtree: true, characterData: true });

// The server cuts off a file over the limit, and Gradio says nothing of it; so it is not sent at all.
const limit = Number(document.querySelector("[data-limit]")?.dataset.limit ?? Infinity);
if (element.closest("#jd-rlisting")) {
  document.getElementById("jd-reports").addEventListener(
    "change",
    (event) => {
      const large = [...(event.target.files ?? [])].find((file) => file.size > limit);
      if (!large) return;
      event.stopImmediatePropagation();
      event.target.value = "";
      trigger("large", { name: large.name, part: 1 });
    },
    true,
  );
}
