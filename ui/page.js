// Run once by each of the page's HTML components, with its `element`, `trigger` and `watch`.
// What is chosen goes to the server as what stands in data-… attributes, never as text of a document.
const last = window.ragLast ??= { link: null, count: 0, shown: 0, key: "", asked: 0, waits: false, next: null };

const backs = {
  conversation: () => last.link,
  deciding: () => document.querySelector("#offer h2"),
};
const back = () => {
  const place = backs[element.closest("#deciding") ? "deciding" : "conversation"]();
  place?.scrollIntoView({ block: "center" });
  place?.focus({ preventScroll: true });
};

// A proposal is decided on only once it could be seen: not by the second click of two, nor by a key held down.
const SEEN_MS = 400;
const proposed = () => document.querySelector("#offer [data-key]")?.dataset.key;
const decides = (chosen) => chosen.closest("#decide") !== null;

// Sources beside a conversation are asked for one at a time, so that none overtakes another: of those chosen while one
// is on its way the last comes next. A reply that never comes holds nothing up for long.
const PATIENCE_MS = 5000;
const askForSource = (data) => {
  const send = () => {
    const number = (last.asked += 1);
    last.waits = true;
    trigger("click", { ...data, asked: String(number) });
    setTimeout(() => last.asked === number && sourceCame(), PATIENCE_MS);
  };
  if (last.waits) last.next = send;
  else send();
};
const sourceCame = () => {
  const next = last.next;
  Object.assign(last, { waits: false, next: null });
  next?.();
};

element.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-act]");
  if (!chosen || !element.contains(chosen)) return;
  event.preventDefault();
  if (chosen.dataset.act === "back") return back();
  if (chosen.dataset.confirm && !window.confirm(chosen.dataset.confirm)) return;
  if (decides(chosen) && (event.detail > 1 || performance.now() - last.shown < SEEN_MS)) return;
  if (chosen.dataset.act === "source" && chosen.closest(".conversation")) {
    last.link?.removeAttribute("aria-current");
    last.link = chosen;
    chosen.setAttribute("aria-current", "true");
  }
  if (chosen.dataset.act === "source" && chosen.closest("#desk")) return askForSource(chosen.dataset);
  if (decides(chosen)) element.closest("#deciding").setAttribute("aria-busy", "true");
  trigger("click", decides(chosen) ? { ...chosen.dataset, key: proposed() } : { ...chosen.dataset });
});

// Keys that decide: letters outside of the fields, and only while the focus is on the proposal.
const press = (event) => {
  const desk = event.target.closest?.("#deciding");
  if (!desk || event.repeat || event.altKey || event.isComposing) return;
  const modified = event.ctrlKey || event.metaKey;
  const inField = event.target.matches("input, textarea");
  const key = event.key.toLowerCase();
  const act = inField ? modified && key === "enter" && "a" : !modified && key;
  if (!act) return;
  if (act === "e") desk.querySelector("textarea")?.focus();
  else if (!/^[a-z]$/.test(act) || !desk.querySelector(`#decide [aria-keyshortcuts="${act}"]`)) return;
  else desk.querySelector(`#decide [aria-keyshortcuts="${act}"]`).click();
  event.preventDefault();
};
if (!last.listens) document.addEventListener("keydown", press, true);
last.listens = true;

const showProposal = () => {
  const offer = element.querySelector(".offer");
  if (!offer) return;
  last.shown = performance.now();
  element.closest("#deciding")?.removeAttribute("aria-busy");
  // A problem with what was written leaves the focus where one was writing.
  if (last.key !== proposed() || !proposed()) offer.querySelector("h2")?.focus({ preventScroll: true });
  last.key = proposed();
  if (offer.getBoundingClientRect().top < 0) offer.scrollIntoView({ block: "start" });
};

const showSource = () => {
  const mark = element.querySelector(".source mark");
  const text = mark?.closest(".text");
  // Beside a proposal the page itself stays where it is: on a narrow screen the document stands below the buttons.
  if (mark && element.closest("#deciding")) text.scrollTop = mark.offsetTop - text.offsetTop - text.clientHeight / 3;
  else mark?.scrollIntoView({ block: "center" });
};

const showLast = () => {
  const exchanges = element.querySelectorAll(".exchange");
  if (exchanges.length > last.count) exchanges[exchanges.length - 1].scrollIntoView({ block: "start" });
  if (element.querySelector(".conversation")) last.count = exchanges.length;
};

const showResult = () => {
  const heading = element.querySelector(".result h2");
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView({ block: "nearest" });
};

watch("value", () => {
  showResult();
  showProposal();
  showSource();
  showLast();
});
showProposal();
showSource();
