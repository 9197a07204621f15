/* <token-columns>: strips of tokens side by side. Each token becomes a button: one tab stop per
   strip, arrows inside it; the token under the pointer or the caret lights the tokens of the other
   strips with the same bytes. Without this file the strips are plain lists of texts or ids. */

const MOVES = { ArrowRight: 1, ArrowLeft: -1 };

class TokenColumns extends HTMLElement {
  connectedCallback() {
    for (const strip of this.querySelectorAll("ol")) {
      const tokens = [...strip.children];
      measure(tokens, strip);
      tokens.forEach((token, place) => token.replaceChildren(made(token, place, tokens.length)));
    }
    for (const view of this.parentElement.querySelectorAll("[data-scripted]")) view.hidden = false;
    this.addEventListener("keydown", (event) => this.move(event));
    this.addEventListener("focusin", (event) => this.light(event.target, true));
    this.addEventListener("focusout", () => this.light(null));
    this.addEventListener("pointerover", (event) => this.light(event.target));
    this.addEventListener("pointerleave", () => this.light(document.activeElement));
  }

  move(event) {
    const button = event.target.closest("button");
    if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
    const goal = this.goal(button, event.key);
    if (!goal) return;
    event.preventDefault();
    goal.focus();
  }

  goal(button, key) {
    const strip = button.closest("ol");
    const all = [...strip.querySelectorAll("button")];
    if (key in MOVES) return all[all.indexOf(button) + MOVES[key]];
    if (key === "Home") return all[0];
    if (key === "End") return all.at(-1);
    if (key !== "ArrowDown" && key !== "ArrowUp") return null;
    const strips = [...button.closest("section").querySelectorAll("ol")];
    const next = strips[strips.indexOf(strip) + (key === "ArrowDown" ? 1 : -1)];
    return next && [...next.querySelectorAll("button")].find((other) => shares(button, other));
  }

  light(target, isFocus = false) {
    for (const item of this.querySelectorAll("[data-lit]")) item.removeAttribute("data-lit");
    const button = target instanceof Element && this.contains(target) && target.closest("button");
    if (!button) return;
    if (isFocus) {
      for (const other of button.closest("ol").querySelectorAll("button")) other.tabIndex = -1;
      button.tabIndex = 0;
    }
    for (const other of button.closest("section").querySelectorAll("button")) {
      if (shares(button, other)) other.parentElement.setAttribute("data-lit", "");
    }
  }
}

/* Write on each token which bytes of the text it holds, and what they are. */
function measure(tokens, strip) {
  const text = new TextEncoder().encode(strip.closest("section").dataset.text);
  const ends = strip.dataset.ends.split(" ").map(Number);
  tokens.forEach(({ dataset }, place) => {
    dataset.start = ends[place - 1] ?? 0;
    dataset.end = ends[place];
    const bytes = [...text.subarray(+dataset.start, +dataset.end)];
    dataset.hex = bytes.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(" ") || "–";
  });
}

/* The button of a token. Its words for a screen reader come from the list item. */
function made(token, place, count) {
  const button = document.createElement("button");
  const { say, id } = token.dataset;
  button.type = "button";
  button.textContent = token.textContent;
  button.tabIndex = place ? -1 : 0;
  button.setAttribute("aria-label", `Token ${place + 1} of ${count}: ${say ?? token.textContent}, id ${id}`);
  return button;
}

/* Whether two tokens hold a byte in common. A space that was only put in front holds none. */
function shares(one, other) {
  const [first, second] = [one.parentElement.dataset, other.parentElement.dataset];
  return one === other || (+first.start < +second.end && +second.start < +first.end);
}

customElements.define("token-columns", TokenColumns);
