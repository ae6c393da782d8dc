import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DomainError } from '#libs/kernel';
import { parsePort, type Port, type PortFile } from '../../../../fixtures/index.js';
import { loadPort } from '../../../../fixtures/seed/index.js';
import { recording } from '../recording.js';
import { stateDirOf } from '../project.js';
import { UsageError } from '../usage-error.js';

/** What is loaded; shipments, vessels and people come by other ways. */
const LOADED = ['terminals', 'zones', 'gates', 'organisations', 'containers', 'trucks', 'bindings'] as const;
const EMPTY = '{"origin":"absent","rows":[]}';

/** `port load <folder>`: files in the form of fixtures/port; only terminals.json must be there. */
export async function port(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const [word, folder, ...more] = positionals;
  if (word !== 'load' || folder === undefined || more.length > 0) throw new UsageError('say: port load <folder>');
  const rows = readPortFolder(folder);
  const counts = await recording(process.env, stateDirOf(process.env), (tx) => loadPort(tx, rows));
  for (const { table, given, added } of counts.filter(({ given: told }) => told > 0)) {
    process.stdout.write(`${table.padEnd(18)}${added} added, ${given - added} there before and left as they are\n`);
  }
  return 0;
}

/** @throws DomainError INVALID_CONFIG with every fault of all files */
export function readPortFolder(folder: string): Port {
  if (!existsSync(join(folder, 'terminals.json'))) {
    throw new DomainError(
      'INVALID_INPUT',
      { field: 'folder', value: folder, expected: 'a folder with terminals.json' },
      { message: `${folder} holds no terminals.json; fixtures/port shows the form of the files.` },
    );
  }
  const textOf = (name: PortFile): string => {
    const path = join(folder, `${name}.json`);
    return LOADED.some((loaded) => loaded === name) && existsSync(path) ? readFileSync(path, 'utf8') : EMPTY;
  };
  return parsePort(
    {
      terminals: textOf('terminals'),
      zones: textOf('zones'),
      gates: textOf('gates'),
      containers: textOf('containers'),
      trucks: textOf('trucks'),
      bindings: textOf('bindings'),
      organisations: textOf('organisations'),
      people: EMPTY,
      shipments: EMPTY,
      vessels: EMPTY,
    },
    folder,
  );
}
