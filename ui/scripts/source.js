// The panel of a source: previous and next citation by key, the focus kept, the place that is shown scrolled to.
const reading = window.ragReading ??= { go: "", open: false, listens: false };

element.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-act='source'], [data-act='open']");
  if (!chosen || !element.contains(chosen)) return;
  // A link of the panel is gone once the panel shows what it leads to: the focus goes to the one in its place.
  reading.go = chosen.closest(".source") ? chosen.dataset.go : "";
});

// Within the conversation and its panel only, and not while one writes. By place on the keyboard, whatever its letters.
const step = (event) => {
  const desk = event.target.closest?.("#desk");
  if (!desk || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea")) return;
  const go = { BracketLeft: "previous", BracketRight: "next" }[event.code];
  const link = go && desk.querySelector(`.source [data-go="${go}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
};
if (!reading.listens) document.addEventListener("keydown", step);
reading.listens = true;

// The citation that is shown is the current one in the conversation, however it was come by.
const markCurrent = (panel) => {
  const { turn, place } = panel.dataset;
  if (!place || !panel.closest("#desk")) return;
  const cites = [...document.querySelectorAll(".conversation .cite")];
  const same = cites.filter((cite) => cite.dataset.turn === turn && cite.dataset.place === place);
  if (same.includes(last.link)) return;
  cites.forEach((cite) => cite.removeAttribute("aria-current"));
  if (same.length) same[0].setAttribute("aria-current", "true");
  last.link = same[0] ?? last.link;
};

const center = (panel, place) => {
  const text = place.closest(".text");
  const { top } = place.getBoundingClientRect();
  if (text.scrollHeight > text.clientHeight + 1) {
    text.scrollTop += top - text.getBoundingClientRect().top - text.clientHeight / 3;
  } else if (!panel.closest("#deciding")) {
    place.scrollIntoView({ block: "center" });
  }
};

const showPlace = (panel) => {
  const place = panel.querySelector(".here, .box");
  if (!place) return;
  const picture = panel.querySelector(".page img");
  if (picture && !picture.complete) picture.addEventListener("load", () => center(panel, place), { once: true });
  else center(panel, place);
};

const showReading = () => {
  const panel = element.querySelector(".source");
  if (!panel) return;
  const why = panel.querySelector("details");
  if (why) {
    why.open = reading.open;
    why.addEventListener("toggle", () => { reading.open = why.open; });
  }
  markCurrent(panel);
  if (reading.go) (panel.querySelector(`[data-go="${reading.go}"]`) ?? panel.querySelector("h2"))?.focus({ preventScroll: true });
  reading.go = "";
  showPlace(panel);
};
watch("value", () => {
  const more = last.next !== null;
  if (element.id === "panel") sourceCame();
  if (!more) showReading();
});
