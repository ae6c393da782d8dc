/** Degrees, about 0.1 m: keeps the rounding of a cell's border far below its size. */
const MIN_CELL_DEG = 1e-6;

/**
 * Cuts a box of degrees into columns and rows of cells that are nearly square. Cells are numbered by tiles of 4 × 4: a
 * tile's numbers of 32 bits fill one cache line, and a way of a few cells reads one or two of them.
 */
export class CellLattice {
  readonly columns: number;
  readonly rows: number;
  /** All numbers are below this; those of a tile that reaches over the box are unused. */
  readonly size: number;
  private readonly tilesAcross: number;
  /** Side by side: fields that are doubles would be read by a pointer each. */
  private readonly frame: Float64Array;

  constructor(minX: number, minY: number, maxX: number, maxY: number, cells: number) {
    const width = maxX - minX;
    const height = maxY - minY;
    const cell = Math.max(MIN_CELL_DEG, Math.sqrt((width * height) / cells));
    this.columns = Math.max(1, Math.min(cells, Math.floor(width / cell)));
    this.rows = Math.max(1, Math.min(cells, Math.floor(height / cell)));
    this.tilesAcross = (this.columns + 3) >> 2;
    this.size = this.tilesAcross * ((this.rows + 3) >> 2) * 16;
    this.frame = Float64Array.of(minX, minY, maxX, maxY, this.columns / width, this.rows / height);
  }

  get perDegreeX(): number {
    return this.frame[4]!;
  }

  get perDegreeY(): number {
    return this.frame[5]!;
  }

  /** False for what is not a number, too. */
  meets(minX: number, minY: number, maxX: number, maxY: number): boolean {
    const frame = this.frame;
    return maxX >= frame[0]! && maxY >= frame[1]! && minX <= frame[2]! && minY <= frame[3]!;
  }

  /** The column of a longitude; the first or the last for one outside the box. */
  columnOf(x: number): number {
    return cellAlong(x, this.frame[0]!, this.frame[4]!, this.columns);
  }

  rowOf(y: number): number {
    return cellAlong(y, this.frame[1]!, this.frame[5]!, this.rows);
  }

  /** The middle of a column, and of a row, in degrees. */
  middleX(column: number): number {
    return this.frame[0]! + (column + 0.5) / this.frame[4]!;
  }

  middleY(row: number): number {
    return this.frame[1]! + (row + 0.5) / this.frame[5]!;
  }

  cellAt(column: number, row: number): number {
    return ((row >> 2) * this.tilesAcross + (column >> 2)) * 16 + (row & 3) * 4 + (column & 3);
  }
}

/** The one function that puts a coordinate into a cell; monotone, so a box's points lie in its corners' range of cells. */
function cellAlong(value: number, min: number, perDegree: number, count: number): number {
  const place = (value - min) * perDegree;
  return place < count ? (place > 0 ? place | 0 : 0) : count - 1;
}
