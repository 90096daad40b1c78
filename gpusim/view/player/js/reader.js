// Reads a recording. Its layout is described in gpusim/observe/recording/packing.py.

export const KIND = {
  STATEMENT: 0, LOAD: 1, STORE: 2, ATOMIC: 3, ASSIGN: 4, BRANCH: 5, BARRIER: 6, MEETING: 7, WAIT: 8, OTHERS: 9,
};

/** Bytes of a base64 text. */
function fromBase64(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The elements of a column whose first bytes come first, then its second bytes, and so on. */
function joined(bytes, count, size) {
  if (size === 1) return bytes;
  const out = new Uint8Array(bytes.length);
  for (let part = 0; part < size; part++) {
    const from = part * count;
    for (let i = 0, to = part; i < count; i++, to += size) out[to] = bytes[from + i];
  }
  return out;
}

/** Where each of several vectors of these lengths starts. */
function offsets(lengths) {
  const starts = new Int32Array(lengths.length + 1);
  for (let i = 0; i < lengths.length; i++) starts[i + 1] = starts[i] + lengths[i];
  return starts;
}

export class Recording {
  constructor(header, columns) {
    this.header = header;
    this.steps = header.steps;
    this.starts = columns.get("starts");
    this.rows = {};
    for (const name of ["kind", "place", "mask", "what", "base", "addresses", "value", "after"]) {
      this.rows[name] = columns.get("rows." + name);
    }
    this.rowCount = this.rows.kind.length;
    this.columns = columns;
    this.maskLengths = columns.get("masks.length");
    this.maskStarts = offsets(this.maskLengths);
    this.maskCache = new Map();
    this.addressStarts = offsets(columns.get("addresses.length"));
    this.addressCache = new Map();
    this.readValues();
  }

  readValues() {
    const { header, columns } = this;
    const types = columns.get("values.type");
    const lengths = columns.get("values.length");
    const used = new Map();
    this.values = [];
    for (let i = 0; i < types.length; i++) {
      const type = header.types[types[i]];
      const from = used.get(type[1]) || 0;
      const end = from + lengths[i] * type[1];
      this.values.push({ type, length: lengths[i], bytes: columns.get("values." + type[1]).subarray(from, end) });
      used.set(type[1], end);
    }
  }

  /** First row of a step and the row behind its last. */
  rowsOf(step) {
    return [this.starts[step], step + 1 < this.steps ? this.starts[step + 1] : this.rowCount];
  }

  /** The numbers of a mask's threads, ascending. */
  mask(number) {
    let threads = this.maskCache.get(number);
    if (!threads) {
      const runs = this.columns.get("masks.runs");
      const list = [];
      for (let r = this.maskStarts[number]; r < this.maskStarts[number + 1]; r++) {
        for (let k = 0; k < runs[2 * r + 1]; k++) list.push(runs[2 * r] + k);
      }
      threads = Int32Array.from(list);
      this.maskCache.set(number, threads);
    }
    return threads;
  }

  /** The byte address that each thread of a row's mask uses, in its own instance of the array. */
  addresses(row) {
    const { base, addresses } = this.rows;
    const threads = this.mask(this.rows.mask[row]);
    const out = new Int32Array(threads.length);
    const distances = this.distances(addresses[row]);
    const each = distances.length === 1 ? 0 : 1;
    for (let i = 0; i < out.length; i++) out[i] = base[row] + distances[i * each];
    return out;
  }

  distances(number) {
    let vector = this.addressCache.get(number);
    if (!vector) {
      const steps = this.columns.get("addresses.steps");
      const from = this.addressStarts[number];
      vector = new Int32Array(this.addressStarts[number + 1] - from);
      for (let i = 0, sum = 0; i < vector.length; i++) vector[i] = sum += steps[from + i];
      this.addressCache.set(number, vector);
    }
    return vector;
  }
}

/** The recording in a base64 text: header, rows and tables. */
export async function readRecording(text) {
  const bytes = await inflated(fromBase64(text));
  const size = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  const columns = new Map();
  let at = 4 + size;
  for (const [name, type, count] of header.columns) {
    const width = Number(type.slice(1));
    const raw = joined(bytes.subarray(at, at + count * width), count, width);
    at += count * width;
    columns.set(name, type === "i4" ? new Int32Array(raw.buffer, raw.byteOffset, count) : raw);
  }
  return new Recording(header, columns);
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

const scratch = new DataView(new ArrayBuffer(4));

function brain(bits) {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** The number (or, of a complex number, the two) that an element of a type holds; undefined for other types. */
export function decode(bytes, at, type) {
  const [kind, size] = type;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, size);
  if (kind === "f") return size === 8 ? view.getFloat64(0, true) : size === 4 ? view.getFloat32(0, true)
    : size === 2 ? half(view.getUint16(0, true)) : undefined;
  if (kind === "bf") return brain(view.getUint16(0, true));
  if (kind === "b") return view.getUint8(0) !== 0;
  if (kind === "i") return size === 8 ? Number(view.getBigInt64(0, true)) : size === 4 ? view.getInt32(0, true)
    : size === 2 ? view.getInt16(0, true) : view.getInt8(0);
  if (kind === "u") return size === 8 ? Number(view.getBigUint64(0, true)) : size === 4 ? view.getUint32(0, true)
    : size === 2 ? view.getUint16(0, true) : view.getUint8(0);
  if (kind === "c") {
    const part = ["f", size / 2];
    return [decode(bytes, at, part), decode(bytes, at + size / 2, part)];
  }
  if (type[3]) return type[3].map(([name, offset, of]) => [name, decode(bytes, at + offset, of)]);
  return undefined;
}

/** A decoded value as text, with that many significant digits. */
export function shown(value, digits = 7) {
  if (value === undefined) return "?";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) {
    const [real, imaginary] = value;
    const sign = imaginary < 0 ? "" : "+";
    if (typeof real === "number") return `${shown(real, digits)}${sign}${shown(imaginary, digits)}j`;
    return `(${value.map(([, part]) => shown(part, digits)).join(", ")})`;
  }
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return String(value);
  return String(Number(value.toPrecision(digits)));
}
