// Elements, buttons and icons.

const ICONS = {
  first: "M4 4h2v12H4zM16 4v12L7 10z", last: "M14 4h2v12h-2zM4 4v12l9-6z",
  before: "M10 4v12l-7-6zM17 4v12l-7-6z", next: "M3 4v12l7-6zM10 4v12l7-6z",
  back: "M13 4v12L6 10z", on: "M7 4v12l7-6z", play: "M5 3v14l12-7z", pause: "M5 4h3.5v12H5zM11.5 4H15v12h-3.5z",
};

export function make(parent, tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

/** A button with a text or an icon. The player is one tab stop: keys do what its buttons do. */
export function button(parent, face, name, act) {
  const made = make(parent, "button");
  if (ICONS[face]) drawIcon(made, face);
  else made.textContent = face;
  if (name) made.title = made.ariaLabel = name;
  made.tabIndex = -1;
  made.addEventListener("click", act);
  return made;
}

export function drawIcon(element, icon) {
  const path = `<path d="${ICONS[icon]}"/>`;
  element.innerHTML = `<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">${path}</svg>`;
}
