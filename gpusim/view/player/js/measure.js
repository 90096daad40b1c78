// What the accesses of one block cost: the simulator's own definitions (gpusim/observe/README.md), warp by warp.

import { KIND } from "./reader.js";

export const WARP = 32;
const SECTOR = 32;
const BANKS = 32;

/** The true address of an element, where only some elements of the array are recorded. */
export function trueAddress(array, address) {
  if (!array.cells) return address;
  return array.cells[Math.floor(address / array.size)] * array.size + (address % array.size);
}

/** Accesses of one block in a row, by warp: Map warp -> [[lane, address], ...]. */
export function byWarp(recording, machine, row, block) {
  const { rows } = recording;
  const array = machine.arrays[rows.what[row]];
  const threads = recording.mask(rows.mask[row]);
  const addresses = recording.addresses(row);
  const first = block * machine.perBlock;
  const warps = new Map();
  for (let i = 0; i < threads.length; i++) {
    const inside = threads[i] - first;
    if (inside < 0 || inside >= machine.perBlock) continue;
    const warp = Math.floor(inside / WARP);
    if (!warps.has(warp)) warps.set(warp, []);
    warps.get(warp).push([inside % WARP, trueAddress(array, addresses[i])]);
  }
  return warps;
}

/** Distinct 32-byte sectors that the lanes of a warp touch. */
export function sectorsOf(lanes, size) {
  const sectors = new Set();
  for (const [, address] of lanes) {
    for (let s = Math.floor(address / SECTOR); s <= Math.floor((address + size - 1) / SECTOR); s++) sectors.add(s);
  }
  return sectors;
}

/** [wavefronts, wavefronts without conflicts]: 8-byte elements go by half warps, 16-byte elements by quarters. */
export function wavefronts(lanes, size) {
  const groups = size > 8 ? 4 : size > 4 ? 2 : 1;
  const words = Array.from({ length: groups }, () => new Map());
  for (const [lane, address] of lanes) {
    const banks = words[Math.floor((lane * groups) / WARP)];
    for (let w = Math.floor(address / 4); w <= Math.floor((address + size - 1) / 4); w++) {
      const bank = w % BANKS;
      if (!banks.has(bank)) banks.set(bank, new Set());
      banks.get(bank).add(w);
    }
  }
  let total = 0;
  let ideal = 0;
  for (const banks of words) {
    if (!banks.size) continue;
    ideal++;
    let most = 0;
    for (const set of banks.values()) most = Math.max(most, set.size);
    total += most;
  }
  return [total, ideal];
}

export const COUNTERS = ["reads", "writes", "atomics", "sectors", "shared reads", "shared writes", "conflicts"];

/** What one row adds to each of COUNTERS for a block, or null. */
function costOf(recording, machine, row, block, oneByOne) {
  const { kind, what, value } = recording.rows;
  if (kind[row] < KIND.LOAD || kind[row] > KIND.ATOMIC) return null;
  const array = machine.arrays[what[row]];
  const shared = array.space === "shared";
  if (!shared && array.space !== "global") return null;
  const cost = new Array(COUNTERS.length).fill(0);
  const size = recording.values[value[row]].type[1];
  for (const lanes of byWarp(recording, machine, row, block).values()) {
    if (kind[row] === KIND.ATOMIC) {
      cost[2] += lanes.length;
      continue;
    }
    cost[(kind[row] === KIND.LOAD ? 0 : 1) + (shared ? 4 : 0)] += lanes.length;
    if (oneByOne) continue;
    if (shared) {
      const [total, ideal] = wavefronts(lanes, size);
      cost[6] += total - ideal;
    } else {
      cost[3] += sectorsOf(lanes, size).size;
    }
  }
  return cost;
}

/** Running totals of a block: `at(step)` and `lineAt(step, line)`. */
export class Meter {
  constructor(recording, machine, block) {
    const width = COUNTERS.length;
    const { steps, header } = recording;
    this.totals = new Float64Array((steps + 1) * width);
    this.lines = new Map();
    for (let step = 0; step < steps; step++) {
      const [from, to] = recording.rowsOf(step);
      for (let c = 0; c < width; c++) this.totals[(step + 1) * width + c] = this.totals[step * width + c];
      for (let row = from; row < to; row++) {
        const cost = costOf(recording, machine, row, block, header.one_by_one);
        if (!cost) continue;
        cost.forEach((n, c) => { this.totals[(step + 1) * width + c] += n; });
        const place = header.places[recording.rows.place[row]];
        this.note(place[1] + ":" + place[2], step, cost[0] + cost[1] + cost[2] + cost[4] + cost[5]);
      }
    }
  }

  note(line, step, accesses) {
    if (!this.lines.has(line)) this.lines.set(line, { steps: [], sums: [] });
    const { steps, sums } = this.lines.get(line);
    sums.push((sums.length ? sums[sums.length - 1] : 0) + accesses);
    steps.push(step);
  }

  /** Totals after a step, or what the step adds. */
  at(step) {
    const width = COUNTERS.length;
    return Array.from(this.totals.subarray((step + 1) * width, (step + 2) * width));
  }

  added(step) {
    const before = this.at(step - 1);
    return this.at(step).map((total, c) => total - before[c]);
  }

  /** Accesses of a line up to a step. */
  lineAt(step, line) {
    const known = this.lines.get(line);
    if (!known) return 0;
    let low = 0;
    let high = known.steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (known.steps[middle] <= step) low = middle + 1;
      else high = middle;
    }
    return low ? known.sums[low - 1] : 0;
  }
}
