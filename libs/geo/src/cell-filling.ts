import type { CellLattice } from './cell-lattice.js';

/** What the grid asks of the zones that it lists. */
export interface GridZones {
  /** Visits each edge, or for a line each leg's widened box. */
  edges(zone: number, visit: (x1: number, y1: number, x2: number, y2: number) => void): void;
  isArea(zone: number): boolean;
  contains(zone: number, lon: number, lat: number): boolean;
}

/** Which zones each cell of a lattice meets. An item is `zone * 2`, plus 1 when the zone covers the whole cell. */
export class CellFilling {
  /** False when the items came to more than `budget`: a coarser lattice is wanted. */
  readonly fits: boolean;
  entries = 0;
  /** Cell and item of each entry; a cell's zones ascend. */
  cellOf = new Uint32Array(1 << 14);
  itemOf = new Uint32Array(1 << 14);
  private marks = new Uint8Array(0);
  private left = 0;
  private right = 0;
  private low = 0;
  private high = 0;

  constructor(
    private readonly lattice: CellLattice,
    boxes: Float64Array,
    zones: GridZones,
    budget: number,
  ) {
    for (let zone = 0; zone < boxes.length / 4; zone++) {
      this.addZone(boxes, zone, zones);
      if (this.entries > budget) {
        this.fits = false;
        return;
      }
    }
    this.fits = true;
  }

  private addZone(boxes: Float64Array, zone: number, zones: GridZones): void {
    const { lattice } = this;
    const b = zone * 4;
    this.left = lattice.columnOf(boxes[b]!);
    this.low = lattice.rowOf(boxes[b + 1]!);
    this.right = lattice.columnOf(boxes[b + 2]!);
    this.high = lattice.rowOf(boxes[b + 3]!);
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
          this.push(lattice.cellAt(column, row), zone * 2);
          covered = null;
        } else if (area) {
          covered ??= zones.contains(zone, lattice.middleX(column), lattice.middleY(row));
          if (covered) {
            this.push(lattice.cellAt(column, row), zone * 2 + 1);
          }
        }
      }
    }
  }

  private markEdge(x1: number, y1: number, x2: number, y2: number, slanting: boolean): void {
    const { lattice } = this;
    const left = lattice.columnOf(Math.min(x1, x2));
    const right = lattice.columnOf(Math.max(x1, x2));
    const low = lattice.rowOf(Math.min(y1, y2));
    const high = lattice.rowOf(Math.max(y1, y2));
    const width = this.right - this.left + 1;
    const dx = x2 - x1;
    const dy = y2 - y1;
    // Half a cell plus a thousandth of it, far above the rounding of cell borders and of the point test.
    const reach = Math.abs(dy) * (0.501 / lattice.perDegreeX) + Math.abs(dx) * (0.501 / lattice.perDegreeY);
    const tests = slanting && right > left && high > low;
    for (let row = low; row <= high; row++) {
      for (let column = left; column <= right; column++) {
        if (tests) {
          const cx = lattice.middleX(column) - x1;
          const cy = lattice.middleY(row) - y1;
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
      this.cellOf = doubled(this.cellOf);
      this.itemOf = doubled(this.itemOf);
    }
    this.cellOf[this.entries] = cell;
    this.itemOf[this.entries++] = item;
  }
}

function doubled(numbers: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(numbers.length * 2);
  longer.set(numbers);
  return longer;
}
