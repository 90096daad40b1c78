// The player: puts source, stage, variables and time line together, and moves them through a recording.

import { KIND, readRecording, shown } from "./reader.js";
import { Machine } from "./machine.js";
import { COUNTERS, Meter } from "./measure.js";
import { Layout, Sheet, positionsIn, touchedBy } from "./layout.js";
import { Painter, palette } from "./paint.js";
import { Source, make } from "./source.js";
import { Timeline } from "./timeline.js";
import { WarpView } from "./warp.js";
import { Predict } from "./predict.js";
import { VERBS, count, deedWords, elementAt, elementWords, extentWords, indexWords } from "./words.js";

const SPEEDS = [1, 2, 4, 8, 16, 32];
const ICONS = {
  first: "M4 4h2v12H4zM16 4v12L7 10z", last: "M14 4h2v12h-2zM4 4v12l9-6z",
  before: "M10 4v12l-7-6zM17 4v12l-7-6z", next: "M3 4v12l7-6zM10 4v12l7-6z",
  back: "M13 4v12L6 10z", on: "M7 4v12l7-6z", play: "M5 3v14l12-7z", pause: "M5 4h3.5v12H5zM11.5 4H15v12h-3.5z",
};
const TABLE_ROWS = 128;
const HELP = [
  ["← →", "step back, step on"], ["Shift ← →", "to the barrier before, the next barrier"], ["Home End", "first, last step"],
  ["Space", "play, stop"], ["+ −", "faster, slower"], ["f", "next finding"], ["b", "stop at this line, or no longer"],
  ["c", "next access to the clicked cell"], ["↑ ↓", "thread before, next thread"], ["[ ]", "block before, next block"],
  ["w", "warp's view"], ["p", "predict the next access"], ["o", "the other order of threads"], ["?", "these keys"],
];

export class Player {
  constructor(root, recordings) {
    this.root = root;
    root.gpusim = this; // for whoever wants to drive it
    this.recordings = recordings;
    this.breaks = new Set();
    this.speed = 2;
    this.view = "step";
    this.picked = null;
    this.hidden = false;
    root.classList.add("gpusim-player");
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.addEventListener("keydown", (event) => this.key(event));
    this.build();
    this.load(0);
    new ResizeObserver(() => this.resized()).observe(this.stage);
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", () => { this.colors = palette(root); this.render(); });
  }

  // What is on the screen

  build() {
    const { root } = this;
    const head = make(root, "div", "head");
    this.title = make(head, "div", "title");
    this.tools = make(head, "div", "tools");
    this.notes = make(root, "p", "notes");
    this.accounts = make(root, "div", "accounts");
    this.caption = make(root, "div", "caption");
    this.say = make(root, "div", "say");
    this.say.setAttribute("aria-live", "polite");
    this.predict = new Predict(root, this);
    const main = make(root, "div", "main");
    this.left = make(main, "div", "source");
    this.stage = make(main, "div", "stage");
    this.canvas = make(this.stage, "canvas", "");
    this.canvas.setAttribute("role", "img");
    this.warpCanvas = make(this.stage, "canvas", "");
    this.side = make(main, "div", "side");
    this.painter = new Painter(this.canvas, this);
    this.warpView = new WarpView(this.warpCanvas, this);
    this.canvas.addEventListener("click", (event) => this.click(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.bar(make(root, "div", "bar"));
    const details = make(root, "details", "");
    make(details, "summary", "", "This step as a table").tabIndex = -1;
    this.table = make(details, "table", "");
    this.help = make(root, "dl", "help");
    this.help.hidden = true;
    for (const [keys, does] of HELP) {
      make(this.help, "dt", "", keys);
      make(this.help, "dd", "", does);
    }
    this.legend(make(this.stage, "div", "legend"));
  }

  bar(bar) {
    const buttons = make(bar, "div", "buttons");
    const button = (icon, name, act) => {
      const made = make(buttons, "button", "");
      if (ICONS[icon]) draw(made, icon);
      else made.textContent = icon;
      made.title = made.ariaLabel = name;
      made.tabIndex = -1;
      made.addEventListener("click", act);
      return made;
    };
    button("first", "first step (Home)", () => this.go(this.steps[0]));
    button("before", "barrier before (Shift ←)", () => this.barrier(-1));
    button("back", "step back (←)", () => this.move(-1));
    this.playButton = button("play", "play (Space)", () => this.play());
    button("on", "step on (→)", () => this.move(1));
    button("next", "next barrier (Shift →)", () => this.barrier(1));
    button("last", "last step (End)", () => this.go(this.last));
    this.speedButton = button("2/s", "steps a second (+ −)", () => this.faster(1, true));
    this.where = make(buttons, "span", "where");
    const canvas = make(bar, "canvas", "");
    canvas.setAttribute("aria-hidden", "true");
    this.timeline = new Timeline(canvas, this);
  }

  legend(parent) {
    const item = (name, text) => { make(make(parent, "span", ""), "i", name).after(text); };
    item("active", "active");
    item("masked", "masked, or not its turn");
    item("waiting", "waiting");
    item("gone", "gone");
    item("read", "read");
    item("write", "write");
    item("atomic", "atomic");
    item("empty", "never written");
  }

  /** Show one of the recordings. */
  load(number, step = 0) {
    this.stop();
    this.number = number;
    this.recording = this.recordings[number];
    this.header = this.recording.header;
    this.recording.machine = this.machine = this.recording.machine || new Machine(this.recording);
    this.meters = new Map();
    this.layouts = new Map();
    this.spotlight = null;
    this.spots = this.header.spots.map((spot, i) => ({ ...spot, ...pick(this.header.findings[i]) }));
    this.root.setAttribute("aria-label", `step player for kernel ${this.header.kernel}; press ? for its keys`);
    this.left.textContent = "";
    this.source = new Source(this.left, this);
    this.colors = palette(this.root);
    this.showTitle();
    this.showNotes();
    this.showAccounts();
    this.choose(0, 0);
    this.go(step || this.steps[0] || 0);
    const outcome = this.spots.find((spot) => spot.outcome);
    if (outcome && !step) this.shine(outcome);
  }

  showTitle() {
    const { header } = this;
    this.title.textContent = "";
    make(this.title, "strong", "", header.kernel);
    make(this.title, "span", "", `grid ${extentWords(header.grid)}, block ${extentWords(header.block)}`);
    this.tools.textContent = "";
    this.recordings.forEach((recording, i) => {
      if (this.recordings.length < 2) return;
      this.tool(recording.header.title || "as it ran", "", () => this.load(i), i === this.number);
    });
    this.warpTool = this.tool("Warp", "lanes, sectors, banks (w)", () => this.toggleWarp(), this.view === "warp");
    this.tool("Predict", "say what comes next (p)", () => this.predict.toggle(), this.predict.on);
    this.tool("?", "keys", () => this.toggleHelp());
  }

  tool(text, name, act, pressed) {
    const button = make(this.tools, "button", pressed ? "on" : "", text);
    button.title = name || text;
    button.tabIndex = -1;
    button.setAttribute("aria-pressed", String(Boolean(pressed)));
    button.addEventListener("click", () => { act(); this.root.focus(); });
    return button;
  }

  showNotes() {
    const { header } = this;
    const all = header.grid[0] * header.grid[1] * header.grid[2];
    const notes = [];
    if (header.blocks.length < all) notes.push(`Recorded ${header.blocks.length} of ${all.toLocaleString("en")} blocks.`);
    if (!header.complete) notes.push("Recorded up to here: the launch went on.");
    if (header.rounded) notes.push("64-bit variables are shown to 7 digits.");
    if (header.one_by_one) notes.push("Threads run one by one, so a step is one thread's.");
    this.notes.textContent = notes.join(" ");
    this.notes.hidden = !notes.length;
  }

  showAccounts() {
    this.accounts.textContent = "";
    this.spots.slice(0, 6).forEach((spot) => {
      const button = make(this.accounts, "button", `account ${spot.severity}`);
      button.tabIndex = -1;
      make(button, "b", "", `${spot.severity}, line ${spot.line}`);
      make(button, "span", "", spot.message);
      button.title = spot.message;
      spot.button = button;
      button.addEventListener("click", () => { this.shine(spot); this.root.focus(); });
    });
  }

  /** Show a block (by its position among the recorded ones), with one of its threads pinned. */
  choose(block, inside) {
    this.block = block;
    this.pinned = block * this.machine.perBlock + inside;
    this.steps = this.stepsOf(block);
    this.last = this.steps[this.steps.length - 1];
    if (!this.meters.has(block)) this.meters.set(block, new Meter(this.recording, this.machine, block));
    this.meter = this.meters.get(block);
    this.layout = null;
    this.timeline.survey();
  }

  stepsOf(block) {
    const { recording, machine } = this;
    if (this.header.one_by_one) return Int32Array.from({ length: recording.steps }, (_, step) => step);
    const first = block * machine.perBlock;
    const known = new Map();
    const steps = [];
    for (let step = 0; step < recording.steps; step++) {
      const number = recording.rows.mask[recording.starts[step]];
      if (!known.has(number)) {
        known.set(number, recording.mask(number).some((thread) => thread >= first && thread < first + machine.perBlock));
      }
      if (known.get(number)) steps.push(step);
    }
    return Int32Array.from(steps);
  }

  // Moves

  /** Position among the block's steps of a step, or of the one before it. */
  positionOf(step) {
    let low = 0;
    let high = this.steps.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.steps[middle] <= step) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  go(step) {
    if (step === undefined) return;
    this.events = this.machine.seek(step);
    this.comeTo(this.machine.step);
    if (this.spotlight && step !== this.spotlight.step && step !== this.spotlight.other_step) this.spotlight = null;
    this.update();
  }

  /** Who executes a step, and where. */
  comeTo(step) {
    const [row] = this.recording.rowsOf(step);
    this.place = this.header.places[this.recording.rows.place[row]];
    const threads = this.recording.mask(this.recording.rows.mask[row]);
    this.active = new Set(threads);
    if (this.header.one_by_one && !this.active.has(this.pinned)) this.followThread(threads[0]);
  }

  /** Where threads run one by one, the one that does something is pinned. */
  followThread(thread) {
    const block = Math.floor(thread / this.machine.perBlock);
    if (block !== this.block) this.choose(block, thread % this.machine.perBlock);
    this.pinned = thread;
  }

  update() {
    if (!this.predict.asking) this.hidden = false;
    this.speak();
    this.render();
  }

  move(by) {
    const at = this.positionOf(this.machine.step);
    const step = this.steps[at + by];
    if (step !== undefined) this.go(step);
    return step !== undefined;
  }

  barrier(by) {
    const marks = this.timeline.barriers;
    const at = this.positionOf(this.machine.step);
    const next = by > 0 ? marks.find((mark) => mark > at) : [...marks].reverse().find((mark) => mark < at);
    this.go(next === undefined ? (by > 0 ? this.last : this.steps[0]) : this.steps[next]);
  }

  play() {
    if (this.timer) return this.stop();
    if (this.machine.step >= this.last) this.go(this.steps[0]);
    draw(this.playButton, "pause");
    const tick = () => {
      const more = this.move(1) && !this.atBreak() && this.machine.step < this.last;
      if (more) this.timer = setTimeout(tick, 1000 / this.speed);
      else this.stop();
    };
    this.timer = setTimeout(tick, 1000 / this.speed);
    return undefined;
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    draw(this.playButton, "play");
  }

  faster(by, around = false) {
    const at = SPEEDS.indexOf(this.speed) + by;
    this.speed = SPEEDS[around ? at % SPEEDS.length : Math.max(0, Math.min(SPEEDS.length - 1, at))];
    this.speedButton.textContent = `${this.speed}/s`;
  }

  atBreak() {
    return this.breaks.has(`${this.place[1]}:${this.place[2]}`);
  }

  toggleBreak(key) {
    if (!this.breaks.delete(key)) this.breaks.add(key);
    this.source.update();
  }

  nextFinding() {
    const placed = this.spots.filter((spot) => spot.step !== null).sort((a, b) => a.step - b.step);
    const next = placed.find((spot) => spot.step > this.machine.step) || placed[0];
    if (next) this.shine(next);
  }

  /** The race spotlight: two threads, two lines, the cell, and the barrier that is missing. */
  shine(spot) {
    if (spot.step === null) return;
    this.stop();
    const thread = spot.thread === null ? 0 : spot.thread;
    this.choose(Math.floor(thread / this.machine.perBlock), thread % this.machine.perBlock);
    this.spotlight = spot;
    this.go(spot.step);
  }

  nextTouch() {
    if (!this.picked) return;
    const { recording, machine } = this;
    const { kind, what } = recording.rows;
    const at = this.positionOf(machine.step);
    for (let k = 1; k <= this.steps.length; k++) {
      const step = this.steps[(at + k) % this.steps.length];
      const [from, to] = recording.rowsOf(step);
      for (let row = from; row < to; row++) {
        if (kind[row] < KIND.LOAD || kind[row] > KIND.ATOMIC || what[row] !== this.picked.array) continue;
        const threads = recording.mask(recording.rows.mask[row]);
        const array = machine.arrays[what[row]];
        const found = recording.addresses(row).findIndex((address, i) =>
          Math.floor(threads[i] / machine.perBlock) === this.block && elementAt(array, address) === this.picked.element);
        if (found >= 0) {
          this.pinned = threads[found];
          this.go(step);
          return;
        }
      }
    }
  }

  toggleWarp() {
    this.view = this.view === "warp" ? "step" : "warp";
    this.warpTool.classList.toggle("on", this.view === "warp");
    this.warpTool.setAttribute("aria-pressed", String(this.view === "warp"));
    this.render();
  }

  toggleHelp() {
    this.help.hidden = !this.help.hidden;
    if (!this.help.hidden) this.help.scrollIntoView({ block: "nearest" });
  }

  pin(by) {
    const inside = (this.pinned % this.machine.perBlock) + by;
    const size = this.machine.perBlock;
    this.pinned = this.block * size + ((inside + size) % size);
    this.update();
  }

  turnBlock(by) {
    const count = this.header.blocks.length;
    this.choose((this.block + by + count) % count, this.pinned % this.machine.perBlock);
    this.go(this.machine.step);
  }

  key(event) {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey;
    const acts = {
      ArrowLeft: () => (far ? this.barrier(-1) : this.move(-1)), ArrowRight: () => (far ? this.barrier(1) : this.move(1)),
      ArrowUp: () => this.pin(-1), ArrowDown: () => this.pin(1),
      Home: () => this.go(this.steps[0]), End: () => this.go(this.last), " ": () => this.play(),
      "+": () => this.faster(1), "-": () => this.faster(-1), f: () => this.nextFinding(), c: () => this.nextTouch(),
      b: () => this.toggleBreak(`${this.place[1]}:${this.place[2]}`), w: () => this.toggleWarp(),
      p: () => this.predict.toggle(), o: () => this.otherOrder(), "[": () => this.turnBlock(-1), "]": () => this.turnBlock(1),
      "?": () => this.toggleHelp(), Escape: () => { this.stop(); this.help.hidden = true; },
    };
    const act = acts[event.key];
    if (!act || (event.target instanceof HTMLButtonElement && event.key === " ")) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key !== " " && event.key !== "+" && event.key !== "-") this.stop();
    act();
  }

  otherOrder() {
    if (this.recordings.length > 1) this.load((this.number + 1) % this.recordings.length);
  }

  click(event) {
    const [x, y] = this.pointed(event);
    const inside = this.layout.threadAt(x, y, this.machine.perBlock);
    if (inside >= 0) {
      this.pinned = this.block * this.machine.perBlock + inside;
    } else {
      const found = this.layout.cellAt(x, y);
      if (!found) return;
      this.picked = { array: found.box.sheet.array.number, element: found.element };
      this.predict.click(found.box.sheet.array, found.element);
    }
    this.update();
  }

  hover(event) {
    const [x, y] = this.pointed(event);
    const inside = this.layout ? this.layout.threadAt(x, y, this.machine.perBlock) : -1;
    const found = inside < 0 && this.layout ? this.layout.cellAt(x, y) : null;
    this.canvas.style.cursor = inside >= 0 || found ? "pointer" : "default";
    this.canvas.title = inside >= 0 ? this.threadTip(inside) : found ? this.cellTip(found) : "";
  }

  pointed(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  threadTip(inside) {
    const thread = this.block * this.machine.perBlock + inside;
    const status = this.machine.status(thread, this.active.has(thread));
    return `thread ${indexWords(inside, this.header.block)}, warp ${Math.floor(inside / 32)}: ${status}`;
  }

  cellTip({ box, element }) {
    const { array } = box.sheet;
    const instance = array.space === "shared" ? this.block : array.space === "local" ? this.pinned : 0;
    const position = box.sheet.positionOf(element);
    const value = position < 0 ? undefined : this.machine.cell(array, position, instance);
    return `${elementWords(array, element)} = ${value === undefined ? "never written" : shown(value)}`;
  }

  // What is said and drawn

  pinnedWords() {
    return indexWords(this.pinned % this.machine.perBlock, this.header.block);
  }

  mine(event) {
    const first = this.block * this.machine.perBlock;
    return Array.from(event.threads.keys()).filter((i) =>
      event.threads[i] >= first && event.threads[i] < first + this.machine.perBlock);
  }

  speak() {
    const { header, machine } = this;
    const at = this.positionOf(machine.step);
    const exact = this.steps[at] === machine.step;
    this.where.textContent = `${(at + 1).toLocaleString("en")} / ${this.steps.length.toLocaleString("en")}`;
    this.say.textContent = "";
    const line = make(this.say, "span", "at", `line ${this.place[2]}`);
    line.title = this.place[1];
    const text = this.textOf(this.place);
    if (text) make(this.say, "code", "", text);
    const here = this.mine({ threads: [...this.active] }).length;
    const who = !exact ? "threads of other blocks" : here === machine.perBlock ? `all ${count(here, "thread")}`
      : `${here} of ${count(machine.perBlock, "thread")}`;
    make(this.say, "span", "", this.predict.asking ? `comes next, for ${who}. What do they access?` : `${who}${this.deeds()}`);
    if (this.spotlight && this.spotlight.fix) make(this.say, "span", "fix", `Fix: ${this.spotlight.fix}.`);
    this.canvas.setAttribute("aria-label", this.say.textContent);
    this.tabulate(header);
  }

  textOf([, file, first, last]) {
    const source = this.header.sources.find((one) => one[1] === file && first >= one[2] && first < one[2] + one[3].length);
    if (!source) return "";
    return source[3].slice(first - source[2], last - source[2] + 1).map((line) => line.replace(/\s+#[^"']*$/, "").trim()).join(" ");
  }

  /** The step in a few words: accesses, then what the pinned thread does. */
  deeds() {
    const parts = [];
    const own = [];
    const sums = new Map();
    for (const event of this.events) {
      if (event.kind === KIND.OTHERS) continue;
      const mine = this.mine(event);
      if (!mine.length) continue;
      if (event.kind === KIND.BARRIER) parts.push("meet at the barrier");
      else if (event.kind === KIND.MEETING) parts.push("meet");
      else if (event.kind === KIND.WAIT) parts.push("wait for the others");
      else if (event.kind === KIND.BRANCH) parts.push(branchWords(event, mine));
      if (!event.array) continue;
      const key = `${VERBS[event.kind].slice(0, -1)} ${event.array.name}`;
      const known = sums.get(key) || { n: 0, lost: 0 };
      sums.set(key, { n: known.n + mine.length, lost: known.lost + event.undefined });
      const i = event.threads.indexOf(this.pinned);
      if (i >= 0) own.push(deedWords(this.machine, event, i));
    }
    for (const [key, { n, lost }] of sums) {
      const space = this.machine.arrays.find((array) => key.endsWith(` ${array.name}`)).space;
      parts.push(`${key} (${space}) ${n === 1 ? "once" : `${n.toLocaleString("en")} times`}${lost ? ", never written" : ""}`);
    }
    const said = parts.length ? ` ${parts.join(", ")}` : "";
    return own.length ? `${said}. Thread ${this.pinnedWords()} ${own.join(", ")}.` : `${said}.`;
  }

  tabulate() {
    this.table.textContent = "";
    const head = make(make(this.table, "thead", ""), "tr", "");
    for (const name of ["thread", "does", "what", "value"]) make(head, "th", "", name).scope = "col";
    const body = make(this.table, "tbody", "");
    let left = TABLE_ROWS;
    let more = 0;
    if (this.predict.asking) return;
    for (const event of this.events) {
      if (!event.array && event.kind !== KIND.ASSIGN) continue;
      for (const i of event.kind === KIND.OTHERS ? [] : this.mine(event)) {
        if (left-- <= 0) {
          more++;
          continue;
        }
        const row = make(body, "tr", "");
        make(row, "td", "", indexWords(event.threads[i] % this.machine.perBlock, this.header.block));
        make(row, "td", "", event.array ? VERBS[event.kind] : "sets");
        make(row, "td", "", event.array ? elementWords(event.array, elementAt(event.array, event.addresses[i]))
          : this.machine.variables[event.variable].name);
        const value = this.machine.valueOf(event.array ? event : { ...event, size: event.value.type[1] }, i);
        make(row, "td", "", shown(value));
      }
    }
    if (more) make(make(body, "tr", ""), "td", "", `and ${more} more`).colSpan = 4;
  }

  render() {
    if (!this.layout) this.arrange();
    this.canvas.hidden = this.view !== "step";
    this.warpCanvas.hidden = this.view !== "warp";
    this.stage.classList.toggle("warping", this.view === "warp");
    if (this.view === "step" && this.layout) {
      this.followLarge();
      this.painter.draw();
    } else if (this.layout) {
      this.warpView.draw();
    }
    this.source.update();
    this.showSide();
    this.timeline.draw();
    for (const spot of this.spots) if (spot.button) spot.button.classList.toggle("open", spot === this.spotlight);
  }

  arrange() {
    const width = this.stage.clientWidth - 2;
    if (width < 50) return;
    if (!this.layouts.has(this.block)) this.layouts.set(this.block, touchedBy(this.recording, this.machine, this.block));
    const touched = this.layouts.get(this.block);
    const sheets = this.machine.arrays.map((array, i) => new Sheet(array, touched[i], width));
    this.layout = new Layout(this.machine, this.header, sheets, width);
  }

  followLarge() {
    for (const { sheet } of this.layout.sheets) {
      const event = this.events.find((one) => one.array === sheet.array && one.kind !== KIND.OTHERS);
      if (event) sheet.follow(positionsIn(event, this.block, this.machine.perBlock));
    }
  }

  resized() {
    this.layout = null;
    this.render();
  }

  showSide() {
    const { side, machine, header } = this;
    side.textContent = "";
    const many = header.grid[0] * header.grid[1] * header.grid[2] > 1;
    const own = make(side, "div", "");
    if (many) {
      const head = make(own, "h3", "", "");
      this.turner(head, "‹", "block before ([)", () => this.turnBlock(-1));
      head.append(`block ${indexWords(header.blocks[this.block], header.grid)}`);
      this.turner(head, "›", "next block (])", () => this.turnBlock(1));
    }
    const head = make(own, "h3", "", "");
    this.turner(head, "‹", "thread before (↑)", () => this.pin(-1));
    head.append(`thread ${this.pinnedWords()}`);
    this.turner(head, "›", "next thread (↓)", () => this.pin(1));
    make(head, "small", "", machine.status(this.pinned, this.active.has(this.pinned)));
    const table = make(own, "table", "variables");
    const [from, to] = this.recording.rowsOf(machine.step);
    const inside = this.place[0];
    for (const { inside: owner, name, value, row, type } of machine.variablesOf(this.pinned)) {
      if (owner !== inside && owner !== header.kernel) continue;
      const line = make(table, "tr", row >= from && row < to ? "new" : "");
      const cell = make(line, "th", "", name);
      cell.title = type;
      make(line, "td", "", shown(value));
    }
    if (!table.children.length) make(own, "p", "none", "no variables yet");
    const all = make(side, "div", "");
    make(all, "h3", "", many ? "this block so far" : "so far");
    const counters = make(all, "table", "counters");
    const totals = this.meter.at(machine.step);
    const added = this.meter.added(machine.step);
    COUNTERS.forEach((name, i) => {
      if (!this.meter.at(this.last)[i] || (header.one_by_one && (i === 3 || i === 6))) return;
      const line = make(counters, "tr", added[i] ? "new" : "");
      make(line, "th", "", name);
      make(line, "td", "", totals[i].toLocaleString("en"));
      make(line, "td", "plus", added[i] ? `+${added[i].toLocaleString("en")}` : "");
    });
  }

  turner(parent, text, name, act) {
    const button = make(parent, "button", "turn", text);
    button.title = button.ariaLabel = name;
    button.tabIndex = -1;
    button.addEventListener("click", () => { act(); this.root.focus(); });
  }
}

/** Draw an icon into a button. */
function draw(button, icon) {
  button.innerHTML = `<svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`;
}

function branchWords(event, mine) {
  const each = event.value.length === 1 ? 0 : 1;
  const yes = mine.filter((i) => event.value.bytes[i * each]).length;
  if (yes === mine.length) return "go in";
  return yes ? `part ways: ${yes} go in, ${mine.length - yes} do not` : "do not go in";
}

/** What the player needs of a finding. */
function pick(finding) {
  const lines = [`${finding.file}:${finding.line}`];
  let ghost = null;
  if (finding.other) {
    const other = finding.other.file || finding.file;
    lines.push(`${other}:${finding.other.line}`);
    const text = /put (cuda\.sync\w+\(\))/.exec(finding.message);
    if (text && other === finding.file && finding.line !== finding.other.line) {
      ghost = { after: `${other}:${Math.min(finding.line, finding.other.line)}`, text: text[1] };
    }
  }
  const cut = finding.message.lastIndexOf("; ");
  const message = cut < 0 ? finding.message : finding.message.slice(0, cut);
  return { lines, ghost, message, fix: cut < 0 ? "" : finding.message.slice(cut + 2), line: finding.line,
    severity: finding.severity, outcome: finding.kind === "other-result" };
}

/** Put a player into an element: `texts` are recordings in base64. */
export async function mount(root, texts) {
  const recordings = [];
  for (const text of texts) recordings.push(await readRecording(text));
  root.textContent = "";
  return new Player(root, recordings);
}
