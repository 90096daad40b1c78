// The time line: one bar a step, as high as threads are active; barriers, findings and the present moment.

import { KIND } from "./reader.js";
import { prepared } from "./paint.js";

const HEIGHT = 58;
const TOP = 15;
const FOOT = 8;

export class Timeline {
  constructor(canvas, player) {
    this.canvas = canvas;
    this.player = player;
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      this.dragging = true;
      this.jump(event);
    });
    canvas.addEventListener("pointermove", (event) => { if (this.dragging) this.jump(event); });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { this.dragging = false; });
  }

  jump(event) {
    const { player } = this;
    const box = this.canvas.getBoundingClientRect();
    const share = (event.clientX - box.left - 6) / (box.width - 12);
    const steps = player.steps;
    player.go(steps[Math.max(0, Math.min(steps.length - 1, Math.floor(share * steps.length)))]);
  }

  /** What stands still while one block of one run is shown: how many threads are active at each step, and marks. */
  survey() {
    const { recording, block, machine, steps } = this.player;
    const { kind, mask } = recording.rows;
    const first = block * machine.perBlock;
    this.shares = new Float32Array(steps.length);
    this.barriers = [];
    const counts = new Map();
    steps.forEach((step, i) => {
      const [from, to] = recording.rowsOf(step);
      const number = mask[from];
      if (!counts.has(number)) {
        let mine = 0;
        for (const thread of recording.mask(number)) if (thread >= first && thread < first + machine.perBlock) mine++;
        counts.set(number, mine / machine.perBlock);
      }
      this.shares[i] = counts.get(number);
      for (let row = from; row < to; row++) if (kind[row] === KIND.BARRIER) this.barriers.push(i);
    });
    this.image = null;
  }

  draw() {
    const { player } = this;
    const width = this.canvas.clientWidth;
    if (!width) return;
    const c = prepared(this.canvas, width, HEIGHT);
    if (!this.image || this.image.width !== this.canvas.width || this.colors !== player.colors) this.still(width);
    c.save();
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.drawImage(this.image, 0, 0);
    c.restore();
    const at = player.steps.indexOf(player.machine.step);
    const x = this.x(at < 0 ? player.positionOf(player.machine.step) : at, width);
    const bar = Math.max(2, (width - 12) / player.steps.length);
    c.fillStyle = player.colors.mark;
    c.globalAlpha = 0.13;
    c.fillRect(x, TOP - 3, bar, HEIGHT - TOP - FOOT + 6);
    c.globalAlpha = 1;
    c.fillRect(x + bar / 2 - 1, TOP - 5, 2, HEIGHT - TOP - FOOT + 9);
    c.beginPath();
    c.arc(x + bar / 2, HEIGHT - 5, 4.5, 0, 7);
    c.fill();
  }

  x(index, width) {
    return 6 + (index * (width - 12)) / Math.max(1, this.player.steps.length);
  }

  still(width) {
    const { colors, steps, spots } = this.player;
    this.colors = colors;
    this.image = document.createElement("canvas");
    const c = prepared(this.image, width, HEIGHT);
    const room = HEIGHT - TOP - FOOT;
    const step = (width - 12) / Math.max(1, steps.length);
    if (this.player.header.one_by_one) this.threads(c, width, room);
    const last = this.player.header.one_by_one ? 0 : Math.min(steps.length, Math.ceil(width - 12));
    c.fillStyle = colors.thread;
    c.globalAlpha = 0.55;
    for (let k = 0; k < last; k++) {
      const i = steps.length > last ? Math.floor((k * steps.length) / last) : k;
      const high = Math.max(1.5, this.shares[i] * room);
      const wide = steps.length > last ? 1 : Math.max(1, step - (step > 4 ? 1 : 0));
      c.fillRect(this.x(i, width), TOP + room - high, wide, high);
    }
    c.globalAlpha = 1;
    const spacing = this.barriers.length > 1 ? (width - 12) / this.barriers.length : width;
    c.fillStyle = colors.ink;
    if (spacing > 3) {
      for (const i of this.barriers) c.fillRect(this.x(i, width) + step / 2 - 0.75, TOP - 7, 1.5, room + 7);
    }
    for (const spot of spots) {
      if (spot.step === null) continue;
      const x = this.x(this.player.positionOf(spot.step), width) + step / 2;
      c.fillStyle = spot.severity === "error" ? colors.error : spot.severity === "warning" ? colors.wait : colors.muted;
      c.beginPath();
      c.moveTo(x, TOP - 2);
      c.lineTo(x - 5.5, 1);
      c.lineTo(x + 5.5, 1);
      c.closePath();
      c.fill();
    }
    this.image = c.canvas;
  }

  /** Where threads run one by one: which one does, at each step. */
  threads(c, width, room) {
    const { recording, steps, machine, colors } = this.player;
    const wide = Math.max(1.5, (width - 12) / steps.length);
    const high = Math.max(1.5, Math.min(8, room / machine.threads));
    c.fillStyle = colors.cell;
    c.fillRect(6, TOP, width - 12, room);
    c.fillStyle = colors.thread;
    steps.forEach((step, i) => {
      const [thread] = recording.mask(recording.rows.mask[recording.starts[step]]);
      c.fillRect(this.x(i, width), TOP + (thread / machine.threads) * room, wide, high);
    });
  }
}
