/* On every page of a signed-in person: focus after a swap, the offline banner, dialogs, copy
   buttons, shortcuts. It keeps no state that the server does not have. */

const find = (selector, root = document) => root.querySelector(selector);
let acted = null; // the element of the person's own last request; polls leave it alone

/* Focus: after an action it goes to the first error or the new heading, after a poll it stays. */

document.addEventListener("htmx:beforeRequest", (event) => {
  const asked = event.detail.requestConfig.triggeringEvent;
  acted = asked && asked.isTrusted ? event.detail.elt : null;
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!acted) return;
  acted = null;
  const part = event.detail.target.isConnected ? event.detail.target : event.detail.elt;
  const goal = find(".form-errors, [aria-invalid=true], [data-focus], h1, h2, h3", part);
  if (!goal) return;
  if (!goal.matches("input, select, textarea")) goal.tabIndex = -1;
  goal.focus();
});

/* Errors of swapped requests. A proxy's page has no .error-part, so a sentence stands in for it. */

document.addEventListener("htmx:afterRequest", (event) => {
  const { xhr } = event.detail;
  const box = find("#messages");
  if (!xhr || xhr.status < 400 || xhr.status === 422 || xhr.status === 429 || !box) return;
  setTimeout(() => {
    if (box.textContent.trim()) return;
    const words = document.createElement("p");
    words.className = "alert";
    words.setAttribute("role", "alert");
    words.textContent = `The site answered ${xhr.status}. What you see is the last good state. Try again in a moment.`;
    box.replaceChildren(words);
  }, 50);
});

/* Offline: say so once, clear it with the first answer. Inputs keep their values. */

const banner = find("#offline");
let lastAnswer = new Date();
const lost = () => {
  if (!banner || !banner.hidden) return;
  const time = lastAnswer.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  banner.textContent = `Not connected. Last answer ${time}. What you typed is kept.`;
  banner.hidden = false;
};
const found = () => {
  lastAnswer = new Date();
  if (banner) banner.hidden = true;
};
for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, lost);
document.addEventListener("htmx:afterOnLoad", found);
addEventListener("offline", lost);
addEventListener("online", found);

/* Clicks: what opens a dialog, what copies, what may not be pressed yet. */

const copy = async (button) => {
  const source = find(`#${CSS.escape(button.dataset.copy)}`);
  const words = button.textContent;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Copy did not work: select the text";
  }
  setTimeout(() => (button.textContent = words), 2000);
};

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-open], [data-copy], [aria-disabled=true], dialog");
  if (!target) return;
  if (target.matches("[aria-disabled=true]")) event.preventDefault();
  else if (target.dataset.open) find(`#${CSS.escape(target.dataset.open)}`)?.showModal();
  else if (target.dataset.copy) copy(target);
  else if (event.target === target) target.close(); // the backdrop belongs to the dialog
});

for (const button of document.querySelectorAll("[data-open][hidden], [data-copy][hidden]")) button.hidden = false;

/* Shortcuts. A control names its own key: data-key="n". Single keys are dead while typing. */

const typing = (element) => element.closest("input:not([type=radio], [type=checkbox], [type=button], [type=submit]), textarea, select, [contenteditable]");
const places = { r: "trail", p: "progress" };
let going = 0;

const press = (key) => {
  const control = find(`[data-key="${CSS.escape(key)}"]`);
  if (!control || control.closest("[hidden]")) return false;
  control.focus();
  control.click();
  return true;
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("form") ?? find("form[data-main]");
    if (form) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (event.key === "F6") {
    const panes = [...document.querySelectorAll("[data-pane]")];
    if (!panes.length) return;
    const at = panes.findIndex((pane) => pane.contains(document.activeElement));
    event.preventDefault();
    const pane = panes[(at + (event.shiftKey ? panes.length - 1 : 1)) % panes.length];
    pane.tabIndex = -1;
    pane.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || typing(event.target) || find("dialog[open]")) return;
  if (document.body.dataset.shortcuts !== "on") return;
  if (event.key === "?") find("#shortcuts")?.showModal();
  else if (event.key === "g") going = Date.now();
  else if (Date.now() - going < 1500 && places[event.key]) {
    going = 0;
    find(`a[data-place="${places[event.key]}"]`)?.click();
  } else if (!press(event.key)) return;
  event.preventDefault();
});
