// The player: a recording, the step that is shown, and the moves from one to another.

import { KIND, readRecording, shown } from "./reader.js";
import { drawIcon, make } from "./dom.js";
import { Machine } from "./machine.js";
import { Meter } from "./measure.js";
import { Layout, Sheet, positionsIn, touchedBy } from "./layout.js";
import { Painter, palette } from "./paint.js";
import { Predict } from "./predict.js";
import { build, showAccounts, showHead, showNotes, showSide, spotOf } from "./screen.js";
import { Source } from "./source.js";
import { say, tabulate } from "./speech.js";
import { Timeline } from "./timeline.js";
import { Tour } from "./tour.js";
import { WarpView } from "./warp.js";
import { elementAt, elementWords, indexWords } from "./words.js";

const SPEEDS = [1, 2, 4, 8, 16, 32];

export class Player {
  constructor(root, recordings, captions = []) {
    this.root = root;
    root.gpusim = this; // for whoever wants to drive it
    this.recordings = recordings;
    this.breaks = new Set();
    this.speed = 2;
    this.view = "step";
    this.picked = null;
    this.hidden = false;
    this.beside = null;
    root.classList.add("gpusim-player");
    root.tabIndex = 0;
    root.setAttribute("role", "group");
    root.addEventListener("keydown", (event) => this.key(event));
    build(this);
    this.predict = new Predict(this);
    this.painter = new Painter(this.canvas, this);
    this.warpView = new WarpView(this.warpCanvas, this);
    this.timeline = new Timeline(this.timeCanvas, this);
    this.canvas.addEventListener("click", (event) => this.click(event));
    this.canvas.addEventListener("pointermove", (event) => this.hover(event));
    this.load(0);
    this.tour = new Tour(this, captions);
    this.tour.start();
    new ResizeObserver(() => this.resized()).observe(this.stage);
    const themed = () => { this.colors = palette(root); this.render(); };
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", themed);
    const named = new MutationObserver(themed); // notebooks name their theme
    for (const place of [document.documentElement, document.body]) named.observe(place, { attributes: true });
  }

  /** Show one of the recordings. */
  load(number) {
    this.stop();
    this.number = number;
    this.recording = this.recordings[number];
    this.header = this.recording.header;
    this.recording.machine = this.machine = this.recording.machine || new Machine(this.recording);
    this.meters = new Map();
    this.touched = new Map();
    this.spotlight = null;
    this.spots = this.header.spots.map((spot, i) => spotOf(this.header.findings[i], spot));
    this.root.setAttribute("aria-label", `step player for kernel ${this.header.kernel}; press ? for its keys`);
    this.left.textContent = "";
    this.source = new Source(this.left, this);
    this.colors = palette(this.root);
    showNotes(this);
    showAccounts(this);
    this.choose(0, 0);
    this.go(this.steps[0] || 0);
    const outcome = this.spots.find((spot) => spot.outcome);
    if (outcome) this.shine(outcome);
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

  /** The steps in which a block takes part; all of them, where threads run one by one. */
  stepsOf(block) {
    const { recording, machine } = this;
    if (this.header.one_by_one) return Int32Array.from({ length: recording.steps }, (_, step) => step);
    const first = block * machine.perBlock;
    const known = new Map();
    const steps = [];
    for (let step = 0; step < recording.steps; step++) {
      const mask = recording.rows.mask[recording.starts[step]];
      if (!known.has(mask)) {
        known.set(mask, recording.mask(mask).some((thread) => thread >= first && thread < first + machine.perBlock));
      }
      if (known.get(mask)) steps.push(step);
    }
    return Int32Array.from(steps);
  }

  // Moves

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
    if (this.header.one_by_one && !this.active.has(this.pinned)) this.follow(threads[0]);
  }

  /** Where threads run one by one, the one that does something is pinned. */
  follow(thread) {
    const block = Math.floor(thread / this.machine.perBlock);
    if (block !== this.block) this.choose(block, thread % this.machine.perBlock);
    this.pinned = thread;
  }

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

  move(by) {
    const step = this.steps[this.positionOf(this.machine.step) + by];
    if (step !== undefined) this.go(step);
    return step !== undefined;
  }

  barrier(by, alone = false) {
    const marks = this.timeline.barriers;
    const at = this.positionOf(this.machine.step);
    const next = by > 0 ? marks.find((mark) => mark > at) : [...marks].reverse().find((mark) => mark < at);
    this.go(next === undefined ? (by > 0 ? this.last : this.steps[0]) : this.steps[next]);
    if (this.beside && !alone) this.beside.barrier(by, true);
  }

  /** To the first or the last step. */
  end(by, alone = false) {
    this.go(by > 0 ? this.last : this.steps[0]);
    if (this.beside && !alone) this.beside.end(by, true);
  }

  play() {
    if (this.timer) {
      this.stop();
      return;
    }
    if (this.machine.step >= this.last) this.go(this.steps[0]);
    drawIcon(this.playButton, "pause");
    const tick = () => {
      if (this.move(1) && !this.atBreak() && this.machine.step < this.last) {
        this.timer = setTimeout(tick, 1000 / this.speed);
      } else {
        this.stop();
      }
    };
    this.timer = setTimeout(tick, 1000 / this.speed);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    drawIcon(this.playButton, "play");
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

  /** The spotlight on a finding; of a race: two threads, two lines, the cell, and the barrier that is missing. */
  shine(spot) {
    if (spot.step === null) return;
    this.stop();
    const thread = spot.thread === null ? 0 : spot.thread;
    this.choose(Math.floor(thread / this.machine.perBlock), thread % this.machine.perBlock);
    this.spotlight = spot;
    this.go(spot.step);
  }

  /** To the block's next access to the cell that was clicked. */
  nextTouch() {
    if (!this.picked) return;
    const at = this.positionOf(this.machine.step);
    for (let k = 1; k <= this.steps.length; k++) {
      const step = this.steps[(at + k) % this.steps.length];
      const thread = this.toucher(step);
      if (thread >= 0) {
        this.pinned = thread;
        this.go(step);
        return;
      }
    }
  }

  /** The block's first thread that uses the clicked cell in a step, or -1. */
  toucher(step) {
    const { recording, machine, picked } = this;
    const { kind, what, mask } = recording.rows;
    const [from, to] = recording.rowsOf(step);
    for (let row = from; row < to; row++) {
      if (kind[row] < KIND.LOAD || kind[row] > KIND.ATOMIC || what[row] !== picked.array) continue;
      const array = machine.arrays[what[row]];
      const addresses = recording.addresses(row);
      const found = recording.mask(mask[row]).find((thread, i) =>
        Math.floor(thread / machine.perBlock) === this.block && elementAt(array, addresses[i]) === picked.element);
      if (found !== undefined) return found;
    }
    return -1;
  }

  toggleWarp() {
    this.view = this.view === "warp" ? "step" : "warp";
    this.render();
  }

  toggleHelp() {
    this.help.hidden = !this.help.hidden;
    if (!this.help.hidden) this.help.scrollIntoView({ block: "nearest" });
    this.render();
  }

  pin(by) {
    const size = this.machine.perBlock;
    this.pinned = this.block * size + (((this.pinned % size) + by + size) % size);
    this.update();
  }

  turnBlock(by) {
    const blocks = this.header.blocks.length;
    this.choose((this.block + by + blocks) % blocks, this.pinned % this.machine.perBlock);
    this.go(this.machine.step);
  }

  otherOrder() {
    if (this.recordings.length > 1) this.load((this.number + 1) % this.recordings.length);
  }

  // Keys and pointer

  key(event) {
    if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
    const sideways = (by) => (event.shiftKey ? this.barrier(by) : this.move(by));
    const acts = {
      ArrowLeft: () => sideways(-1), ArrowRight: () => sideways(1), ArrowUp: () => this.pin(-1),
      ArrowDown: () => this.pin(1), Home: () => this.end(-1), End: () => this.end(1), " ": () => this.play(),
      "+": () => this.faster(1), "-": () => this.faster(-1), f: () => this.nextFinding(), c: () => this.nextTouch(),
      b: () => this.toggleBreak(`${this.place[1]}:${this.place[2]}`), w: () => this.toggleWarp(),
      p: () => this.predict.toggle(), o: () => this.otherOrder(), n: () => this.tour.move(1),
      "[": () => this.turnBlock(-1), "]": () => this.turnBlock(1), "?": () => this.toggleHelp(),
      Escape: () => { this.help.hidden = true; },
    };
    const act = acts[event.key];
    if (!act || (event.target instanceof HTMLButtonElement && event.key === " ")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!" +-".includes(event.key)) this.stop();
    act();
  }

  pointed(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const inside = this.layout ? this.layout.threadAt(x, y, this.machine.perBlock) : -1;
    return { inside, cell: inside < 0 && this.layout ? this.layout.cellAt(x, y) : null };
  }

  click(event) {
    const { inside, cell } = this.pointed(event);
    if (inside >= 0) {
      this.pinned = this.block * this.machine.perBlock + inside;
    } else if (cell) {
      const { array } = cell.box.sheet;
      this.picked = { array: array.number, element: cell.element };
      this.predict.click(array, cell.element);
    }
    this.update();
  }

  hover(event) {
    const { inside, cell } = this.pointed(event);
    this.canvas.style.cursor = inside >= 0 || cell ? "pointer" : "default";
    this.canvas.title = inside >= 0 ? this.threadTip(inside) : cell ? this.cellTip(cell) : "";
  }

  threadTip(inside) {
    const thread = this.block * this.machine.perBlock + inside;
    const status = this.machine.status(thread, this.active.has(thread));
    return `thread ${indexWords(inside, this.header.block)}, warp ${Math.floor(inside / 32)}: ${status}`;
  }

  cellTip({ box: { sheet }, element }) {
    const instance = sheet.array.space === "shared" ? this.block : sheet.array.space === "local" ? this.pinned : 0;
    const position = sheet.positionOf(element);
    const value = position < 0 ? undefined : this.machine.cell(sheet.array, position, instance);
    return `${elementWords(sheet.array, element)} = ${value === undefined ? "never written" : shown(value)}`;
  }

  pinnedWords() {
    return indexWords(this.pinned % this.machine.perBlock, this.header.block);
  }

  // The screen

  update() {
    if (!this.predict.asking) this.hidden = false;
    const at = this.positionOf(this.machine.step) + 1;
    this.where.textContent = `${at.toLocaleString("en")} / ${this.steps.length.toLocaleString("en")}`;
    say(this, this.saying);
    this.canvas.setAttribute("aria-label", this.saying.textContent);
    tabulate(this, this.table);
    this.render();
  }

  render() {
    if (!this.layout) this.arrange();
    this.canvas.hidden = this.view !== "step";
    this.warpCanvas.hidden = this.view !== "warp";
    this.stage.classList.toggle("warping", this.view === "warp");
    if (this.view === "warp") this.warpView.draw();
    else if (this.layout) this.painter.draw();
    this.source.update();
    showHead(this);
    showSide(this);
    this.timeline.draw();
    for (const spot of this.spots) if (spot.button) spot.button.classList.toggle("open", spot === this.spotlight);
  }

  arrange() {
    const width = this.stage.clientWidth - 2;
    if (width < 50) return;
    const { block, machine } = this;
    if (!this.touched.has(block)) this.touched.set(block, touchedBy(this.recording, machine, block));
    const sheets = machine.arrays.map((array, i) => new Sheet(array, this.touched.get(block)[i], width));
    this.layout = new Layout(machine, this.header, sheets, width);
  }

  /** Turn large arrays to where the step takes place. */
  turnSheets() {
    for (const { sheet } of this.layout.sheets) {
      const event = this.events.find((one) => one.array === sheet.array && one.kind !== KIND.OTHERS);
      if (event) sheet.follow(positionsIn(event, this.block, this.machine.perBlock));
    }
  }

  resized() {
    this.layout = null;
    this.render();
  }
}

/** Put a player into an element. `texts` are recordings in base64; `beside`: two of them, moved together. */
export async function mount(root, texts, { captions = [], beside = false, finding = false } = {}) {
  const recordings = [];
  for (const text of texts) recordings.push(await readRecording(text));
  root.textContent = "";
  if (!beside) {
    const player = new Player(root, recordings, captions);
    if (finding) player.nextFinding();
    return [player];
  }
  root.classList.add("gpusim-beside");
  const players = recordings.map((recording) => new Player(make(root, "div"), [recording]));
  players.forEach((player, i) => { player.beside = players[1 - i]; });
  return players;
}
