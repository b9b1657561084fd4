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

// What became of something is seen, wherever in a long list one was.
const showReport = () => {
  const told = element.id === "report" && element.querySelector(".removal, .clash, .problem");
  if (told) told.scrollIntoView({ block: "nearest" });
};

watch("value", () => {
  showReport();
  setTimeout(focusAgain);
  openDocument();
  if (element.id === "document" && !element.querySelector(".source")) list.shown = "";
});

// Files are uploaded one after the other, so that one that fails costs itself alone; then the server is told of all.
const sendFiles = async (zone, files) => {
  const say = (words) => { zone.querySelector(".sending").textContent = words; };
  const sent = { act: "add", files: [], large: [], failed: [] };
  let done = 0;
  for (const file of files) {
    say(`${zone.dataset.sending} ${file.name} (${++done}/${files.length})`);
    if (file.size > Number(zone.dataset.most)) {
      sent.large.push(file.name);
      continue;
    }
    try {
      sent.files.push((await upload(file)).path);
    } catch {
      sent.failed.push(file.name);
    }
  }
  say(files.length && sent.failed.length === files.length ? `${files[0].name} ${zone.dataset.failed}` : "");
  const texts = ([name, value]) => [name, Array.isArray(value) ? JSON.stringify(value) : value];
  trigger("click", Object.fromEntries(Object.entries(sent).map(texts)));
};

element.addEventListener("change", (event) => {
  const zone = event.target.matches("input[type='file']") && event.target.closest(".drop");
  if (!zone) return;
  const files = [...event.target.files];
  event.target.value = "";
  if (files.length) sendFiles(zone, files);
});

// A folder cannot be read like a file: it is added by its path.
const isFile = (item) => item.kind === "file" && !item.webkitGetAsEntry?.()?.isDirectory;

for (const name of ["dragover", "dragleave", "drop"]) {
  element.addEventListener(name, (event) => {
    const zone = event.target.closest?.(".drop");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("over", name === "dragover");
    const files = name === "drop" ? [...event.dataTransfer.items].filter(isFile).map((item) => item.getAsFile()) : [];
    if (files.length) sendFiles(zone, files);
  });
}
