import { crc32c } from '@node-rs/crc32';
import { z } from 'zod';
import { readIfThere, replaceFile, type SpoolFiles } from '../spool/index.js';
import { PIPELINE_VERSION, type FoldState } from './fold.js';

/** The pipeline's state behind a record, kept so that the records up to it can be deleted. */
export interface Checkpoint {
  readonly spoolId: string;
  /** Number of the last record that is in `state`. */
  readonly spoolSequence: number;
  readonly pipelineVersion: number;
  readonly state: FoldState;
}

/** A file `checkpoint`: one line `boxtrail-checkpoint 1 <CRC32C of the rest, 8 hex digits>`, then the checkpoint as JSON. */
const FILE = 'checkpoint';
const HEAD = /^boxtrail-checkpoint (\d+) ([0-9a-f]{8})$/;
const FORMAT = 1;

/** What the fold itself reads; the pipeline's inner state is covered by checksum and version. */
const shape = z.object({
  spoolId: z.string(),
  spoolSequence: z.number().int().min(0),
  pipelineVersion: z.number().int(),
  state: z.object({
    pipeline: z.custom<FoldState['pipeline']>((value) => typeof value === 'object' && value !== null),
    heard: z.record(
      z.string(),
      z.object({ boot: z.string(), last: z.number().int(), missing: z.array(z.number().int()) }),
    ),
    config: z.string(),
    downMs: z.number().min(0),
    listening: z.boolean(),
    lastAt: z.number(),
    lastItem: z.number().int().min(0),
  }),
});

export async function saveCheckpoint(files: SpoolFiles, directory: string, checkpoint: Checkpoint): Promise<void> {
  const body = Buffer.from(JSON.stringify(checkpoint));
  const head = Buffer.from(`boxtrail-checkpoint ${FORMAT} ${checksum(body)}\n`);
  await replaceFile(files, directory, FILE, Buffer.concat([head, body]));
}

export type LoadedCheckpoint =
  | { readonly kind: 'loaded'; readonly checkpoint: Checkpoint }
  | { readonly kind: 'none' }
  /** Not usable: the spool is replayed from what it has. */
  | { readonly kind: 'refused'; readonly why: string };

export async function loadCheckpoint(files: SpoolFiles, directory: string, spoolId: string): Promise<LoadedCheckpoint> {
  const bytes = await readIfThere(files, `${directory}/${FILE}`);
  if (bytes === null) return { kind: 'none' };
  const lineEnd = bytes.indexOf(0x0a);
  const head = HEAD.exec(bytes.toString('latin1', 0, Math.max(0, lineEnd)));
  if (head === null) return { kind: 'refused', why: 'its first line is not one of a checkpoint' };
  if (Number(head[1]) !== FORMAT)
    return { kind: 'refused', why: `its format is ${head[1]}, this program knows ${FORMAT}` };
  const body = bytes.subarray(lineEnd + 1);
  if (checksum(body) !== head[2]) return { kind: 'refused', why: `its checksum is ${checksum(body)}, not ${head[2]}` };
  const parsed = shape.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) return { kind: 'refused', why: z.prettifyError(parsed.error) };
  if (parsed.data.pipelineVersion !== PIPELINE_VERSION) {
    return {
      kind: 'refused',
      why: `its state is of pipeline version ${parsed.data.pipelineVersion}, this program's is ${PIPELINE_VERSION}`,
    };
  }
  if (parsed.data.spoolId !== spoolId)
    return { kind: 'refused', why: `it belongs to the spool ${parsed.data.spoolId}` };
  return { kind: 'loaded', checkpoint: parsed.data };
}

function checksum(body: Buffer): string {
  return crc32c(body).toString(16).padStart(8, '0');
}
