import { CellFilling, type GridZones } from './cell-filling.js';
import { CellLattice } from './cell-lattice.js';

const CELLS_PER_ZONE = 64;
const MIN_CELLS = 1 << 16;
const MAX_CELLS = 1 << 20;
/** Entries over all cells: 16 MB. Many wide zones over fine cells are met by coarser cells. */
const MAX_ENTRIES = 1 << 22;
/** Part-covering zones of one cell from which on the tree is faster. */
const CROWD = 64;
/** Cells that a way may pass before the tree is asked instead. */
const MAX_WAY_CELLS = 256;

/**
 * A uniform grid over all zones' boxes. An item of a cell is `zone * 2`, plus 1 when the zone covers the whole cell, so
 * that a point there needs no test. Where no edge enters a cell, the cell lies on one side as a whole.
 *
 * A cell is one number, because most cells have no item or one: 0 for none, the item plus 1, or the place of its list in
 * `lists` below zero. A list is the number of its items and the items, zones ascending.
 */
export class CellGrid {
  /** A cell that is answered by the tree. */
  static readonly CROWDED = -0x80000000;

  readonly lists: Uint32Array;
  private readonly lattice: CellLattice;
  private readonly cells: Int32Array;
  private readonly boxes: Float64Array;
  private readonly seen: Uint32Array;
  private seenRound = 0;

  constructor(boxes: Float64Array, zones: GridZones) {
    this.boxes = boxes;
    this.seen = new Uint32Array(boxes.length / 4);
    let [minX, minY, maxX, maxY] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let b = 0; b < boxes.length; b += 4) {
      minX = Math.min(minX, boxes[b]!);
      minY = Math.min(minY, boxes[b + 1]!);
      maxX = Math.max(maxX, boxes[b + 2]!);
      maxY = Math.max(maxY, boxes[b + 3]!);
    }
    const budget = MAX_ENTRIES + (boxes.length / 4) * CELLS_PER_ZONE;
    let cells = Math.min(MAX_CELLS, Math.max(MIN_CELLS, (boxes.length / 4) * CELLS_PER_ZONE));
    for (;;) {
      const lattice = new CellLattice(minX, minY, maxX, maxY, cells);
      const filling = new CellFilling(lattice, boxes, zones, cells > 1 ? budget : Infinity);
      if (filling.fits) {
        this.lattice = lattice;
        ({ cells: this.cells, lists: this.lists } = packed(filling, lattice.size));
        return;
      }
      cells = Math.floor(cells / 4);
    }
  }

  /** What the cell of a point holds; 0 when the point lies outside all boxes or is not a number. */
  cellOf(x: number, y: number): number {
    const { lattice } = this;
    return lattice.meets(x, y, x, y) ? this.cells[lattice.cellAt(lattice.columnOf(x), lattice.rowOf(y))]! : 0;
  }

  /**
   * Fills `out` with the zones of the cells under a box whose own box meets it, each once, and returns how many; -1 when
   * the tree is to be asked: too many cells, or a crowded one.
   */
  along(minX: number, minY: number, maxX: number, maxY: number, out: Uint32Array): number {
    const { lattice } = this;
    if (!lattice.meets(minX, minY, maxX, maxY)) {
      return 0;
    }
    const left = lattice.columnOf(minX);
    const right = lattice.columnOf(maxX);
    const low = lattice.rowOf(minY);
    const high = lattice.rowOf(maxY);
    if ((right - left + 1) * (high - low + 1) > MAX_WAY_CELLS) {
      return -1;
    }
    this.beginRound();
    let count = 0;
    for (let row = low; row <= high; row++) {
      for (let column = left; column <= right; column++) {
        const cell = this.cells[lattice.cellAt(column, row)]!;
        if (cell > 0) {
          if (this.isNewAndMeets((cell - 1) >>> 1, minX, minY, maxX, maxY)) {
            out[count++] = (cell - 1) >>> 1;
          }
        } else if (cell === CellGrid.CROWDED) {
          return -1;
        } else if (cell < 0) {
          const end = -cell + this.lists[-cell]!;
          for (let i = -cell + 1; i <= end; i++) {
            const zone = this.lists[i]! >>> 1;
            if (this.isNewAndMeets(zone, minX, minY, maxX, maxY)) {
              out[count++] = zone;
            }
          }
        }
      }
    }
    return count;
  }

  private beginRound(): void {
    this.seenRound = (this.seenRound + 1) >>> 0;
    if (this.seenRound === 0) {
      this.seen.fill(0);
      this.seenRound = 1;
    }
  }

  private isNewAndMeets(zone: number, minX: number, minY: number, maxX: number, maxY: number): boolean {
    if (this.seen[zone] === this.seenRound) {
      return false;
    }
    this.seen[zone] = this.seenRound;
    const boxes = this.boxes;
    const b = zone * 4;
    return boxes[b]! <= maxX && boxes[b + 1]! <= maxY && boxes[b + 2]! >= minX && boxes[b + 3]! >= minY;
  }
}

function packed(filling: CellFilling, size: number): { cells: Int32Array; lists: Uint32Array } {
  const { entries, cellOf, itemOf } = filling;
  const counts = new Uint32Array(size);
  const inPart = new Uint32Array(size);
  for (let i = 0; i < entries; i++) {
    counts[cellOf[i]!]!++;
    inPart[cellOf[i]!]! += (itemOf[i]! & 1) === 0 ? 1 : 0;
  }
  const cells = new Int32Array(size);
  // Place 0 stays empty: its negative would be no list.
  let place = 1;
  for (let cell = 0; cell < size; cell++) {
    if (inPart[cell]! > CROWD) {
      cells[cell] = CellGrid.CROWDED;
    } else if (counts[cell]! > 1) {
      cells[cell] = -place;
      place += counts[cell]! + 1;
    }
  }
  const lists = new Uint32Array(place);
  for (let i = 0; i < entries; i++) {
    const cell = cellOf[i]!;
    const list = -cells[cell]!;
    if (counts[cell] === 1) {
      cells[cell] = itemOf[i]! + 1;
    } else if (cells[cell] !== CellGrid.CROWDED) {
      lists[list]!++;
      lists[list + lists[list]!] = itemOf[i]!;
    }
  }
  return { cells, lists };
}
