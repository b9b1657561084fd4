// Run once by each of the page's HTML components, with its `element`, `trigger` and `watch`.
// What is chosen goes to the server as the numbers that stand in data-… attributes, never as text of a document.
const last = window.ragLast ??= { link: null, count: 0 };

const back = () => {
  last.link?.scrollIntoView({ block: "center" });
  last.link?.focus({ preventScroll: true });
};

element.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-act]");
  if (!chosen || !element.contains(chosen)) return;
  event.preventDefault();
  if (chosen.dataset.act === "back") return back();
  if (chosen.dataset.confirm && !window.confirm(chosen.dataset.confirm)) return;
  if (chosen.dataset.act === "source" && chosen.closest(".conversation")) {
    last.link?.removeAttribute("aria-current");
    last.link = chosen;
    chosen.setAttribute("aria-current", "true");
  }
  trigger("click", { ...chosen.dataset });
});

watch("value", () => {
  const panel = element.querySelector(".source");
  if (panel) {
    panel.querySelector("mark")?.scrollIntoView({ block: "center" });
    return;
  }
  const exchanges = element.querySelectorAll(".exchange");
  if (exchanges.length > last.count) exchanges[exchanges.length - 1].scrollIntoView({ block: "start" });
  if (element.querySelector(".conversation")) last.count = exchanges.length;
});
