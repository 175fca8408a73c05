// The charts of a timeline page, first part: the numbers that timeline_page.c wrote, and what a view shows of them.
// All parts (timeline_*.js) stand in one function, in the order of CMakeLists.txt.
'use strict';
const element = id => document.getElementById(id);
const head = JSON.parse(element('head').textContent), index = JSON.parse(element('index').textContent);
const charts = element('charts'), coarse = element('coarse').textContent;
const { span, rows, regions, suites, bands, marks } = head;
const FAILED = 1, BROKEN = 2, ABSENT = 3; // enum outcome_kind
const [START, END, SUITE, LANE_NUMBER, KIND, INFRASTRUCTURE, CASE, MODEL, WORDS] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

// ---- numbers out of text: timeline_pack.h says how ----

const bytesOf = Uint8Array.fromBase64 ? text => Uint8Array.fromBase64(text) : text => {
  const raw = atob(text), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
};

function differencesOf(text, count) {
  const bytes = bytesOf(text), numbers = new Float64Array(count);
  let at = 0;
  const varint = () => {
    let value = 0, factor = 1, byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  };
  for (let i = 0; i < count && at < bytes.length;) {
    if (bytes[at] === 0) {
      at++;
      i += varint() + 1;
      continue;
    }
    const code = varint();
    numbers[i++] = code % 2 ? -(code + 1) / 2 : code / 2;
  }
  return numbers;
}

// The finest level stands behind this script, and is there when all of the page is.
const complete = () => document.readyState !== 'loading';
let fine = null;
const fineText = () => fine ?? (fine = element('fine').textContent);

// One level of one table, decoded piece by piece as it is looked at.
class Level {
  constructor(table, number, from) {
    Object.assign(this, { n: table.n[number], rows: table.rows[number], pairs: table.pairs[number] });
    this.fine = number === 0 && table.n.length > 1;
    this.at = table.at[number];
    this.lengths = table.len[number];
    this.offsets = [from];
    for (const length of this.lengths) this.offsets.push(this.offsets[this.offsets.length - 1] + length);
    this.lists = this.at.length ? this.lengths.length / this.at.length : 0; // of each piece
    this.pieces = this.at.map(() => []);
  }
  list(piece, which) {
    const known = this.pieces[piece][which];
    if (known) return known;
    const at = piece * this.lists + which, count = Math.min(head.piece, this.n - piece * head.piece);
    const list = differencesOf((this.fine ? fineText() : coarse).slice(this.offsets[at], this.offsets[at + 1]), count);
    return this.pieces[piece][which] = which === 0 ? this.times(list, this.at[piece]) : this.codes(list);
  }
  times(list, start) {
    let step = 0, t = start;
    for (let i = 0; i < list.length; i++) {
      step += list[i];
      t += step;
      list[i] = t * head.tick;
    }
    return list;
  }
  codes(list) {
    const codes = new Uint16Array(list.length);
    let code = 0;
    for (let i = 0; i < list.length; i++) codes[i] = code += list[i];
    return codes;
  }
  time(row) {
    return this.list(Math.floor(row / head.piece), 0)[row % head.piece];
  }
  // The first row at or behind a moment.
  rowAt(t) {
    let low = 0, high = this.n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.time(middle) < t) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const offsets = { fine: 0, coarse: 0 }; // where the next level begins
const tables = index.map(table => table.n.map((_, number) => {
  const where = number === 0 && table.n.length > 1 ? 'fine' : 'coarse';
  const level = new Level(table, number, offsets[where]);
  offsets[where] = level.offsets[level.offsets.length - 1];
  return level;
}));

// ---- a view: as many rows as there are pixels, lows and highs kept ----

const OVERSAMPLING = 16; // rows of a level for each pixel, at most
const GAP = 4; // usual distances

function viewOf(table, from, to, pixels) {
  let k = tables[table].length - 1, level = tables[table][k], first, last;
  for (;; k--) {
    level = tables[table][k];
    first = Math.max(level.rowAt(from) - 1, 0);
    last = Math.min(level.rowAt(to) + 1, level.n);
    const finer = k > 0 ? (last - first) * level.rows / tables[table][k - 1].rows : Infinity;
    if (finer > OVERSAMPLING * pixels || (k > 0 && tables[table][k - 1].fine && !complete())) break;
  }
  const merged = Math.max(Math.ceil((last - first) / pixels), 1);
  first -= first % merged;
  const view = { level, first, last, merged, single: merged === 1 && !level.pairs };
  return { ...view, gaps: view.single ? new Set() : gapsOf(view, (to - from) / pixels) };
}

// Where merged rows hide that nobody watched: behind those whose next comes much later than is usual here.
function gapsOf({ level, first, last, merged }, pixel) {
  const gaps = new Set(), usual = (level.time(last - 1) - level.time(first)) / Math.max((last - first) / merged, 1);
  for (let row = first; row + merged < last; row += merged)
    if (level.time(row + merged) - level.time(row) > GAP * Math.max(usual, pixel)) gaps.add(row);
  return gaps;
}

function timesOf({ level, first, last, merged, single, gaps }) {
  const times = [];
  for (let row = first; row < last; row += merged) {
    const t = level.time(row);
    times.push(t);
    if (!single) times.push(t);
    if (gaps.has(row)) times.push(t);
  }
  return times;
}

// The codes of one list of a level from row to row, whatever piece they stand in.
function codesOf(level, which, first, last) {
  const codes = new Uint16Array(last - first);
  for (let row = first; row < last;) {
    const piece = Math.floor(row / head.piece), start = piece * head.piece, end = Math.min(last, start + head.piece);
    codes.set(level.list(piece, which).subarray(row - start, end - start), row - first);
    row = end;
  }
  return codes;
}

function valuesOf({ level, first, last, merged, single, gaps }, { column, base, step }) {
  const value = code => code ? base + (code - 1) * step : null;
  const which = level.pairs ? 1 + 2 * column : 1 + column;
  const lows = codesOf(level, which, first, last), highs = level.pairs ? codesOf(level, which + 1, first, last) : lows;
  if (single) return Array.from(lows, value);
  const values = [];
  for (let row = 0; row < lows.length; row += merged) {
    const end = Math.min(row + merged, lows.length);
    let lowest = 65536, highest = 0;
    for (let i = row; i < end; i++) {
      if (highs[i] === 0) continue;
      if (lows[i] < lowest) lowest = lows[i];
      if (highs[i] > highest) highest = highs[i];
    }
    values.push(value(highest && lowest), value(highest));
    if (gaps.has(first + row)) values.push(null);
  }
  return values;
}

// Lines of several tables on one list of moments. What one table does not say is undefined, which leaves no gap, unless
// it is within one.
function join(lists) {
  const order = lists.flatMap(({ times }, which) => times.map((t, i) => [t, which, i])).sort((a, b) => a[0] - b[0]);
  const spread = (values, mine) => {
    let gap = true;
    return order.map(([, which, i]) => {
      if (which === mine) gap = values[i] === null;
      return which === mine ? values[i] : gap ? null : undefined;
    });
  };
  return [order.map(entry => entry[0]), ...lists.flatMap(({ columns }, which) => columns.map(v => spread(v, which)))];
}

// The lists of a row, and which of its lines are denser than pixels.
function dataOf(row, from, to, pixels) {
  const used = [...new Set(row.series.map(s => s.table))], dense = [];
  const lists = used.map(table => {
    const view = viewOf(table, from, to, pixels), mine = row.series.filter(s => s.table === table);
    dense.push(...mine.map(() => !view.single));
    return { times: timesOf(view), columns: mine.map(s => valuesOf(view, s)) };
  });
  if (lists.length === 0) return { dense, lists: [[]] };
  return { dense, lists: lists.length === 1 ? [lists[0].times, ...lists[0].columns] : join(lists) };
}
