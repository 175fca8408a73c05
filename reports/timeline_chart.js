// The chart of a row where the page was built without uPlot: as much of uPlot's interface as the rows use, and the same
// look. Lines and axes stand on a canvas; the cursor and what is being marked are elements above it.

const FONT = '11px system-ui, sans-serif';

// The row of a sorted list that is nearest to a moment.
function nearest(times, t) {
  let low = 0, high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < t) low = middle + 1;
    else high = middle;
  }
  return low > 0 && t - times[low - 1] < times[low] - t ? low - 1 : low;
}

class OwnChart {
  static all = [];

  constructor(options, data, place) {
    Object.assign(this, { options, data, cursor: { left: -10, idx: null }, select: { left: 0, width: 0 } });
    this.series = options.series.map(s => ({ show: true, ...s }));
    const box = make('div', place, { className: 'plot' });
    this.canvas = make('canvas', box);
    this.ctx = this.canvas.getContext('2d');
    this.over = make('div', box, { className: 'over' });
    this.line = make('div', this.over, { className: 'line', hidden: true });
    this.marked = make('div', this.over, { className: 'marked', hidden: true });
    this.dots = this.series.map(() => make('i', this.over, { className: 'dot', hidden: true }));
    this.over.onmousemove = e => this.everywhere(e.clientX - this.over.getBoundingClientRect().left);
    this.over.onmouseleave = () => this.everywhere(-10);
    this.over.onmousedown = e => this.mark(e);
    this.over.ondblclick = options.cursor.bind.dblclick();
    OwnChart.all.push(this);
    this.layOut(options);
    queueMicrotask(() => this.draw());
  }

  layOut({ width, height }) {
    const ratio = devicePixelRatio, { padding, axes } = this.options;
    const left = axes[1].size(), top = padding[0];
    this.area = { left, top, width: width - left - axes[2].size(), height: height - top - padding[2] - axes[0].size };
    this.bbox = Object.fromEntries(Object.entries(this.area).map(([key, value]) => [key, value * ratio]));
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.canvas.style.cssText = `width:${width}px;height:${height}px`;
    this.over.style.cssText = Object.entries(this.area).map(([key, value]) => `${key}:${value}px`).join(';');
  }

  // ---- what uPlot has ----

  batch(change) {
    change();
    this.draw();
    if (this.cursor.left >= 0) this.setCursor(this.cursor);
  }
  setData(data) { this.data = data; }
  setScale() { } // the view says
  setSeries(k, { show }) {
    this.series[k].show = show;
    this.draw();
  }
  setSize(size) {
    this.layOut(size);
    this.draw();
  }
  posToVal(x) {
    const [from, to] = this.options.scales.x.range();
    return from + x / this.area.width * (to - from);
  }
  setSelect({ left, width }) {
    this.select = { left, width };
    this.marked.hidden = width === 0;
    this.marked.style.cssText = `left:${left}px;width:${width}px`;
  }
  setCursor({ left }) {
    const inside = left >= 0 && this.data[0].length > 0;
    this.cursor = { left, idx: inside ? nearest(this.data[0], this.posToVal(left)) : null };
    this.line.hidden = left < 0;
    this.line.style.left = left + 'px';
    this.series.forEach((s, k) => k && this.placeDot(s, k));
    this.options.hooks.setCursor.forEach(hook => hook(this));
  }

  // ---- the pointer ----

  everywhere(left) {
    for (const chart of OwnChart.all) chart.setCursor({ left: Math.min(left, chart.area.width) });
  }
  mark(event) {
    if (event.button !== 0) return;
    event.preventDefault();
    const zero = this.over.getBoundingClientRect().left, start = event.clientX - zero;
    const follow = e => {
      const at = Math.min(Math.max(e.clientX - zero, 0), this.area.width);
      this.setSelect({ left: Math.min(start, at), width: Math.abs(at - start) });
    };
    addEventListener('mousemove', follow);
    addEventListener('mouseup', () => {
      removeEventListener('mousemove', follow);
      this.options.hooks.setSelect.forEach(hook => hook(this));
      this.setSelect({ left: 0, width: 0 });
    }, { once: true });
  }
  placeDot(s, k) {
    const value = this.cursor.idx === null ? null : this.data[k][this.cursor.idx], dot = this.dots[k];
    dot.hidden = value == null || !s.show;
    if (dot.hidden) return;
    const { x, y } = this.scalesOf(s), { left, top } = this.area, t = this.data[0][this.cursor.idx];
    dot.style.cssText = `left:${x(t) - left}px;top:${y(value) - top}px;background:${s.stroke()}`;
  }

  // ---- drawing, in pixels of the page ----

  scalesOf(s) {
    const { left, top, width, height } = this.area, [from, to] = this.options.scales.x.range();
    const [, highest] = this.options.scales[s.scale].range();
    return { x: t => left + (t - from) / (to - from) * width, y: value => top + height * (1 - value / highest) };
  }

  draw() {
    const { ctx, canvas, area } = this, ratio = devicePixelRatio;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, canvas.width, canvas.height);
    this.options.hooks.drawClear.forEach(hook => hook(this));
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.font = FONT;
    this.drawTimes(this.options.axes[0]);
    this.options.axes.slice(1).forEach(axis => this.drawScale(axis));
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left, area.top, area.width, area.height);
    ctx.clip();
    this.series.forEach((s, k) => { if (k && s.show) this.drawSeries(s, k); });
    ctx.restore();
  }

  gridLine(axis, fromX, fromY, toX, toY) {
    const { ctx } = this;
    ctx.strokeStyle = axis.grid.stroke();
    ctx.lineWidth = 1;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(Math.round(fromX) + 0.5, Math.round(fromY) + 0.5);
    ctx.lineTo(Math.round(toX) + 0.5, Math.round(toY) + 0.5);
    ctx.stroke();
  }

  drawTimes(axis) {
    const { ctx, area } = this, [from, to] = this.options.scales.x.range(), each = area.width / (to - from);
    const step = axis.incrs.find(s => s * each >= axis.space) ?? to - from;
    const times = [];
    for (let i = Math.ceil(from / step - 1e-9); i * step <= to + step * 1e-9; i++) times.push(i * step);
    const words = axis.values(this, times, 0, axis.space, step);
    ctx.textAlign = 'center';
    times.forEach((t, i) => {
      const x = area.left + (t - from) * each, bottom = area.top + area.height;
      this.gridLine(axis, x, area.top, x, bottom);
      ctx.fillStyle = axis.stroke();
      ctx.fillText(words[i], x, bottom + axis.gap + 11);
    });
  }

  drawScale(axis) {
    const { ctx, area } = this, { y } = this.scalesOf(axis), splits = axis.splits(), words = axis.values(this, splits);
    const right = area.left + area.width, left = axis.side === 3;
    ctx.textAlign = left ? 'right' : 'left';
    splits.forEach((value, i) => {
      if (axis.grid.show) this.gridLine(axis, area.left, y(value), right, y(value));
      ctx.fillStyle = axis.stroke();
      ctx.fillText(words[i], left ? area.left - axis.gap : right + axis.gap, y(value) + 4);
    });
  }

  // Unbroken pieces of a line; a reading between two gaps is as wide as a pixel.
  piecesOf(s, values) {
    const { x, y } = this.scalesOf(s), pieces = [];
    let open = null;
    values.forEach((value, i) => {
      if (value === undefined) return;
      if (value === null) open = null;
      else if (open) open.push([x(this.data[0][i]), y(value)]);
      else pieces.push(open = [[x(this.data[0][i]), y(value)]]);
    });
    for (const piece of pieces) if (piece.length === 1) piece.push([piece[0][0] + 1, piece[0][1]]);
    return pieces;
  }

  drawSeries(s, k) {
    const { ctx, area } = this, pieces = this.piecesOf(s, this.data[k]), bottom = area.top + area.height;
    const trace = piece => piece.forEach(([x, y], i) => i ? ctx.lineTo(x, y) : ctx.moveTo(x, y));
    if (s.fill) {
      ctx.beginPath();
      for (const piece of pieces) trace([...piece, [piece[piece.length - 1][0], bottom], [piece[0][0], bottom]]);
      ctx.fillStyle = s.fill();
      ctx.fill();
    }
    ctx.beginPath();
    pieces.forEach(trace);
    ctx.strokeStyle = ctx.fillStyle = s.stroke();
    ctx.lineWidth = s.width;
    ctx.lineJoin = 'round';
    ctx.setLineDash(s.dash);
    ctx.stroke();
    ctx.setLineDash([]);
    const seen = this.data[0].filter(t => t >= view.from && t <= view.to).length;
    if (!s.points.show(this, k, 0, seen)) return;
    ctx.beginPath();
    for (const [x, y] of pieces.flat()) ctx.moveTo(x, y), ctx.arc(x, y, s.points.size / 2, 0, 7);
    ctx.fill();
  }
}
