// Indices, threads and steps in words.

import { KIND, shown } from "./reader.js";

/** (x, y, z) of a linear id, x fastest. */
export function coordinates(linear, [width, height]) {
  return [linear % width, Math.floor(linear / width) % height, Math.floor(linear / (width * height))];
}

/** `(1, 0)`, with as many coordinates as the extent needs; one alone is bare. */
export function indexWords(linear, extent) {
  const used = extent[2] > 1 ? 3 : extent[1] > 1 ? 2 : 1;
  const at = coordinates(linear, extent).slice(0, used);
  return used > 1 ? `(${at.join(", ")})` : String(at[0]);
}

/** `2 × 2`, without trailing extents of one. */
export function extentWords(extent) {
  const used = extent[2] > 1 ? 3 : extent[1] > 1 ? 2 : 1;
  return extent.slice(0, used).join(" × ");
}

export function count(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

/** The index of an element (its true number, in memory's order) as a program writes it. */
export function elementWords(array, element) {
  if (array.shape.length < 2) return `${array.name}[${element}]`;
  const shape = array.turned ? [...array.shape].reverse() : array.shape;
  const index = [];
  for (let d = shape.length - 1, rest = element; d >= 0; d--) {
    index.unshift(rest % shape[d]);
    rest = Math.floor(rest / shape[d]);
  }
  return `${array.name}[${(array.turned ? index.reverse() : index).join(", ")}]`;
}

/** The true number of the element at an address. */
export function elementAt(array, address) {
  const place = Math.floor(address / array.size);
  return array.cells ? array.cells[place] : place;
}

export const VERBS = { [KIND.LOAD]: "reads", [KIND.STORE]: "writes", [KIND.ATOMIC]: "updates" };

/** What one thread does in an access: `reads a[1, 2] = 0.5`. */
export function deedWords(machine, event, i) {
  const element = elementWords(event.array, elementAt(event.array, event.addresses[i]));
  const value = shown(machine.valueOf(event, i));
  const sign = event.kind === KIND.ATOMIC ? "with" : "=";
  return `${VERBS[event.kind]} ${element} ${sign} ${value}`;
}
