// A choice of runs can be sent once there are two; what had the focus keeps it when its part is shown anew.
const comparable = () => {
  const button = element.querySelector(".compare button");
  if (button) button.disabled = element.querySelectorAll("[name=run]:checked").length < 2;
};
element.addEventListener("change", comparable);

let held = null;
element.addEventListener("focusin", (event) => {
  const { act, run } = event.target.dataset;
  held = act && run ? `[data-act="${act}"][data-run="${CSS.escape(run)}"]` : null;
});
element.addEventListener("focusout", (event) => {
  if (event.relatedTarget) held = null;
});

watch("value", () => {
  comparable();
  if (held && document.activeElement === document.body) element.querySelector(held)?.focus({ preventScroll: true });
});
comparable();
