// What memory, threads and variables hold at a step: stores are carried out again, forwards from key frames.

import { KIND, decode } from "./reader.js";

const FRAME_WORK = 60000; // lane accesses between two key frames, at least
const FRAME_BYTES = 1 << 26; // all key frames together, at most
const LOCAL_BYTES = 1 << 24; // local arrays of more than this are not followed

export class Machine {
  constructor(recording) {
    this.recording = recording;
    const { header } = recording;
    this.perBlock = header.threads;
    this.threads = header.blocks.length * header.threads;
    this.arrays = header.arrays.map((array, number) => this.allocate(array, number));
    this.variables = header.variables.map(([inside, name]) => ({ inside, name, rows: [] }));
    this.place = new Int32Array(this.threads).fill(-1);
    this.waiting = new Uint8Array(this.threads);
    this.last = new Int32Array(this.threads).fill(-1);
    this.first = new Int32Array(this.threads).fill(recording.steps);
    this.survey();
    this.step = -1;
    this.work = 0;
    this.frames = [this.copy()];
  }

  allocate(array, number) {
    const { columns } = this.recording;
    const size = array.type[1];
    const cells = columns.get("cells." + number) || null;
    const count = cells ? cells.length : array.shape.reduce((a, b) => a * b, 1);
    return { ...array, number, size, cells, count, bytes: count * size, first: columns.get("contents." + number),
      known: columns.get("known." + number) };
  }

  /** One look at all rows: how large each array is, when threads start and end, when variables are assigned. */
  survey() {
    const { recording } = this;
    const { kind, what, mask, value } = recording.rows;
    for (let step = 0; step < recording.steps; step++) {
      const [from, to] = recording.rowsOf(step);
      for (let row = from; row < to; row++) {
        if (kind[row] === KIND.OTHERS) continue;
        if (kind[row] === KIND.ASSIGN) this.variables[what[row]].rows.push(row);
        const seen = recording.mask(mask[row]);
        for (let i = 0; i < seen.length; i++) {
          this.last[seen[i]] = step;
          if (step < this.first[seen[i]]) this.first[seen[i]] = step;
        }
        if (kind[row] >= KIND.LOAD && kind[row] <= KIND.ATOMIC) {
          const array = this.arrays[what[row]];
          if (array.space !== "shared" && array.space !== "local") continue;
          const size = recording.values[value[row]].type[1];
          for (const address of recording.addresses(row)) array.bytes = Math.max(array.bytes, address + size);
        }
      }
    }
    for (const array of this.arrays) {
      array.instances = array.space === "shared" ? this.recording.header.blocks.length
        : array.space === "local" ? this.threads : 1;
      if (array.space === "local" && array.instances * array.bytes > LOCAL_BYTES) array.instances = 0;
      array.memory = new Uint8Array(array.instances * array.bytes);
      array.defined = new Uint8Array(array.instances * array.bytes);
      if (array.first) {
        array.memory.set(array.first.subarray(0, array.bytes));
        for (let i = 0; i < Math.min(array.bytes, array.first.length); i++) {
          array.defined[i] = (array.known[i >> 3] >> (i & 7)) & 1;
        }
      }
    }
  }

  /** Where the instance of an array starts that a thread uses. */
  origin(array, thread) {
    if (array.space === "shared") return Math.floor(thread / this.perBlock) * array.bytes;
    return array.space === "local" ? thread * array.bytes : 0;
  }

  copy() {
    return {
      step: this.step, place: this.place.slice(), waiting: this.waiting.slice(),
      memory: this.arrays.map((array) => [array.memory.slice(), array.defined.slice()]),
    };
  }

  restore(frame) {
    this.step = frame.step;
    this.place.set(frame.place);
    this.waiting.set(frame.waiting);
    this.arrays.forEach((array, i) => {
      array.memory.set(frame.memory[i][0]);
      array.defined.set(frame.memory[i][1]);
    });
  }

  /** Go to the state after a step; returns what happens in it: accesses with their values, and other events. */
  seek(step) {
    const target = Math.max(0, Math.min(step, this.recording.steps - 1));
    if (target <= this.step) {
      let best = this.frames[0];
      for (const frame of this.frames) if (frame.step < target && frame.step > best.step) best = frame;
      this.restore(best);
    }
    while (this.step < target - 1) {
      this.apply(this.step + 1, null);
      this.keep();
    }
    const events = [];
    this.apply(target, events);
    this.keep();
    return events;
  }

  /** Make a key frame if much has happened since the last one. */
  keep() {
    const newest = this.frames[this.frames.length - 1];
    if (this.step <= newest.step || this.work < FRAME_WORK) return;
    const bytes = this.arrays.reduce((sum, array) => sum + 2 * array.memory.length, 5 * this.threads);
    if ((this.frames.length + 1) * bytes > FRAME_BYTES) return;
    this.frames.push(this.copy());
    this.work = 0;
  }

  apply(step, events) {
    const { recording } = this;
    const { kind } = recording.rows;
    const [from, to] = recording.rowsOf(step);
    this.work += 60; // for the step itself
    const here = recording.mask(recording.rows.mask[from]);
    for (let i = 0; i < here.length; i++) this.place[here[i]] = recording.rows.place[from];
    for (let row = from; row < to; row++) this.carryOut(row, kind[row], events);
    this.step = step;
  }

  carryOut(row, kind, events) {
    const { recording } = this;
    const { place, mask, what, value, after } = recording.rows;
    const threads = recording.mask(mask[row]);
    if (kind === KIND.STATEMENT) {
      for (let i = 0; i < threads.length; i++) this.waiting[threads[i]] = 0;
    } else if (kind === KIND.WAIT || kind === KIND.BARRIER || kind === KIND.MEETING) {
      for (let i = 0; i < threads.length; i++) this.waiting[threads[i]] = kind === KIND.WAIT ? 1 : 0;
    }
    const event = events && { row, kind, threads, place: place[row] };
    if ((kind >= KIND.LOAD && kind <= KIND.ATOMIC) || kind === KIND.OTHERS) {
      if (kind !== KIND.LOAD || events) this.access(row, kind, threads, event);
    } else if (event && what[row] >= 0) {
      event.variable = what[row];
    }
    if (event && value[row] >= 0) event.value = recording.values[value[row]];
    if (event && after[row] >= 0) event.after = recording.values[after[row]];
    if (events) events.push(event);
  }

  access(row, kind, threads, event) {
    const { recording } = this;
    const { what, value, after } = recording.rows;
    const array = this.arrays[what[row]];
    const addresses = recording.addresses(row);
    const given = recording.values[kind === KIND.ATOMIC ? after[row] : value[row]] || recording.values[value[row]];
    const size = given.type[1];
    const each = given.length === 1 ? 0 : size;
    this.work += threads.length;
    if (event) {
      Object.assign(event, { array, addresses, size, type: given.type, undefined: 0 });
      event.before = new Uint8Array(threads.length * size);
    }
    if (!array.instances) return;
    for (let i = 0; i < threads.length; i++) {
      const at = this.origin(array, threads[i]) + addresses[i];
      if (event) {
        event.before.set(array.memory.subarray(at, at + size), i * size);
        if (kind === KIND.LOAD && !array.defined[at]) event.undefined++;
      }
      if (kind !== KIND.LOAD) {
        for (let b = 0; b < size; b++) {
          array.memory[at + b] = given.bytes[i * each + b];
          array.defined[at + b] = 1;
        }
      }
    }
  }

  /** What thread number i of an access has read or written; the operand, of an atomic. */
  valueOf(event, i) {
    if (event.kind === KIND.LOAD) return decode(event.before, i * event.size, event.type);
    return decode(event.value.bytes, event.value.length === 1 ? 0 : i * event.size, event.value.type);
  }

  /** What an element of an array holds now; undefined if nothing has written it. */
  cell(array, element, instance) {
    const at = instance * array.bytes + element * array.size;
    if (!array.instances || at + array.size > array.memory.length || !array.defined[at]) return undefined;
    return decode(array.memory, at, array.type);
  }

  /** Variables that a thread has given a value: [{inside, name, value, row}], in order of their first assignment. */
  variablesOf(thread) {
    const { recording } = this;
    const end = recording.rowsOf(this.step)[1];
    const found = [];
    for (const { inside, name, rows } of this.variables) {
      let high = rows.length;
      for (let low = 0; low < high;) {
        const middle = (low + high) >> 1;
        if (rows[middle] < end) low = middle + 1;
        else high = middle;
      }
      for (let i = high - 1; i >= 0; i--) {
        const at = indexIn(recording.mask(recording.rows.mask[rows[i]]), thread);
        if (at < 0) continue;
        const vector = recording.values[recording.rows.value[rows[i]]];
        const value = decode(vector.bytes, vector.length === 1 ? 0 : at * vector.type[1], vector.type);
        found.push({ inside, name, value, row: rows[i], type: vector.type[2] });
        break;
      }
    }
    return found;
  }

  /** active, waiting, gone, early (not yet there) or masked: what a thread does while others execute a step. */
  status(thread, active) {
    if (active) return this.waiting[thread] ? "waiting" : "active";
    if (this.step > this.last[thread]) return "gone";
    if (this.step < this.first[thread]) return "early";
    return this.waiting[thread] ? "waiting" : "masked";
  }
}

/** Position of a number in an ascending vector, or -1. */
export function indexIn(vector, number) {
  let low = 0;
  let high = vector.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (vector[middle] === number) return middle;
    if (vector[middle] < number) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
