// The warp's view: lanes against 32-byte sectors, lanes against 32 banks, and the mask over time.

import { KIND } from "./reader.js";
import { WARP, byWarp, sectorsOf, wavefronts } from "./measure.js";
import { colorOf, prepared } from "./paint.js";
import { indexIn } from "./machine.js";
import { count } from "./words.js";

const FONT = "ui-sans-serif, system-ui, sans-serif";
const MOST_SECTORS = 40;
const PAST = 56;

export class WarpView {
  constructor(canvas, player) {
    this.canvas = canvas;
    this.player = player;
  }

  draw() {
    const { player } = this;
    const width = this.canvas.parentElement.clientWidth;
    const { machine, recording, block, pinned } = player;
    this.warp = Math.floor((pinned % machine.perBlock) / WARP);
    const rows = player.events.filter((e) => e.array && e.kind !== KIND.OTHERS && e.array.space !== "local");
    const panels = [];
    for (const event of rows) {
      const lanes = byWarp(recording, machine, event.row, block).get(this.warp);
      if (lanes) panels.push({ event, lanes });
    }
    const heights = panels.map(({ event, lanes }) => this.height(event, lanes));
    const strip = 30 + 32 * 5 + 20;
    const total = 8 + heights.reduce((a, b) => a + b, 0) + (panels.length ? 0 : 34) + strip;
    const c = prepared(this.canvas, width, total);
    c.textBaseline = "middle";
    let y = 8;
    if (!panels.length) {
      this.text(c, `warp ${this.warp} accesses no memory in this step`, 4, y + 10, player.colors.muted, 13);
      y += 34;
    }
    panels.forEach(({ event, lanes }, i) => {
      if (event.array.space === "shared") this.banks(c, event, lanes, y, width);
      else this.sectors(c, event, lanes, y, width);
      y += heights[i];
    });
    this.masks(c, y, width);
  }

  height(event, lanes) {
    if (event.array.space !== "shared") return 150;
    return 100 + this.rowHeight(lanes, event.size) * this.deepest(lanes, event.size);
  }

  deepest(lanes, size) {
    return Math.max(...this.words(lanes, size).map((words) => words.size), 1);
  }

  rowHeight(lanes, size) {
    return Math.max(5, Math.min(15, 190 / this.deepest(lanes, size)));
  }

  /** The distinct 4-byte words that the lanes ask of each bank. */
  words(lanes, size) {
    const banks = Array.from({ length: 32 }, () => new Map());
    for (const [lane, address] of lanes) {
      for (let w = Math.floor(address / 4); w <= Math.floor((address + size - 1) / 4); w++) {
        const words = banks[w % 32];
        words.set(w, [...(words.get(w) || []), lane]);
      }
    }
    return banks;
  }

  text(c, words, x, y, color, points = 12, weight = 400, align = "left", room = undefined) {
    c.font = `${weight} ${points}px ${FONT}`;
    c.textAlign = align;
    c.fillStyle = color;
    c.fillText(words, x, y, room);
  }

  /** What a warp does to an array, and how well; narrower letters where they would not fit. */
  head(c, event, lanes, moved, verdict, bad, y, width) {
    const { colors } = this.player;
    const verb = event.kind === KIND.LOAD ? "read" : "write";
    const words = `${event.array.name}: ${count(lanes.length, "lane")} ${verb}${moved}`;
    this.text(c, words, 4, y + 8, colors.ink, 13, 600);
    const at = 8 + c.measureText(words).width;
    this.text(c, verdict, at, y + 8, bad ? colors.error : colors.muted, 12, 400, "left", width - at);
  }

  lanes(c, lanes, y, width, color) {
    const { colors } = this.player;
    const size = Math.min(20, (width - 60) / WARP);
    const left = 52;
    const active = new Set(lanes.map(([lane]) => lane));
    const own = (this.player.pinned % this.player.machine.perBlock) % WARP;
    this.text(c, "lanes", 4, y + size / 2, colors.muted, 11.5);
    for (let lane = 0; lane < WARP; lane++) {
      c.fillStyle = active.has(lane) ? color : colors.cell;
      c.strokeStyle = lane === own ? colors.mark : colors.line;
      c.lineWidth = lane === own ? 2 : 1;
      c.beginPath();
      c.roundRect(left + lane * size + 1, y, size - 2, size - 2, 3);
      c.fill();
      if (!active.has(lane) || lane === own) c.stroke();
      if (size >= 15) {
        const ink = active.has(lane) ? colors.on : colors.muted;
        this.text(c, lane, left + (lane + 0.5) * size, y + size / 2 - 0.5, ink, 9, 400, "center");
      }
    }
    return (lane) => [left + (lane + 0.5) * size, y + size - 2];
  }

  sectors(c, event, lanes, y, width) {
    const { colors } = this.player;
    const color = colorOf(event.kind, colors);
    const sectors = [...sectorsOf(lanes, event.size)].sort((a, b) => a - b);
    const least = Math.ceil((new Set(lanes.map(([, address]) => address)).size * event.size) / 32);
    const wasted = sectors.length > least;
    const praise = wasted ? `(${least} would do)` : "(as few as can be)";
    const moved = `, ${count(sectors.length, "sector")}${width < 480 ? "" : " of 32 bytes travel"}`;
    this.head(c, event, lanes, moved, praise, wasted, y, width);
    const foot = this.lanes(c, lanes, y + 24, width, color);
    const shown = sectors.slice(0, MOST_SECTORS);
    const room = (width - 60) / Math.max(8, shown.length);
    const size = Math.min(84, room);
    const top = y + 102;
    this.text(c, "sectors", 4, top + 10, colors.muted, 11.5);
    const used = new Map(shown.map((sector, i) => [sector, { x: 52 + i * size, bytes: new Uint8Array(32) }]));
    for (const [lane, address] of lanes) {
      for (let b = 0; b < event.size; b++) {
        const box = used.get(Math.floor((address + b) / 32));
        if (box) box.bytes[(address + b) % 32] = 1;
      }
      const box = used.get(Math.floor(address / 32));
      if (!box) continue;
      const [fx, fy] = foot(lane);
      const tx = box.x + 2 + ((address % 32) + event.size / 2) * ((size - 4) / 32);
      c.strokeStyle = color;
      c.globalAlpha = 0.45;
      c.lineWidth = 1.2;
      c.beginPath();
      c.moveTo(fx, fy);
      c.bezierCurveTo(fx, (fy + top) / 2, tx, (fy + top) / 2, tx, top);
      c.stroke();
      c.globalAlpha = 1;
    }
    for (const { x, bytes } of used.values()) {
      c.fillStyle = colors.cell;
      c.fillRect(x + 2, top, size - 4, 20);
      c.fillStyle = color;
      bytes.forEach((yes, b) => {
        if (yes) c.fillRect(x + 2 + (b * (size - 4)) / 32, top, (size - 4) / 32 + 0.3, 20);
      });
      c.strokeStyle = colors.muted;
      c.lineWidth = 1;
      c.strokeRect(x + 1.5, top - 0.5, size - 3, 21);
    }
    if (sectors.length > shown.length) {
      this.text(c, `and ${sectors.length - shown.length} more`, width - 4, top + 32, colors.muted, 11, 400, "right");
    }
  }

  banks(c, event, lanes, y, width) {
    const { colors } = this.player;
    const color = colorOf(event.kind, colors);
    const [total, ideal] = wavefronts(lanes, event.size);
    const extra = total - ideal;
    const blame = extra ? `(${count(extra, "bank conflict")})` : "(no bank conflict)";
    this.head(c, event, lanes, ` in ${count(total, "wavefront")}`, blame, extra, y, width);
    const foot = this.lanes(c, lanes, y + 24, width, color);
    const size = Math.min(20, (width - 60) / WARP);
    const top = y + 82;
    const high = this.rowHeight(lanes, event.size);
    this.text(c, "banks", 4, top + 7, colors.muted, 11.5);
    this.words(lanes, event.size).forEach((bank, b) => {
      const x = 52 + b * size;
      let row = 0;
      for (const users of bank.values()) {
        const [fx, fy] = foot(users[0]);
        c.strokeStyle = row ? colors.error : color;
        c.globalAlpha = 0.4;
        c.lineWidth = 1.2;
        c.beginPath();
        c.moveTo(fx, fy);
        c.bezierCurveTo(fx, (fy + top) / 2, x + size / 2, (fy + top) / 2, x + size / 2, top + row * high);
        c.stroke();
        c.globalAlpha = 1;
        c.fillStyle = row ? colors.error : color;
        c.beginPath();
        c.roundRect(x + 1, top + row * high, size - 2, high - (high > 8 ? 2 : 1), 2);
        c.fill();
        if (users.length > 1 && size >= 14 && high > 12) {
          this.text(c, users.length, x + size / 2, top + row * high + 7, colors.on, 9, 400, "center");
        }
        row++;
      }
      if (row) return;
      c.strokeStyle = colors.line;
      c.lineWidth = 1;
      c.strokeRect(x + 1.5, top + 0.5, size - 3, 12);
    });
  }

  masks(c, y, width) {
    const { colors, steps, recording, machine, block } = this.player;
    const now = this.player.positionOf(machine.step);
    this.text(c, `warp ${this.warp}: which lanes are active, step by step`, 4, y + 10, colors.ink, 13, 600);
    const left = 52;
    const columns = Math.min(steps.length, Math.max(24, Math.floor((width - 60) / 9)));
    const size = Math.min(14, (width - 60) / columns);
    const first = Math.max(0, Math.min(steps.length - columns, now - Math.min(PAST, columns >> 1)));
    const base = block * machine.perBlock + this.warp * WARP;
    const last = Math.min(WARP, machine.perBlock - this.warp * WARP);
    this.text(c, "lane 0", 4, y + 28, colors.muted, 11.5);
    this.text(c, `lane ${last - 1}`, 4, y + 26 + last * 5 - 4, colors.muted, 11.5);
    for (let k = 0; k < columns; k++) {
      const step = steps[first + k];
      if (step === undefined) break;
      const mask = recording.mask(recording.rows.mask[recording.starts[step]]);
      for (let lane = 0; lane < last; lane++) {
        const on = indexIn(mask, base + lane) >= 0;
        c.fillStyle = on ? colors.thread : colors.cell;
        c.fillRect(left + k * size, y + 26 + lane * 5, size - 1, 4);
      }
      if (first + k === now) {
        c.strokeStyle = colors.mark;
        c.lineWidth = 2;
        c.strokeRect(left + k * size - 1, y + 24, size + 1, last * 5 + 3);
      }
    }
  }
}
