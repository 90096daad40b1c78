// Where threads and cells stand on the stage.

import { KIND } from "./reader.js";
import { indexIn } from "./machine.js";

const GAP = 26;
const LABEL = 20;
const TALL = 600;
const MOST_ROWS = 40;
const MOST_COLUMNS = 64;

/** Elements (positions among the recorded ones) that a block touches, by array number. */
export function touchedBy(recording, machine, block) {
  const { kind, what, mask } = recording.rows;
  const first = block * machine.perBlock;
  const touched = machine.arrays.map(() => new Set());
  for (let row = 0; row < recording.rowCount; row++) {
    if (kind[row] < KIND.LOAD || kind[row] > KIND.ATOMIC) continue;
    const array = machine.arrays[what[row]];
    const threads = recording.mask(mask[row]);
    const addresses = recording.addresses(row);
    for (let i = 0; i < threads.length; i++) {
      if (threads[i] >= first && threads[i] < first + machine.perBlock) {
        touched[what[row]].add(Math.floor(addresses[i] / array.size));
      }
    }
  }
  return touched;
}

/** An array as rows and columns: which ones are shown, and the element at each place. */
export class Sheet {
  constructor(array, touched, width) {
    this.array = array;
    const { shape } = array;
    const elements = shape.reduce((a, b) => a * b, 1);
    this.flat = shape.length < 2;
    this.columns = this.flat ? Math.max(1, Math.min(elements, wrapAt(elements, width))) : shape[shape.length - 1];
    this.rows = Math.ceil(elements / this.columns) || 1;
    this.elements = elements;
    const places = [...touched].map((position) => this.placeOf(array.cells ? array.cells[position] : position));
    const [usedRows, usedColumns] = [0, 1].map((axis) => ascending(places.map((place) => place[axis])));
    const spare = array.space === "shared" && 2 * usedRows.length * usedColumns.length <= this.rows * this.columns;
    const all = this.rows <= MOST_ROWS && this.columns <= MOST_COLUMNS && !spare;
    this.shownRows = all ? range(this.rows) : usedRows;
    this.shownColumns = all || this.flat ? range(this.columns) : usedColumns;
    if (!this.shownRows.length) this.shownRows = [0];
    if (!this.shownColumns.length) this.shownColumns = [0];
    this.windowAt(0, 0);
  }

  /** [row, column] of an element, by its true number. */
  placeOf(element) {
    if (this.array.turned && this.array.shape.length === 2) {
      return [element % this.rows, Math.floor(element / this.rows)];
    }
    return [Math.floor(element / this.columns), element % this.columns];
  }

  elementOf(row, column) {
    return this.array.turned && this.array.shape.length === 2 ? column * this.rows + row : row * this.columns + column;
  }

  /** Position among the recorded elements, or -1. */
  positionOf(element) {
    return this.array.cells ? indexIn(this.array.cells, element) : element;
  }

  /** Show the part of a large array in which a step takes place. */
  follow(positions) {
    if (this.shownRows.length <= MOST_ROWS && this.shownColumns.length <= MOST_COLUMNS) return;
    if (!positions.length) return;
    const places = positions.map((p) => this.placeOf(this.array.cells ? this.array.cells[p] : p));
    const row = this.shownRows.indexOf(Math.min(...places.map((place) => place[0])));
    const column = this.shownColumns.indexOf(Math.min(...places.map((place) => place[1])));
    const inRows = row >= this.top && row < this.top + MOST_ROWS;
    const inColumns = column >= this.left && column < this.left + MOST_COLUMNS;
    if (!inRows || !inColumns) this.windowAt(Math.max(0, row - 2), Math.max(0, column - 2));
  }

  windowAt(top, left) {
    this.top = Math.max(0, Math.min(top, this.shownRows.length - MOST_ROWS));
    this.left = Math.max(0, Math.min(left, this.shownColumns.length - MOST_COLUMNS));
    this.visibleRows = this.shownRows.slice(this.top, this.top + MOST_ROWS);
    this.visibleColumns = this.shownColumns.slice(this.left, this.left + MOST_COLUMNS);
    this.partial = this.visibleRows.length < this.rows || this.visibleColumns.length < this.columns;
  }
}

function wrapAt(elements, width) {
  if (elements * 22 <= width) return elements;
  return width >= 32 * 13 ? 32 : 16;
}

function range(n) {
  return Array.from({ length: n }, (_, i) => i);
}

function ascending(numbers) {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

/** Threads above, arrays below: global ones first, then shared, then the pinned thread's own. */
export class Layout {
  constructor(machine, header, sheets, width) {
    this.width = width;
    this.scale = 1;
    this.place(machine, header, sheets, width);
    if (this.height > TALL && width > 480) { // so that the whole is seen without scrolling
      this.scale = Math.max(0.6, (TALL - 90) / (this.height - 90));
      this.place(machine, header, sheets, width);
    }
  }

  place(machine, header, sheets, width) {
    this.sheets = [];
    this.placeThreads(header.block, machine.perBlock, width);
    let y = this.threads.y + this.threads.height + GAP;
    for (const spaces of [["global", "constant"], ["shared"], ["local"]]) {
      const group = sheets.filter((sheet) => spaces.includes(sheet.array.space) && sheet.array.instances);
      if (group.length) y = this.placeGroup(group, y, width) + GAP;
    }
    this.height = y - GAP + 8;
  }

  placeThreads(block, count, width) {
    const flat = block[1] * block[2] === 1;
    const columns = flat ? Math.min(count, 32) : block[0];
    const rows = Math.ceil(count / columns);
    const size = Math.max(8, Math.min(40, (width - 8) / columns, 260 / rows) * this.scale);
    this.threads = { columns, rows, size, x: Math.max(2, (width - size * columns) / 2), y: LABEL, height: rows * size };
  }

  /** Centre of a thread's sign; `inside` is its number in the block. */
  thread(inside) {
    const { columns, size, x, y } = this.threads;
    return [x + (inside % columns + 0.5) * size, y + (Math.floor(inside / columns) + 0.5) * size];
  }

  threadAt(px, py, count) {
    const { columns, size, x, y } = this.threads;
    const column = Math.floor((px - x) / size);
    const row = Math.floor((py - y) / size);
    const inside = row * columns + column;
    return column >= 0 && column < columns && row >= 0 && inside < count ? inside : -1;
  }

  placeGroup(group, top, width) {
    const most = Math.max(...group.map((sheet) => sheet.visibleColumns.length));
    const tall = Math.max(...group.map((sheet) => sheet.visibleRows.length)) > 10;
    const least = tall ? 8 : 24; // pixels of a cell: values are legible, or the shape counts
    const side = Math.min(group.length, Math.max(1, Math.floor((width + GAP) / (most * least + GAP))));
    const share = (width - (side - 1) * GAP) / side;
    let y = top;
    for (let i = 0; i < group.length; i += side) {
      const shelf = group.slice(i, i + side).map((sheet) => {
        const columns = sheet.visibleColumns.length;
        const rows = sheet.visibleRows.length;
        const cell = Math.max(4, Math.min(36, (share - 4) / columns, 330 / rows) * this.scale);
        const title = 8 * sheet.array.name.length + (sheet.partial ? 96 : 50);
        return { sheet, cell, width: cell * columns, height: cell * rows, room: Math.max(cell * columns, title) };
      });
      const total = shelf.reduce((sum, box) => sum + box.room, GAP * (shelf.length - 1));
      let x = Math.max(2, (width - total) / 2);
      for (const box of shelf) {
        this.sheets.push({ ...box, x, y: y + LABEL });
        x += box.room + GAP;
      }
      y += LABEL + Math.max(...shelf.map((box) => box.height)) + (i + side < group.length ? GAP : 0);
    }
    return y;
  }

  /** Upper left corner of a cell, or null if it is not shown. */
  cell(box, element) {
    const [row, column] = box.sheet.placeOf(element);
    const r = indexIn(box.sheet.visibleRows, row);
    const c = indexIn(box.sheet.visibleColumns, column);
    return r < 0 || c < 0 ? null : [box.x + c * box.cell, box.y + r * box.cell];
  }

  /** The box and element at a point, or null. */
  cellAt(px, py) {
    for (const box of this.sheets) {
      const column = Math.floor((px - box.x) / box.cell);
      const row = Math.floor((py - box.y) / box.cell);
      const { visibleRows, visibleColumns, elements } = box.sheet;
      if (row < 0 || column < 0 || row >= visibleRows.length || column >= visibleColumns.length) continue;
      const element = box.sheet.elementOf(visibleRows[row], visibleColumns[column]);
      if (element < elements) return { box, element };
    }
    return null;
  }
}

/** Positions of the elements that an event's threads of a block touch. */
export function positionsIn(event, block, perBlock) {
  const found = [];
  for (let i = 0; i < event.threads.length; i++) {
    if (Math.floor(event.threads[i] / perBlock) !== block) continue;
    found.push(Math.floor(event.addresses[i] / event.array.size));
  }
  return found;
}
