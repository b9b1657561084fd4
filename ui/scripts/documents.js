// The list of documents: forms send their fields, the search while one writes, and the focus stays where one was.
const list = window.ragDocuments ??= { focus: "", sent: "" };

const send = (form) => trigger("click", {
  ...form.dataset, act: form.dataset.form, ...Object.fromEntries(new FormData(form)),
});

element.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-form]");
  if (!form) return;
  event.preventDefault();
  if (form.dataset.form === "save") list.focus = `[data-act="edit"][data-document="${form.dataset.document}"]`;
  send(form);
});

let pause;
element.addEventListener("input", (event) => {
  const form = event.target.closest("[data-form='search']");
  if (!form) return;
  clearTimeout(pause);
  pause = setTimeout(() => send(form), 200);
});

element.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest(".editing")) element.querySelector("[data-act='leave']")?.click();
});

// The list may be the same as before, and then nothing says that it is shown again.
const returnToList = (tries) => {
  const left = document.querySelector(`#documents ${list.left}`);
  if (left?.offsetParent) left.focus();
  else if (tries) setTimeout(() => returnToList(tries - 1), 50);
};

// What was chosen is drawn anew: the focus goes to what it became, or to where the list was left.
element.addEventListener("click", (event) => {
  const { act, document: id, by } = event.target.closest("[data-act]")?.dataset ?? {};
  if (act === "sort") list.focus = `[data-act="sort"][data-by="${by}"]`;
  if (act === "turn") list.focus = ".pager button:not(:disabled)";
  if (act === "edit") list.focus = ".editing input";
  if (act === "leave") {
    list.focus = `[data-act="edit"][data-document="${event.target.closest("form").dataset.document}"]`;
  }
  if (act === "remove") list.focus = ".documents .open";
  if (act === "open") list.left = `[data-act="open"][data-document="${id}"]`;
  if (act === "list") returnToList(40);
});

const focusAgain = () => {
  const table = element.querySelector(".documents:not(.sets)");
  const found = table && (table.querySelector(".editing input") ?? (list.focus && element.querySelector(list.focus)));
  if (!found || !found.offsetParent) return;
  found.focus({ preventScroll: true });
  list.focus = "";
};

// A document that is opened begins at its head.
const openDocument = () => {
  const panel = element.querySelector(".source[data-document]");
  if (!panel || list.shown === panel.dataset.document) return;
  list.shown = panel.dataset.document;
  window.scrollTo({ top: 0 });
  panel.querySelector("h2")?.focus({ preventScroll: true });
};

watch("value", () => {
  setTimeout(focusAgain);
  openDocument();
  if (element.id === "document" && !element.querySelector(".source")) list.shown = "";
});
