/** What the grid asks of the zones that it lists. */
export interface GridZones {
  /** Visits each edge, or for a line each leg's widened box. */
  edges(zone: number, visit: (x1: number, y1: number, x2: number, y2: number) => void): void;
  isArea(zone: number): boolean;
  contains(zone: number, lon: number, lat: number): boolean;
}

const CELLS_PER_ZONE = 64;
const MIN_CELLS = 1 << 16;
const MAX_CELLS = 1 << 20;
/** Entries over all cells: 16 MB. Many wide zones over fine cells are met by coarser cells. */
const MAX_ENTRIES = 1 << 22;
/** Degrees, about 0.1 m: keeps the rounding of a cell's border far below its size. */
const MIN_CELL_DEG = 1e-6;
/** Part-covering zones of one cell from which on the tree is faster. */
const CROWD = 64;
/** Cells that a way may pass before the tree is asked instead. */
const MAX_WAY_CELLS = 256;

/**
 * A uniform grid over all zones' boxes. An item of a cell is `zone * 2`, plus 1 when the zone covers the whole cell, so
 * that a point there needs no test. Where no edge enters a cell, the cell lies on one side as a whole.
 */
export class CellGrid {
  /** Stands alone in a cell that is answered by the tree. */
  static readonly CROWDED = 0xffffffff;

  /** Items of cell c are [starts[c], starts[c + 1]), zones ascending. */
  readonly starts: Uint32Array;
  readonly items: Uint32Array;
  private readonly minX: number;
  private readonly minY: number;
  private readonly maxX: number;
  private readonly maxY: number;
  private readonly columns: number;
  private readonly rows: number;
  private readonly perDegreeX: number;
  private readonly perDegreeY: number;

  constructor(boxes: Float64Array, zones: GridZones) {
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let b = 0; b < boxes.length; b += 4) {
      minX = Math.min(minX, boxes[b]!);
      minY = Math.min(minY, boxes[b + 1]!);
      maxX = Math.max(maxX, boxes[b + 2]!);
      maxY = Math.max(maxY, boxes[b + 3]!);
    }
    this.minX = minX;
    this.minY = minY;
    this.maxX = maxX;
    this.maxY = maxY;

    let cells = Math.min(MAX_CELLS, Math.max(MIN_CELLS, (boxes.length / 4) * CELLS_PER_ZONE));
    for (;;) {
      const size = Math.max(MIN_CELL_DEG, Math.sqrt(((maxX - minX) * (maxY - minY)) / cells));
      const columns = Math.max(1, Math.min(cells, Math.floor((maxX - minX) / size)));
      const rows = Math.max(1, Math.min(cells, Math.floor((maxY - minY) / size)));
      const filled = new Filling(
        boxes,
        zones,
        minX,
        minY,
        columns,
        rows,
        columns / (maxX - minX),
        rows / (maxY - minY),
      );
      if (filled.fits || cells <= 1) {
        this.columns = columns;
        this.rows = rows;
        this.perDegreeX = columns / (maxX - minX);
        this.perDegreeY = rows / (maxY - minY);
        ({ starts: this.starts, items: this.items } = filled.pack());
        return;
      }
      cells = Math.floor(cells / 4);
    }
  }

  /** The cell of a point, or -1 when it lies outside all boxes or is not a number. */
  cellOf(x: number, y: number): number {
    if (!(x >= this.minX && x <= this.maxX && y >= this.minY && y <= this.maxY)) {
      return -1;
    }
    return (
      cellAlong(y, this.minY, this.perDegreeY, this.rows) * this.columns +
      cellAlong(x, this.minX, this.perDegreeX, this.columns)
    );
  }

  /**
   * Zones of the cells under a box whose own box meets it, each once by the marks in `seen`; -1 when the tree is to be
   * asked: too many cells, or a crowded one.
   */
  along(
    minX: number,
    minY: number,
    maxX: number,
    maxY: number,
    boxes: Float64Array,
    seen: Uint32Array,
    round: number,
    out: Uint32Array,
  ): number {
    if (!(minX <= this.maxX && maxX >= this.minX && minY <= this.maxY && maxY >= this.minY)) {
      return 0;
    }
    const left = cellAlong(Math.max(minX, this.minX), this.minX, this.perDegreeX, this.columns);
    const right = cellAlong(Math.min(maxX, this.maxX), this.minX, this.perDegreeX, this.columns);
    const low = cellAlong(Math.max(minY, this.minY), this.minY, this.perDegreeY, this.rows);
    const high = cellAlong(Math.min(maxY, this.maxY), this.minY, this.perDegreeY, this.rows);
    if ((right - left + 1) * (high - low + 1) > MAX_WAY_CELLS) {
      return -1;
    }
    let count = 0;
    for (let row = low; row <= high; row++) {
      const end = this.starts[row * this.columns + right + 1]!;
      for (let i = this.starts[row * this.columns + left]!; i < end; i++) {
        const item = this.items[i]!;
        if (item === CellGrid.CROWDED) {
          return -1;
        }
        const zone = item >>> 1;
        if (seen[zone] === round) {
          continue;
        }
        seen[zone] = round;
        const b = zone * 4;
        if (boxes[b]! <= maxX && boxes[b + 1]! <= maxY && boxes[b + 2]! >= minX && boxes[b + 3]! >= minY) {
          out[count++] = zone;
        }
      }
    }
    return count;
  }
}

/** The one function that puts a coordinate into a cell; monotone, so a box's points lie in its corners' range of cells. */
function cellAlong(value: number, min: number, perDegree: number, count: number): number {
  const cell = Math.floor((value - min) * perDegree);
  return cell < count ? cell : count - 1;
}

/** One attempt to fill a grid of a given fineness. */
class Filling {
  fits = true;
  private cellOf = new Uint32Array(1 << 14);
  private itemOf = new Uint32Array(1 << 14);
  private entries = 0;
  private marks = new Uint8Array(0);
  private left = 0;
  private right = 0;
  private low = 0;
  private high = 0;

  constructor(
    boxes: Float64Array,
    zones: GridZones,
    private readonly minX: number,
    private readonly minY: number,
    private readonly columns: number,
    private readonly rows: number,
    private readonly perDegreeX: number,
    private readonly perDegreeY: number,
  ) {
    const budget = MAX_ENTRIES + (boxes.length / 4) * CELLS_PER_ZONE;
    for (let zone = 0; zone < boxes.length / 4; zone++) {
      this.addZone(boxes, zone, zones);
      if (this.entries > budget && columns * rows > 1) {
        this.fits = false;
        return;
      }
    }
  }

  pack(): { starts: Uint32Array; items: Uint32Array } {
    const cells = this.columns * this.rows;
    const inPart = new Uint32Array(cells);
    const counts = new Uint32Array(cells);
    for (let i = 0; i < this.entries; i++) {
      const cell = this.cellOf[i]!;
      counts[cell]!++;
      if ((this.itemOf[i]! & 1) === 0) {
        inPart[cell]!++;
      }
    }
    const starts = new Uint32Array(cells + 1);
    for (let cell = 0; cell < cells; cell++) {
      starts[cell + 1] = starts[cell]! + (inPart[cell]! > CROWD ? 1 : counts[cell]!);
    }
    const items = new Uint32Array(starts[cells]!);
    const next = starts.slice(0, cells);
    for (let i = 0; i < this.entries; i++) {
      const cell = this.cellOf[i]!;
      if (inPart[cell]! > CROWD) {
        items[starts[cell]!] = CellGrid.CROWDED;
      } else {
        items[next[cell]!++] = this.itemOf[i]!;
      }
    }
    return { starts, items };
  }

  private addZone(boxes: Float64Array, zone: number, zones: GridZones): void {
    const b = zone * 4;
    this.left = cellAlong(boxes[b]!, this.minX, this.perDegreeX, this.columns);
    this.low = cellAlong(boxes[b + 1]!, this.minY, this.perDegreeY, this.rows);
    this.right = cellAlong(boxes[b + 2]!, this.minX, this.perDegreeX, this.columns);
    this.high = cellAlong(boxes[b + 3]!, this.minY, this.perDegreeY, this.rows);
    const width = this.right - this.left + 1;
    const size = width * (this.high - this.low + 1);
    if (this.marks.length < size) {
      this.marks = new Uint8Array(size);
    } else {
      this.marks.fill(0, 0, size);
    }
    const area = zones.isArea(zone);
    zones.edges(zone, (x1, y1, x2, y2) => this.markEdge(x1, y1, x2, y2, area));

    for (let row = this.low; row <= this.high; row++) {
      // Neighbouring cells without an edge lie on the same side, so one test serves the whole run.
      let covered: boolean | null = null;
      for (let column = this.left; column <= this.right; column++) {
        if (this.marks[(row - this.low) * width + column - this.left] === 1) {
          this.push(row * this.columns + column, zone * 2);
          covered = null;
        } else if (area) {
          covered ??= zones.contains(
            zone,
            this.minX + (column + 0.5) / this.perDegreeX,
            this.minY + (row + 0.5) / this.perDegreeY,
          );
          if (covered) {
            this.push(row * this.columns + column, zone * 2 + 1);
          }
        }
      }
    }
  }

  private markEdge(x1: number, y1: number, x2: number, y2: number, slanting: boolean): void {
    const left = cellAlong(Math.min(x1, x2), this.minX, this.perDegreeX, this.columns);
    const right = cellAlong(Math.max(x1, x2), this.minX, this.perDegreeX, this.columns);
    const low = cellAlong(Math.min(y1, y2), this.minY, this.perDegreeY, this.rows);
    const high = cellAlong(Math.max(y1, y2), this.minY, this.perDegreeY, this.rows);
    const width = this.right - this.left + 1;
    const dx = x2 - x1;
    const dy = y2 - y1;
    // Half a cell plus a thousandth of it, far above the rounding of cell borders and of the point test.
    const reach = Math.abs(dy) * (0.501 / this.perDegreeX) + Math.abs(dx) * (0.501 / this.perDegreeY);
    const tests = slanting && right > left && high > low;
    for (let row = low; row <= high; row++) {
      for (let column = left; column <= right; column++) {
        if (tests) {
          const cx = this.minX + (column + 0.5) / this.perDegreeX - x1;
          const cy = this.minY + (row + 0.5) / this.perDegreeY - y1;
          if (Math.abs(dy * cx - dx * cy) > reach) {
            continue;
          }
        }
        this.marks[(row - this.low) * width + column - this.left] = 1;
      }
    }
  }

  private push(cell: number, item: number): void {
    if (this.entries === this.cellOf.length) {
      const cellOf = new Uint32Array(this.entries * 2);
      cellOf.set(this.cellOf);
      this.cellOf = cellOf;
      const itemOf = new Uint32Array(this.entries * 2);
      itemOf.set(this.itemOf);
      this.itemOf = itemOf;
    }
    this.cellOf[this.entries] = cell;
    this.itemOf[this.entries++] = item;
  }
}
