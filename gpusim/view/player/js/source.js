// The kernel's source with a mark for each warp at its line, and what each line has accessed so far.

import { make } from "./dom.js";

const KEYWORDS = "def|if|elif|else|for|while|in|is|return|and|or|not|break|continue|pass|range|True|False|None|lambda";
const WORDS = new RegExp(`(#.*$)|("[^"]*"|'[^']*')|\\b(${KEYWORDS})\\b|\\b(\\d[\\d.]*(?:e-?\\d+)?)\\b`, "g");
const CLASSES = ["gp-note", "gp-text", "gp-word", "gp-digits"];

/** Appends source text to an element, with comments, strings, keywords and numbers marked. */
function highlight(element, line) {
  const plain = (text) => text.split(/(?<=[(.])/).forEach((part, i) => {
    if (i) make(element, "wbr"); // where a long line may wrap
    element.append(part);
  });
  let from = 0;
  for (const match of line.matchAll(WORDS)) {
    plain(line.slice(from, match.index));
    make(element, "span", CLASSES[match.slice(1, 5).findIndex((group) => group !== undefined)], match[0]);
    from = match.index + match[0].length;
  }
  plain(line.slice(from));
}

export class Source {
  constructor(parent, player) {
    this.player = player;
    this.lines = new Map();
    this.box = make(parent, "div", "lines");
    for (const [name, file, first, lines] of player.header.sources) {
      if (player.header.sources.length > 1) make(this.box, "div", "function", name);
      const margin = Math.min(...lines.filter((line) => line.trim()).map((line) => line.search(/\S/)));
      lines.forEach((line, i) => this.addLine(file, first + i, line.slice(margin)));
    }
  }

  addLine(file, number, text) {
    const line = make(this.box, "div", "row");
    const gutter = make(line, "span", "number", number);
    gutter.title = "stop here";
    gutter.addEventListener("click", () => this.player.toggleBreak(`${file}:${number}`));
    const marks = make(line, "span", "marks");
    const tally = make(line, "span", "tally");
    const code = make(line, "code");
    code.style.setProperty("--indent", `${Math.max(0, text.search(/\S/)) + 2}ch`); // lines that wrap hang
    highlight(code, text);
    this.lines.set(`${file}:${number}`, { line, marks, tally, code });
  }

  update() {
    const { player } = this;
    const { machine, meter, header, breaks, spotlight } = player;
    const most = Math.max(1, ...[...this.lines.keys()].map((key) => meter.lineAt(player.last, key)));
    const here = this.threadsByLine();
    const now = player.place;
    for (const [key, { line, marks, tally }] of this.lines) {
      const sum = meter.lineAt(machine.step, key);
      tally.textContent = sum ? sum.toLocaleString("en") : "";
      tally.style.setProperty("--share", sum / most);
      line.classList.toggle("now", isWithin(key, now));
      line.classList.toggle("stop", breaks.has(key));
      line.classList.toggle("accused", Boolean(spotlight) && spotlight.lines.includes(key));
      this.mark(marks, here.get(key), isWithin(key, now));
    }
    this.ghost(spotlight);
    const current = this.lines.get(`${now[1]}:${now[2]}`);
    if (current) keepInView(this.box, current.line);
    this.box.setAttribute("aria-label", `source of ${header.kernel}`);
  }

  /** Warps of the block at each line: Map line -> Map warp -> [threads, threads that are active]. */
  threadsByLine() {
    const { machine, header, block, active } = this.player;
    const found = new Map();
    for (let inside = 0; inside < machine.perBlock; inside++) {
      const thread = block * machine.perBlock + inside;
      if (machine.place[thread] < 0 || machine.step > machine.last[thread]) continue;
      const [, file, line] = header.places[machine.place[thread]];
      const key = `${file}:${line}`;
      if (!found.has(key)) found.set(key, new Map());
      const warp = Math.floor(inside / 32);
      const counts = found.get(key).get(warp) || [0, 0];
      found.get(key).set(warp, [counts[0] + 1, counts[1] + (active.has(thread) ? 1 : 0)]);
    }
    return found;
  }

  mark(element, warps, now) {
    element.textContent = "";
    if (!warps) return;
    const { machine } = this.player;
    const list = [...warps];
    const active = list.some(([, counts]) => counts[1]);
    const threads = list.reduce((sum, [, counts]) => sum + (active ? counts[1] : counts[0]), 0);
    const all = Math.ceil(machine.perBlock / 32);
    const name = all === 1 ? `${threads}` : list.length === 1 ? `w${list[0][0]}` : `${list.length} w`;
    const chip = make(element, "span", active && now ? "chip active" : "chip", name);
    chip.title = `${list.length === 1 ? `warp ${list[0][0]}` : `${list.length} warps`}: ${threads} threads`
      + (active ? " execute this line" : " are here and wait for others");
  }

  /** The barrier that is missing, between the two lines of a race. */
  ghost(spotlight) {
    if (this.missing) this.missing.remove();
    this.missing = null;
    if (!spotlight || !spotlight.ghost) return;
    const after = this.lines.get(spotlight.ghost.after);
    if (!after) return;
    this.missing = document.createElement("div");
    this.missing.className = "row missing";
    make(this.missing, "span", "number", "");
    make(this.missing, "span", "marks", "");
    make(this.missing, "span", "tally", "missing");
    make(this.missing, "code", "", " ".repeat(after.code.textContent.search(/\S|$/)) + spotlight.ghost.text);
    after.line.after(this.missing);
  }
}

/** Is a line, `file:number`, one of a place's lines? */
function isWithin(key, [, file, first, last]) {
  const cut = key.lastIndexOf(":");
  const number = Number(key.slice(cut + 1));
  return key.slice(0, cut) === file && number >= first && number <= last;
}

function keepInView(box, line) {
  const top = line.offsetTop - box.offsetTop;
  if (top < box.scrollTop + 20) box.scrollTop = top - 40;
  else if (top + 30 > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight + 60;
}
