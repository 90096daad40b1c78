// A step in words: what is written above the stage, read aloud, and listed in the table.

import { KIND, shown } from "./reader.js";
import { make } from "./dom.js";
import { VERBS, count, deedWords, elementAt, elementWords, indexWords } from "./words.js";

const TABLE_ROWS = 128;

/** Positions, in an event's threads, of those of the block that is shown. */
function mine(player, threads) {
  const size = player.machine.perBlock;
  const first = player.block * size;
  return Array.from(threads.keys()).filter((i) => threads[i] >= first && threads[i] < first + size);
}

/** Write the step into an element. */
export function say(player, element) {
  const { machine, header, spotlight } = player;
  element.textContent = "";
  make(element, "span", "at", `line ${player.place[2]}`).title = player.place[1];
  const text = sourceOf(header, player.place);
  if (text) make(element, "code", "", text);
  const here = mine(player, [...player.active]).length;
  const who = !here ? "threads of other blocks" : here === machine.perBlock ? `all ${count(here, "thread")}`
    : `${here} of ${count(machine.perBlock, "thread")}`;
  const asking = player.predict.asking;
  make(element, "span", "", asking ? `comes next, for ${who}. What do they access?` : `${who}${deeds(player)}`);
  if (spotlight && spotlight.fix) make(element, "span", "fix", `Fix: ${spotlight.fix}.`);
}

/** The source of a place on one line, without a comment at its end. */
function sourceOf(header, [, file, first, last]) {
  const source = header.sources.find(([, name, start, lines]) =>
    name === file && first >= start && first < start + lines.length);
  if (!source) return "";
  const lines = source[3].slice(first - source[2], last - source[2] + 1);
  return lines.map((line) => line.replace(/\s+#[^"']*$/, "").trim()).join(" ");
}

/** What the threads do, and what the pinned one does. */
function deeds(player) {
  const parts = [];
  const own = [];
  const sums = new Map();
  for (const event of player.events) {
    if (event.kind === KIND.OTHERS) continue;
    const some = mine(player, event.threads);
    if (!some.length) continue;
    if (event.kind === KIND.BARRIER) parts.push("meet at the barrier");
    else if (event.kind === KIND.MEETING) parts.push("meet");
    else if (event.kind === KIND.WAIT) parts.push("wait for the others");
    else if (event.kind === KIND.BRANCH) parts.push(branchWords(event, some));
    if (!event.array) continue;
    const key = `${VERBS[event.kind].slice(0, -1)} ${event.array.name} (${event.array.space})`;
    const known = sums.get(key) || { n: 0, lost: 0 };
    sums.set(key, { n: known.n + some.length, lost: known.lost + event.undefined });
    const i = event.threads.indexOf(player.pinned);
    if (i >= 0) own.push(deedWords(player.machine, event, i));
  }
  for (const [key, { n, lost }] of sums) {
    parts.push(`${key} ${n === 1 ? "once" : `${n.toLocaleString("en")} times`}${lost ? ", never written" : ""}`);
  }
  const all = parts.length ? ` ${parts.join(", ")}` : "";
  return own.length ? `${all}. Thread ${player.pinnedWords()} ${own.join(", ")}.` : `${all}.`;
}

function branchWords(event, some) {
  const each = event.value.length === 1 ? 0 : 1;
  const yes = some.filter((i) => event.value.bytes[i * each]).length;
  if (yes === some.length) return "go in";
  return yes ? `part ways: ${yes} go in, ${some.length - yes} do not` : "do not go in";
}

/** List what each thread of the block reads, writes and sets. */
export function tabulate(player, table) {
  const { machine, header } = player;
  table.textContent = "";
  const head = make(make(table, "thead"), "tr");
  for (const name of ["thread", "does", "what", "value"]) make(head, "th", "", name).scope = "col";
  const body = make(table, "tbody");
  let rows = 0;
  if (player.predict.asking) return;
  for (const event of player.events) {
    if (event.kind === KIND.OTHERS || (!event.array && event.kind !== KIND.ASSIGN)) continue;
    for (const i of mine(player, event.threads)) {
      if (rows++ >= TABLE_ROWS) continue;
      const value = machine.valueOf(event.array ? event : { ...event, size: event.value.type[1] }, i);
      const row = make(body, "tr");
      make(row, "td", "", indexWords(event.threads[i] % machine.perBlock, header.block));
      make(row, "td", "", event.array ? VERBS[event.kind] : "sets");
      make(row, "td", "", event.array ? elementWords(event.array, elementAt(event.array, event.addresses[i]))
        : machine.variables[event.variable].name);
      make(row, "td", "", shown(value));
    }
  }
  if (rows > TABLE_ROWS) make(make(body, "tr"), "td", "", `and ${rows - TABLE_ROWS} more`).colSpan = 4;
}
