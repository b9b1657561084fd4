// Filters, sorts and opens what stands in the page. The page can be read without it.
"use strict";
const $ = (id) => document.getElementById(id);
const root = document.documentElement;
const controls = $("controls");
const items = [...document.querySelectorAll(".item")];
const texts = new Map();
const ORDER = { wrong: 0, partly: 1, unjudged: 2, right: 3 };
const KEYS = {
  set: () => 0,
  wrong: (item) => ORDER[item.dataset.outcome],
  sure: (item) => -item.dataset.confidence,
  unsure: (item) => +item.dataset.confidence,
  slow: (item) => -item.dataset.seconds,
};

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ");
}

function textOf(item) {
  if (!texts.has(item)) texts.set(item, fold(item.textContent));
  return texts.get(item);
}

function fits(item, wanted) {
  const { outcome, refused, type, documents } = item.dataset;
  return (
    (!wanted.outcome || wanted.outcome === outcome || (wanted.outcome === "refused" && refused === "yes")) &&
    (!wanted.type || wanted.type === type) &&
    (!wanted.document || documents.split(" ").includes(wanted.document)) &&
    wanted.words.every((word) => textOf(item).includes(word))
  );
}

function show() {
  const data = Object.fromEntries(new FormData(controls));
  const wanted = { ...data, words: fold(data.text).split(" ").filter(Boolean) };
  let shown = 0;
  for (const item of items) {
    item.hidden = !fits(item, wanted);
    shown += !item.hidden;
  }
  const key = KEYS[data.order] || KEYS.set;
  $("items").append(...[...items].sort((a, b) => key(a) - key(b)));
  $("count").textContent = shown === items.length ? `${shown} questions` : `${shown} of ${items.length} questions`;
  $("none").hidden = shown > 0;
  label();
}

function visible() {
  return items.filter((item) => !item.hidden);
}

function label() {
  const open = visible().length > 0 && visible().every((item) => item.open);
  $("open").textContent = open ? "Close all" : "Open all";
}

// A link to a question, or to a citation within one, opens it.
function follow() {
  const target = location.hash.length > 1 && $(decodeURIComponent(location.hash.slice(1)));
  const item = target && target.closest(".item");
  if (!item) return;
  if (item.hidden) {
    controls.reset();
    show();
  }
  item.open = true;
  target.scrollIntoView();
}

if (controls) {
  controls.hidden = $("open").hidden = false;
  controls.addEventListener("input", show);
  controls.addEventListener("submit", (event) => event.preventDefault());
  $("reset").addEventListener("click", () => {
    controls.reset();
    show();
    controls.elements.text.focus();
  });
  $("open").addEventListener("click", () => {
    const open = $("open").textContent === "Open all";
    for (const item of visible()) item.open = open;
    label();
  });
  $("items").addEventListener("toggle", label, true);
  for (const link of document.querySelectorAll("a[data-field]")) {
    link.addEventListener("click", () => {
      controls.reset();
      controls.elements[link.dataset.field].value = link.dataset.value;
      show();
    });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) return;
    event.preventDefault();
    controls.elements.text.focus();
  });
  addEventListener("hashchange", follow);
  show(); // the browser may have kept the choices of an earlier visit
  follow();
}

// Light and dark: the system's, until the button says otherwise.
const system = matchMedia("(prefers-color-scheme: dark)");
const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
const name = () => ($("theme").textContent = dark() ? "Light" : "Dark");
$("theme").hidden = false;
$("theme").addEventListener("click", () => {
  root.dataset.theme = dark() ? "light" : "dark";
  name();
});
system.addEventListener("change", name);
name();

// On paper everything is open.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
