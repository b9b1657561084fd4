// Until the page has come there is a box to type in at its foot. What was typed, the cursor, and a question that was
// sent already, go over into the page's own box.
{
  const form = document.getElementById("early");
  const field = form.querySelector("textarea");
  const LISTENS_MS = 20;
  let sent = false;
  let composing = false;

  const handOver = () => {
    const box = [...document.querySelectorAll("#asking textarea")].find((found) => found.offsetParent);
    // A letter that is being put together of several keys would be torn.
    if (!box || composing) return;
    watching.disconnect();
    const { selectionStart, selectionEnd, value } = field;
    const focused = document.activeElement === field;
    form.remove();
    if (value && !box.value) {
      box.value = value;
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (focused) {
      box.focus();
      box.setSelectionRange(selectionStart, selectionEnd);
    }
    if (sent) send(box, value);
  };

  // The box is there before the page listens to it.
  const send = (box, value) => {
    if (box.value !== value) return;
    if (!window.ragAsking?.listens) return setTimeout(() => send(box, value), LISTENS_MS);
    box.dispatchEvent(new KeyboardEvent("keypress", { key: "Enter", bubbles: true, cancelable: true }));
  };

  const watching = new MutationObserver(handOver);
  watching.observe(document.body, { childList: true, subtree: true, attributes: true });
  field.addEventListener("compositionstart", () => (composing = true));
  field.addEventListener("compositionend", () => {
    composing = false;
    handOver();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    sent = field.value.trim() !== "";
    form.toggleAttribute("data-sent", sent);
  });
  field.addEventListener("input", () => {
    sent = false;
    form.removeAttribute("data-sent");
  });
  field.focus();
}
