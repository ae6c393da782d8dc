import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { Spool } from './spool.js';

/** The process that spool-kill.spec.ts kills: appends for ever, and says each number on standard output once it is acknowledged. */
const [directory = '', seed = ''] = process.argv.slice(2);
const spool = await Spool.open({ directory, maxBytes: 64 * 1024 * 1024, segmentBytes: 16 * 1024 });
let drawn = 0;
const writer = async (): Promise<never> => {
  for (;;) {
    const text = createHash('sha256').update(`${seed}:${drawn++}`).digest('hex');
    const sequence = await spool.append(Buffer.from(text.repeat(1 + (drawn % 7))));
    writeSync(1, `${sequence} ${text}\n`);
  }
};
await Promise.all(Array.from({ length: 8 }, writer));
