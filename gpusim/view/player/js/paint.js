// Draws the stage: the block's threads, its arrays, and the arrows of one step.

import { KIND, shown } from "./reader.js";
import { elementAt, extentWords, indexWords } from "./words.js";

const FONT = "ui-sans-serif, system-ui, sans-serif";
const MONO = "ui-monospace, 'SF Mono', Menlo, Consolas, monospace";
const COLORS = [
  "paper", "ink", "muted", "line", "cell", "read", "write", "atomic", "thread", "wait", "mark", "error", "on",
];
const MOST_ARROWS = 36;

/** A canvas of the element's size, sharp on dense screens; returns its context, cleared. */
export function prepared(canvas, width, height) {
  const dense = Math.min(3, window.devicePixelRatio || 1);
  if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    canvas.style.height = `${height}px`;
  }
  const c = canvas.getContext("2d");
  c.setTransform(dense, 0, 0, dense, 0, 0);
  c.clearRect(0, 0, width, height);
  return c;
}

/** The colours of the page, from its style sheet. */
export function palette(element) {
  const style = getComputedStyle(element);
  const colors = {};
  for (const name of COLORS) colors[name] = style.getPropertyValue(`--${name}`).trim();
  return colors;
}

export function colorOf(kind, colors) {
  return kind === KIND.LOAD ? colors.read : kind === KIND.STORE ? colors.write : colors.atomic;
}

function rounded(c, x, y, size, radius) {
  c.beginPath();
  c.roundRect(x, y, size, size, radius);
}

/** A value in a cell: `.5` for 0.5; beside large ones, a small one has no more decimals than digits. */
function brief(value, digits, large) {
  const small = large && value && Math.abs(value) < 0.1;
  return (small ? value.toFixed(digits) : shown(value, digits)).replace(/^(-?)0\./, "$1.");
}

export class Painter {
  constructor(canvas, player) {
    this.canvas = canvas;
    this.player = player;
  }

  draw() {
    const { layout, colors } = this.player;
    this.player.turnSheets();
    const c = prepared(this.canvas, layout.width, layout.height);
    this.c = c;
    c.textBaseline = "middle";
    this.accesses = this.player.events.filter((event) => event.array && event.kind !== KIND.OTHERS);
    if (!this.player.hidden) this.arrows(c, colors, false);
    for (const box of layout.sheets) this.sheet(c, colors, box);
    if (!this.player.hidden) this.arrows(c, colors, true);
    this.threads(c, colors);
    this.rings(c, colors);
  }

  threads(c, colors) {
    const { layout, machine, header, block, pinned, active, hovered } = this.player;
    const { size, x } = layout.threads;
    c.font = `12px ${FONT}`;
    c.fillStyle = colors.muted;
    c.textAlign = "left";
    const extent = extentWords(header.block);
    const many = header.grid[0] * header.grid[1] * header.grid[2] > 1;
    const which = many ? `block ${indexWords(header.blocks[block], header.grid)}: ` : "";
    const name = `${which}${extent} threads`;
    c.fillText(name, Math.min(x, layout.width - c.measureText(name).width - 4), 9);
    for (let inside = 0; inside < machine.perBlock; inside++) {
      const thread = block * machine.perBlock + inside;
      const [cx, cy] = layout.thread(inside);
      this.sign(c, colors, cx, cy, size, machine.status(thread, active.has(thread)));
      if (size >= 30) {
        c.font = `${size >= 36 ? 11 : 10}px ${MONO}`;
        c.textAlign = "center";
        c.fillStyle = active.has(thread) && !machine.waiting[thread] ? colors.on : colors.muted;
        const words = indexWords(inside, header.block).replace(/[() ]/g, "");
        const status = machine.status(thread, active.has(thread));
        if (status === "active" || status === "masked" || (status === "waiting" && size >= 36)) {
          c.fillText(words, cx, cy + 0.5);
        }
      }
      if (thread === pinned || inside === hovered) {
        c.strokeStyle = colors.mark;
        c.lineWidth = thread === pinned ? 2.5 : 1;
        rounded(c, cx - size / 2 + 0.5, cy - size / 2 + 0.5, size - 1, size / 4);
        c.stroke();
      }
    }
  }

  /** A thread by colour and by shape: full square, hollow square, two bars, small dot. */
  sign(c, colors, x, y, size, status) {
    const s = size * 0.8;
    if (status === "active") {
      c.fillStyle = colors.thread;
      rounded(c, x - s / 2, y - s / 2, s, s / 4);
      c.fill();
    } else if (status === "waiting") {
      c.fillStyle = colors.wait;
      c.globalAlpha = 0.28;
      rounded(c, x - s / 2, y - s / 2, s, s / 4);
      c.fill();
      c.globalAlpha = 1;
      const edge = size >= 30 ? 0.44 : 0.24;
      c.fillRect(x - s * edge, y - s * 0.3, Math.max(1.5, s * 0.12), s * 0.6);
      c.fillRect(x + s * (edge - 0.12), y - s * 0.3, Math.max(1.5, s * 0.12), s * 0.6);
    } else if (status === "gone" || status === "early") {
      c.beginPath();
      c.arc(x, y, Math.max(1.2, s * 0.12), 0, 7);
      c.fillStyle = colors.muted;
      c.strokeStyle = colors.muted;
      c.lineWidth = 1;
      if (status === "gone") c.fill();
      else c.stroke();
    } else {
      c.strokeStyle = colors.muted;
      c.lineWidth = 1.2;
      c.setLineDash([3, 2]);
      rounded(c, x - s / 2 + 0.6, y - s / 2 + 0.6, s - 1.2, s / 4);
      c.stroke();
      c.setLineDash([]);
    }
  }

  sheet(c, colors, box) {
    const { machine, block, pinned, picked } = this.player;
    const { sheet, cell, x, y } = box;
    const { array } = sheet;
    const instance = array.space === "shared" ? block : array.space === "local" ? pinned : 0;
    this.title(c, colors, box);
    const lit = this.lit(array);
    const texts = this.texts(box, instance);
    const gap = cell >= 14 ? 1.5 : cell >= 8 ? 1 : 0.5;
    for (let r = 0; r < sheet.visibleRows.length; r++) {
      for (let k = 0; k < sheet.visibleColumns.length; k++) {
        const element = sheet.elementOf(sheet.visibleRows[r], sheet.visibleColumns[k]);
        if (element >= sheet.elements) continue;
        const position = sheet.positionOf(element);
        const value = position < 0 ? undefined : machine.cell(array, position, instance);
        this.cell(c, colors, x + k * cell, y + r * cell, cell, gap, value, lit.get(element), texts);
        if (picked && picked.array === array.number && picked.element === element) {
          c.strokeStyle = colors.mark;
          c.lineWidth = 1.5;
          c.setLineDash([2, 2]);
          c.strokeRect(x + k * cell + 0.75, y + r * cell + 0.75, cell - 1.5, cell - 1.5);
          c.setLineDash([]);
        }
      }
    }
  }

  /** How the values of a sheet are written: digits and size of the letters, so that the widest fits; or null. */
  texts({ sheet, cell }, instance) {
    if (cell < 13) return null;
    const places = sheet.visibleRows.flatMap((row) =>
      sheet.visibleColumns.map((column) => sheet.positionOf(sheet.elementOf(row, column))));
    const { machine } = this.player;
    const values = places.filter((position) => position >= 0)
      .map((position) => machine.cell(sheet.array, position, instance)).filter((value) => value !== undefined);
    const large = values.some((value) => Math.abs(value) >= 0.1);
    for (const [digits, least] of [[3, 8], [2, 8], [2, 6], [1, 6]]) {
      const longest = Math.max(1, ...values.map((value) => brief(value, digits, large).length));
      const points = Math.min(12, cell * 0.5, (cell - 3) / (0.61 * longest));
      if (points >= least) return { digits, points, large };
    }
    return null;
  }

  title(c, colors, { sheet, x, y }) {
    const { array } = sheet;
    c.textAlign = "left";
    c.font = `600 13px ${MONO}`;
    c.fillStyle = colors.ink;
    c.fillText(array.name, x, y - 10);
    const after = x + c.measureText(array.name).width + 6;
    c.font = `11.5px ${FONT}`;
    c.fillStyle = colors.muted;
    const part = sheet.partial ? ", a part" : "";
    c.fillText(`${array.space}${part}`, after, y - 9.5);
  }

  /** Which cells this step lights up: element -> kind. Predictions keep them dark. */
  lit(array) {
    const { block, machine, hidden } = this.player;
    const lit = new Map();
    if (hidden) return lit;
    for (const event of this.accesses) {
      if (event.array !== array) continue;
      for (let i = 0; i < event.threads.length; i++) {
        if (Math.floor(event.threads[i] / machine.perBlock) !== block) continue;
        if (array.space === "local" && event.threads[i] !== this.player.pinned) continue;
        const element = elementAt(array, event.addresses[i]);
        lit.set(element, Math.max(lit.get(element) || 0, event.kind));
      }
    }
    return lit;
  }

  cell(c, colors, x, y, size, gap, value, kind, texts) {
    const inner = size - gap;
    const faint = kind && this.player.spotlight;
    if (faint) c.globalAlpha = 0.3;
    c.fillStyle = kind ? colorOf(kind, colors) : value === undefined ? colors.paper : colors.cell;
    c.beginPath();
    if (size >= 12) c.roundRect(x, y, inner, inner, Math.min(4, size / 6));
    else c.rect(x, y, inner, inner);
    c.fill();
    c.globalAlpha = 1;
    if (size >= 8 && !kind) {
      c.strokeStyle = colors.line;
      c.lineWidth = 1;
      if (value === undefined) c.setLineDash([2, 2]);
      c.stroke();
      c.setLineDash([]);
    }
    if (!texts || value === undefined) return;
    c.font = `${texts.points}px ${MONO}`;
    c.textAlign = "center";
    c.fillStyle = kind && !faint ? colors.on : colors.ink;
    c.fillText(brief(value, texts.digits, texts.large), x + inner / 2, y + inner / 2 + 0.5);
  }

  /** Arrows of the pinned thread, which go over the cells, or of all others. */
  arrows(c, colors, pinnedOnes) {
    const { block, machine, pinned, spotlight } = this.player;
    if (spotlight) {
      if (pinnedOnes) this.accuse(c, colors);
      return;
    }
    for (const event of this.accesses) {
      const mine = [];
      event.threads.forEach((thread, i) => {
        if (Math.floor(thread / machine.perBlock) === block) mine.push(i);
      });
      const all = mine.length <= MOST_ARROWS && event.array.space !== "local";
      for (const i of mine) {
        const own = event.threads[i] === pinned;
        if (own !== pinnedOnes || (!own && !all)) continue;
        const element = elementAt(event.array, event.addresses[i]);
        this.arrow(c, colors, event.kind, event.array, element, event.threads[i], own ? 1 : 0.45, own ? 2.6 : 1.2);
      }
    }
  }

  /** In the spotlight: what the two threads of a race do to the cell. */
  accuse(c, colors) {
    const { spotlight, machine, recording, block } = this.player;
    if (spotlight.array === null || spotlight.address === undefined) return;
    const array = machine.arrays[spotlight.array];
    const element = elementAt(array, spotlight.address);
    for (const [thread, step] of [[spotlight.other_thread, spotlight.other_step], [spotlight.thread, spotlight.step]]) {
      if (thread === null || thread === undefined || step === null || step === undefined) continue;
      if (Math.floor(thread / machine.perBlock) !== block) continue;
      const [from, to] = recording.rowsOf(step);
      for (let row = from; row < to; row++) {
        if (recording.rows.what[row] !== spotlight.array || recording.rows.addresses[row] < 0) continue;
        const at = recording.mask(recording.rows.mask[row]).indexOf(thread);
        if (at < 0 || elementAt(array, recording.addresses(row)[at]) !== element) continue;
        this.arrow(c, colors, recording.rows.kind[row], array, element, thread, 1, 2.6);
      }
    }
  }

  arrow(c, colors, kind, array, element, number, alpha, weight) {
    const { layout, machine } = this.player;
    const box = layout.sheets.find((one) => one.sheet.array === array);
    const corner = box && layout.cell(box, element);
    if (!corner) return;
    const half = box.cell / 2;
    const cell = [corner[0] + half, corner[1] + half];
    const thread = layout.thread(number % machine.perBlock);
    const reach = layout.threads.size * 0.42;
    const below = [thread[0], thread[1] + reach];
    const above = [cell[0], cell[1] - half * 0.6];
    const [from, to] = kind === KIND.LOAD ? [above, below] : [below, above];
    c.strokeStyle = c.fillStyle = colorOf(kind, colors);
    c.globalAlpha = alpha;
    c.lineWidth = weight;
    const bend = (to[1] - from[1]) / 2;
    const control = [to[0], to[1] - bend * 0.9];
    c.beginPath();
    c.moveTo(...from);
    c.bezierCurveTo(from[0], from[1] + bend * 0.9, control[0], control[1], ...to);
    c.stroke();
    this.head(c, to, Math.sign(bend) || 1, weight);
    c.globalAlpha = 1;
  }

  head(c, [x, y], down, weight) {
    const size = 3 + weight * 1.6;
    c.beginPath();
    c.moveTo(x, y);
    c.lineTo(x - size * 0.6, y - down * size);
    c.lineTo(x + size * 0.6, y - down * size);
    c.closePath();
    c.fill();
  }

  /** The pinned thread's cells, and the two threads and the cell of a race in the spotlight. */
  rings(c, colors) {
    const { layout, pinned, machine, spotlight, block } = this.player;
    if (!this.player.hidden && !spotlight) {
      for (const event of this.accesses) {
        const i = event.threads.indexOf(pinned);
        if (i >= 0) this.ringCell(c, colors.mark, event.array, elementAt(event.array, event.addresses[i]), 2);
      }
    }
    if (!spotlight) return;
    if (spotlight.array !== null && spotlight.address !== undefined) {
      const array = machine.arrays[spotlight.array];
      this.ringCell(c, colors.error, array, elementAt(array, spotlight.address), 3.5);
    }
    [spotlight.thread, spotlight.other_thread].forEach((thread, k) => {
      if (thread === null || thread === undefined || Math.floor(thread / machine.perBlock) !== block) return;
      const [x, y] = layout.thread(thread % machine.perBlock);
      const { size } = layout.threads;
      c.strokeStyle = colors.error;
      c.lineWidth = 3;
      rounded(c, x - size / 2 - 1, y - size / 2 - 1, size + 2, size / 4);
      c.stroke();
      if (spotlight.other_thread === undefined) return;
      c.font = `700 12px ${FONT}`;
      c.textAlign = "center";
      c.fillStyle = colors.error;
      c.beginPath();
      const [bx, by] = [Math.min(layout.width - 9, x + size / 2), Math.max(9, y - size / 2)];
      c.arc(bx, by, 8, 0, 7);
      c.fill();
      c.fillStyle = colors.paper;
      c.fillText("BA"[k], bx, by + 0.5);
    });
  }

  ringCell(c, color, array, element, weight) {
    const box = this.player.layout.sheets.find((one) => one.sheet.array === array);
    const corner = box && this.player.layout.cell(box, element);
    if (!corner) return;
    c.strokeStyle = color;
    c.lineWidth = weight;
    rounded(c, corner[0] - 0.5, corner[1] - 0.5, box.cell - (box.cell >= 14 ? 0.5 : 0), Math.min(5, box.cell / 5));
    c.stroke();
  }
}
