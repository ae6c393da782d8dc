import { z } from 'zod';
import { newId } from '#libs/kernel';
import { readIfThere, replaceFile, type SpoolDamage, type SpoolFiles } from '../spool/index.js';

/**
 * Under which name and numbers the items go to the service. The service takes a number that it has for a repetition, so the
 * same number of one stream must always mean the same item. As long as the spool is whole a replay sees to that. When it
 * cannot (a damaged record, a lost checkpoint, another version of the pipeline) a new stream begins behind what is known to
 * be committed: what is sent twice by that is known by its readings, and nothing is taken for something else.
 */
export interface Stream {
  readonly streamId: string;
  /** Item n of the spool is number n − itemsBefore of the stream. */
  readonly itemsBefore: number;
  readonly pipelineVersion: number;
  /** Damage that this stream has taken into account: it does not begin another one at each start. */
  readonly knownDamage: readonly string[];
}

const FILE = 'stream.json';
const shape = z.object({
  streamId: z.uuid(),
  itemsBefore: z.number().int().min(0),
  pipelineVersion: z.number().int(),
  knownDamage: z.array(z.string()),
});

export async function loadStream(files: SpoolFiles, directory: string): Promise<Stream | null> {
  const bytes = await readIfThere(files, `${directory}/${FILE}`);
  if (bytes === null) return null;
  try {
    return shape.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    // Unreadable is as good as lost: a new stream begins.
    return null;
  }
}

export async function beginStream(
  files: SpoolFiles,
  directory: string,
  stream: Omit<Stream, 'streamId'>,
): Promise<Stream> {
  const begun = { ...stream, streamId: newId() };
  await replaceFile(files, directory, FILE, Buffer.from(`${JSON.stringify(begun)}\n`));
  return begun;
}

export function damageName(damage: SpoolDamage): string {
  return `${damage.file}:${damage.offset}:${damage.where}`;
}
