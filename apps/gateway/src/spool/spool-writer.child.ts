import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { Spool } from './spool.js';

/** The process that spool-kill.spec.ts kills: appends for ever, and says each number on standard output once it is acknowledged. */
const [directory = '', seed = ''] = process.argv.slice(2);
const spool = await Spool.open({ directory, maxBytes: 64 * 1024 * 1024, segmentBytes: 16 * 1024 });
let drawn = 0;
for (;;) {
  const texts = Array.from({ length: 1 + (drawn % 8) }, () =>
    createHash('sha256').update(`${seed}:${drawn++}`).digest('hex'),
  );
  const first = await spool.append(...texts.map((text, index) => Buffer.from(text.repeat(1 + (index % 7)))));
  for (const [index, text] of texts.entries()) writeSync(1, `${first + index} ${text}\n`);
}
