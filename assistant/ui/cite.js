// Runs once in each HTML component (Gradio's js_on_load): `element` is its root, `trigger` sends an event.
const NARROW = 900;
const scroller = () => document.getElementById("jd-scroll");
const side = () => document.getElementById("jd-side");

function act(target) {
  const cite = target.closest("[data-cite]");
  if (cite) {
    trigger("cite", { turn: Number(cite.dataset.turn), n: Number(cite.dataset.cite) });
    if (window.innerWidth < NARROW) side().scrollIntoView({ behavior: "smooth" });
    return true;
  }
  const example = target.closest("[data-example]");
  if (example) {
    trigger("example", { index: Number(example.dataset.example) });
    return true;
  }
  if (target.closest("[data-back]")) {
    document.getElementById("jd-app").scrollIntoView({ behavior: "smooth" });
    return true;
  }
  const copy = target.closest("[data-copy]");
  if (copy) copyAnswer(copy);
  return Boolean(copy);
}

function copyAnswer(button) {
  const article = button.closest("article");
  const marked = article.querySelector(".jd-text").cloneNode(true);
  marked.querySelectorAll(".jd-chip").forEach((chip) => (chip.textContent = `[${chip.textContent}]`));
  const sources = [...article.querySelectorAll(".jd-sources li")].map((row) => {
    const marks = [...row.querySelectorAll(".jd-chip")].map((chip) => `[${chip.textContent}]`).join("");
    const words = [...row.querySelectorAll(".jd-title, .jd-where")].map((part) => part.textContent);
    return `${marks} ${words.join(" ")}`;
  });
  put([marked.textContent, ...sources].join("\n"));
  button.textContent = "已复制";
  setTimeout(() => (button.textContent = "复制"), 1500);
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

function showOpened() {
  const panel = document.querySelector(".jd-panel");
  const shown = panel?.dataset.shown ?? "";
  document.querySelectorAll(".jd-chip").forEach((chip) => {
    chip.classList.toggle("open", `${chip.dataset.turn}:${chip.dataset.cite}` === shown);
  });
  const mark = panel?.querySelector("mark");
  if (mark && element.contains(mark)) {
    const box = mark.closest(".jd-source");
    box.scrollTop = Math.max(0, mark.offsetTop - box.offsetTop - 96);
  }
}

element.addEventListener("click", (event) => act(event.target));
element.addEventListener("keydown", (event) => {
  if ((event.key === "Enter" || event.key === " ") && event.target.getAttribute("role") === "button") {
    if (act(event.target)) event.preventDefault();
  }
});
new MutationObserver(showOpened).observe(element, { childList: true, subtree: true, characterData: true });

if (scroller()?.contains(element)) {
  let atEnd = true;
  const box = scroller();
  box.addEventListener("scroll", () => {
    atEnd = box.scrollTop + box.clientHeight > box.scrollHeight - 80;
  });
  // A question that was just sent is shown even if one had scrolled up; a growing answer does not pull one down.
  let turns = 0;
  new MutationObserver(() => {
    const now = box.querySelectorAll(".jd-turn").length;
    if (now !== turns) atEnd = true;
    turns = now;
    if (atEnd) box.scrollTop = box.scrollHeight;
  }).observe(box, { childList: true, subtree: true, characterData: true });
}
