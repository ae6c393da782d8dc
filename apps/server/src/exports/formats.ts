import { stringify } from 'csv-stringify/sync';

type Node = Readonly<Record<string, unknown>>;

/** How rows become text. */
export interface ExportFormat {
  readonly contentType: string;
  head(columns: readonly string[]): string;
  rows(columns: readonly string[], nodes: readonly Node[]): string;
}

/** Excel reads UTF-8 as UTF-8 only behind this. */
const BOM = '\ufeff';

/**
 * RFC 4180 with CRLF. A text cell that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab, carriage return in front)
 * gets an apostrophe before it (OWASP, CSV injection); numbers are numbers and stay.
 */
const CSV: ExportFormat = {
  contentType: 'text/csv; charset=utf-8',
  head: (columns) => `${BOM}${lines([columns])}`,
  rows: (columns, nodes) => lines(nodes.map((node) => columns.map((path) => cell(valueAt(node, path))))),
};

/** One JSON object a line, as the API tells it. */
const NDJSON: ExportFormat = {
  contentType: 'application/x-ndjson; charset=utf-8',
  head: () => '',
  rows: (_columns, nodes) => nodes.map((node) => `${JSON.stringify(node)}\n`).join(''),
};

export const EXPORT_FORMATS: ReadonlyMap<string, ExportFormat> = new Map([
  ['csv', CSV],
  ['ndjson', NDJSON],
]);

function lines(rows: readonly (readonly (string | number)[])[]): string {
  return rows.length === 0
    ? ''
    : stringify(rows as (string | number)[][], { record_delimiter: 'windows', escape_formulas: true });
}

function valueAt(node: Node, path: string): unknown {
  return path.split('.').reduce<unknown>((value, part) => (value as Node | null)?.[part] ?? null, node);
}

function cell(value: unknown): string | number {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(';');
  return JSON.stringify(value);
}
