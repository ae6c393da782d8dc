import { existsSync } from 'node:fs';
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';
import { adapters, decodeStream, type DecodedItem } from '#hardware-adapters/registry';
import { decodeIdentifier } from '#libs/identifiers';
import { UsageError } from '../usage-error.js';
import { bytesFromHex, chunksOf, linesOf } from './inputs.js';
import { LineWriter, OutputClosed } from './line-writer.js';

const IDENTIFIERS = ['iso6346', 'epc'] as const;

const OPTIONS = {
  hex: { type: 'string' },
  readings: { type: 'boolean' },
  direction: { type: 'string' },
  pc: { type: 'string' },
  normalise: { type: 'boolean' },
  detail: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parse>['values'];

const parse = (args: readonly string[]) => parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });

/** What goes on a line; `detail` only when it is asked for. */
type Answer = DecodedItem | { readonly ok: false; readonly reason: string; readonly detail?: string };

/** @returns 0 when all was understood, 1 when something was refused */
export function decode(args: readonly string[]): Promise<number> {
  const { values, positionals } = parse(args);
  const [protocol, ...inputs] = positionals;
  const known = [...adapters.keys(), ...IDENTIFIERS];
  if (protocol === undefined || !known.includes(protocol)) {
    const said = protocol === undefined ? 'name a protocol' : `there is no protocol "${protocol}"`;
    throw new UsageError(`${said}; these exist: ${known.join(', ')}`);
  }
  const writer = new LineWriter();
  const identifier = IDENTIFIERS.find((kind) => kind === protocol);
  const answers =
    identifier === undefined
      ? decodeBytes(protocol, inputs, values, () => writer.flush())
      : decodeTexts(identifier, inputs, values, () => writer.flush());
  return Promise.resolve(print(answers, writer, values.detail === true));
}

function print(answers: Iterable<Answer>, writer: LineWriter, detail: boolean): number {
  let refused = false;
  try {
    for (const answer of answers) {
      if ('ok' in answer && !answer.ok) {
        refused = true;
        writer.line(detail ? answer : { ok: false, reason: answer.reason });
      } else {
        writer.line(answer);
      }
    }
    writer.flush();
  } catch (error) {
    if (!(error instanceof OutputClosed)) {
      throw error;
    }
  }
  return refused ? 1 : 0;
}

function decodeBytes(
  protocol: string,
  inputs: readonly string[],
  values: Values,
  beforeRead: () => void,
): Iterable<Answer> {
  const { direction = 'answer', readings = false } = values;
  if (direction !== 'answer' && direction !== 'command') {
    throw new UsageError(`--direction is "${direction}"; it is answer or command`);
  }
  if (inputs.length > 1 || (inputs.length === 1 && values.hex !== undefined)) {
    throw new UsageError('give one input: --hex, a file, or - for standard input');
  }
  const bytes = values.hex === undefined ? chunksOf(pathOrStdin(inputs[0]), beforeRead) : bytesFromHex(values.hex);
  return decodeStream(protocol, bytes, { readings, direction });
}

function* decodeTexts(
  kind: (typeof IDENTIFIERS)[number],
  inputs: readonly string[],
  values: Values,
  beforeRead: () => void,
): Generator<Answer> {
  const options = { strict: values.normalise !== true, ...(values.pc === undefined ? {} : { pc: values.pc }) };
  for (const text of textsOf(inputs, values.hex, beforeRead)) {
    const parsed = kind === 'epc' ? decodeIdentifier('epc', text, options) : decodeIdentifier('iso6346', text, options);
    yield parsed;
  }
}

/** The arguments themselves; a lone one that is a file, or none at all, gives lines. */
function* textsOf(inputs: readonly string[], hex: string | undefined, beforeRead: () => void): Generator<string> {
  if (hex !== undefined) {
    yield hex;
  }
  const [only] = inputs;
  const asLines =
    inputs.length === 0 ? hex === undefined : inputs.length === 1 && (only === '-' || existsSync(only ?? ''));
  if (!asLines) {
    yield* inputs;
    return;
  }
  for (const line of linesOf(chunksOf(pathOrStdin(only), beforeRead))) {
    if (line.trim() !== '') {
      yield line.trim();
    }
  }
}

/** At a terminal nobody pipes anything: waiting for input would look like a hang. */
function pathOrStdin(path: string | undefined): string {
  if (path === undefined && isatty(0)) {
    throw new UsageError('give --hex, a file, or pipe the bytes in');
  }
  return path ?? '-';
}
