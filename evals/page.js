"use strict";
(() => {
  const questions = [...document.querySelectorAll(".question")];
  const buttons = [...document.querySelectorAll("#filters button")];
  const search = document.querySelector("#filters input");
  let shown = "";
  const apply = () => {
    const words = search.value.trim().toLowerCase();
    for (const question of questions) {
      const fits = !shown || question.dataset.kinds.split(" ").includes(shown);
      question.hidden = !fits || (words !== "" && !question.textContent.toLowerCase().includes(words));
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      shown = button.dataset.show;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
      apply();
    });
  }
  search.addEventListener("input", apply);
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const around = target && target.closest("details");
    if (around) { around.hidden = false; around.open = true; target.scrollIntoView(); }
  };
  addEventListener("hashchange", reveal);
  addEventListener("beforeprint", () => { for (const question of questions) question.open = true; });
  reveal();
})();
