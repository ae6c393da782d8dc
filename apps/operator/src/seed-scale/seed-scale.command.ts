import { parseArgs } from 'node:util';
import { companyCode, SCALE_SEED, seedScale, type ScaleProgress } from '../../../../fixtures/scale/index.js';
import { stateDirOf } from '../project.js';
import { recordingIn, withRecorded } from '../recording.js';
import { UsageError } from '../usage-error.js';

const number = { type: 'string' } as const;
const TELL_EVERY_MS = 2_000;

/** `seed-scale`: counts with what each is when it is not given. */
export async function seedScaleCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      companies: { ...number, default: '100' },
      shipments: { ...number, default: '10000' },
      events: { ...number, default: '100000' },
      seed: { ...number, default: String(SCALE_SEED) },
    },
  });
  const counts = {
    companies: Number(values.companies),
    shipments: Number(values.shipments),
    events: Number(values.events),
  };
  const began = performance.now();
  await withRecorded(process.env, stateDirOf(process.env), async ({ ownerUrl, ingestUrl }) => {
    if (ownerUrl === null) throw new UsageError('statistics are the owner’s to gather: set DATABASE_MIGRATION_URL');
    await seedScale({ ownerUrl, ingestUrl, counts, seed: Number(values.seed), onProgress: teller() });
    await recordingIn(ingestUrl, () => Promise.resolve());
  });
  process.stdout.write(`done in ${((performance.now() - began) / 1_000).toFixed(0)} s; statistics are gathered\n`);
  process.stdout.write(
    `a way in: boxtrail token person --role LOGISTICS --organisation ${companyCode(0)} --name <name>\n`,
  );
  return 0;
}

/** One line every two seconds, and one at the end of each part. */
function teller(): (progress: ScaleProgress) => void {
  let told = 0;
  let began = performance.now();
  let current = '';
  return ({ what, done, count }) => {
    const now = performance.now();
    if (what !== current) [current, began] = [what, now];
    if (done < count && now - told < TELL_EVERY_MS) return;
    told = now;
    const rate = now > began ? `, ${Math.round((done / (now - began)) * 1_000).toLocaleString('en')}/s` : '';
    process.stdout.write(`${what}: ${done.toLocaleString('en')} of ${count.toLocaleString('en')}${rate}\n`);
  };
}
