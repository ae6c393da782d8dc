import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { audit } from './audit.command.js';

let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'boxtrail-audit-'));
  said = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function fileOf(record: string, hash: string): string {
  const path = join(folder, 'audit.ndjson');
  writeFileSync(path, `{"record":${record},"previousHash":"${'0'.repeat(64)}","hash":"${hash}"}\n`);
  return path;
}

describe('boxtrail audit check', () => {
  const record = '{"sequence": 7, "operation": "Query.events"}';
  const right = createHash('sha256').update(Buffer.alloc(32)).update(record).digest('hex');

  it('tells what a whole archive holds, and the hash by which its records can be removed', async () => {
    const path = fileOf(record, right);
    expect(await audit(['check', path])).toBe(0);
    expect(JSON.parse(said)).toMatchObject({
      records: 1,
      firstSequence: 7,
      lastHash: right,
      brokenLine: null,
      sha256: createHash('sha256')
        .update(`{"record":${record},"previousHash":"${'0'.repeat(64)}","hash":"${right}"}\n`)
        .digest('hex'),
    });
  });

  it('ends with 1 for one that is no chain', async () => {
    expect(await audit(['check', fileOf(record.replace('7', '8'), right)])).toBe(1);
    expect(JSON.parse(said)).toMatchObject({ brokenLine: 1 });
  });
});
