// The conversation: what is done with an answer, its menus and forms, the list of conversations, and citations by key.
const asking = window.ragAsking ??= { listens: false, talk: "", count: 0, top: 0, pinned: true, rated: "" };

const values = (form) => {
  const data = new FormData(form);
  // Several boxes of one name are one text: their values with commas between.
  return Object.fromEntries([...new Set(data.keys())].map((name) => [name, data.getAll(name).join(",")]));
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-do], button[data-close], button[data-copy], button[data-fold]");
  if (!button || !element.contains(button)) return;
  if ("close" in button.dataset) return button.closest("dialog").close();
  if ("copy" in button.dataset) return copy(button);
  if ("fold" in button.dataset) return fold(!folded());
  const { do: told, sure, prompt, value, ...data } = button.dataset;
  if (sure && !window.confirm(sure)) return;
  if (prompt) {
    data.text = window.prompt(prompt, value);
    if (!data.text) return;
  }
  button.closest("details.menu")?.removeAttribute("open");
  trigger(told, data);
  asking.rated = told === "like" && data.rating ? data.turn : "";
  if (told === "edit") document.querySelector("#asking textarea").focus();
  if (told === "select" && data.talk && narrow.matches) fold(true);
});

element.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-do]");
  if (!form) return;
  event.preventDefault();
  const { do: told, ...data } = form.dataset;
  trigger(told, { ...data, ...values(form) });
});

// Copying: both forms of an answer, so that a letter keeps its notes and a terminal gets plain text.
const copy = async (button) => {
  const reply = await fetch(button.dataset.copy);
  if (!reply.ok) return;
  const { text, html } = await reply.json();
  const put = (event) => {
    event.clipboardData.setData("text/plain", text);
    event.clipboardData.setData("text/html", html);
    event.preventDefault();
  };
  // Unlike `navigator.clipboard`, this works on a page that another machine gives without TLS, too.
  document.addEventListener("copy", put, { once: true });
  document.execCommand("copy");
  document.removeEventListener("copy", put);
  const name = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = name), 1500);
};

// The list of conversations folds away; on a narrow page it is folded until it is wanted.
const narrow = window.matchMedia("(max-width: 1100px)");
const folded = () => document.documentElement.dataset.talks === "folded";
const fold = (away, keep = true) => {
  document.documentElement.dataset.talks = away ? "folded" : "open";
  for (const button of document.querySelectorAll("[data-fold]")) button.setAttribute("aria-expanded", String(!away));
  if (keep && !narrow.matches) localStorage.setItem("rag-talks", away ? "folded" : "open");
};
if (element.querySelector("[data-fold]")) {
  fold(narrow.matches || localStorage.getItem("rag-talks") === "folded", false);
  narrow.addEventListener("change", () => fold(narrow.matches, false));
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("#clear") && narrow.matches) fold(true, false);
  });
}

// Keys: n and p, or the arrows on a citation, go from one citation of the answers to the next, and open it.
const press = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.matches("input, textarea, select") || document.querySelector("dialog[open]")) return;
  const cites = [...document.querySelectorAll(".conversation .answer .cite")].filter((cite) => cite.offsetParent);
  const at = cites.indexOf(document.activeElement.closest(".cite") ?? last.link);
  const arrows = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  const letters = { KeyN: 1, KeyP: -1 };
  const step = letters[event.code] ?? (document.activeElement.matches(".answer .cite") ? arrows[event.key] : 0);
  const next = cites[at < 0 && step < 0 ? cites.length - 1 : at + (step || 0)];
  if (!step || !next) return;
  event.preventDefault();
  next.focus();
  next.click();
};
// A menu closes when something else is wanted.
const shut = (event) => {
  if (event.type === "keydown" && event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (event.type === "click" && menu.contains(event.target)) continue;
    menu.removeAttribute("open");
    if (event.type === "keydown") menu.querySelector("summary").focus();
  }
};
if (!asking.listens) {
  document.addEventListener("keydown", press);
  document.addEventListener("keydown", shut);
  document.addEventListener("click", shut);
}
asking.listens = true;

// The address names the conversation, so that the page finds it again when it is loaded again.
const name = () => {
  const talk = element.querySelector(".conversation")?.dataset.talk;
  if (talk === undefined) return;
  const address = new URL(location.href);
  if (talk) address.searchParams.set("conversation", talk);
  else address.searchParams.delete("conversation");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
};

// What is shown anew stays where it was scrolled to; the question that is being answered stays at the top, until
// somebody scrolls.
const scrolled = (event) => {
  if (event.target.matches?.(".conversation")) asking.top = event.target.scrollTop;
};
const stay = () => {
  const talk = element.querySelector(".conversation");
  if (!talk) return;
  const exchanges = talk.querySelectorAll(".exchange");
  const same = asking.talk === talk.dataset.talk || (!asking.talk && exchanges.length === 1);
  if (!same || exchanges.length > asking.count) asking.pinned = true;
  if (asking.pinned && exchanges.length) exchanges[exchanges.length - 1].scrollIntoView({ block: "start" });
  else talk.scrollTop = asking.top;
  Object.assign(asking, { talk: talk.dataset.talk, count: exchanges.length });
};
element.addEventListener("scroll", scrolled, true);
for (const hand of ["wheel", "touchmove", "pointerdown", "keydown"]) {
  element.addEventListener(hand, () => (asking.pinned = false), { passive: true });
}

watch("value", () => {
  name();
  stay();
  if (element.querySelector(".conversation[data-watch]")) trigger("play", {});
  // Who has judged an answer is asked why, there where the eye is.
  const why = asking.rated && element.querySelectorAll(".exchange")[asking.rated]?.querySelector(".reason");
  if (why) {
    asking.rated = "";
    why.scrollIntoView({ block: "nearest" });
    why.querySelector("input").focus({ preventScroll: true });
  }
  const dialog = element.querySelector("dialog.keeping");
  if (dialog && !dialog.open) dialog.showModal();
});
