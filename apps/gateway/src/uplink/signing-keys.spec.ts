import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, ManualClock } from '#libs/kernel';
import { agree, confirmation, drawHalf, isSignedWith, readSigned } from '#libs/signing';
import { nodeFiles } from '../spool/index.js';
import { SigningKeys } from './signing-keys.js';

const KEY_ID = '0190f5a6-7c3e-7d4a-9b1f-3f6c2a5d8e01';
const NEXT_ID = '0190f5a6-7c3e-7d4a-9b1f-3f6c2a5d8e02';
const gatewayId = 'CNNBO-BLYUA/GW-1';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'boxtrail-keys-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const open = (code: string | null, ofGateway = gatewayId): Promise<SigningKeys> =>
  SigningKeys.open({
    files: nodeFiles,
    directory,
    gatewayId: ofGateway,
    siteId: 'CNNBO-BLYUA',
    code,
    clock: new ManualClock(1_764_140_400_000),
    log: createLogger('spec', 'silent'),
  });

const publicOf = async (keys: SigningKeys): Promise<string> =>
  (JSON.parse((await keys.ask()).json) as { publicValue: string }).publicValue;

/** What the service makes of a public value. */
function serve(publicValue: string, keyId: string): { answer: string; secret: Buffer } {
  const half = drawHalf();
  const machinePublic = Buffer.from(publicValue, 'base64url');
  const secret = agree({
    side: 'SERVICE',
    privateValue: half.privateValue,
    machinePublic,
    servicePublic: half.publicValue,
    machineId: gatewayId,
  });
  const told = {
    keyId,
    publicValue: half.publicValue.toString('base64url'),
    confirmation: confirmation(secret, keyId),
  };
  return { answer: JSON.stringify({ ...told, endsAt: null }), secret };
}

async function enrolled(code = 'CODE-1'): Promise<{ keys: SigningKeys; secret: Buffer }> {
  const keys = await open(code);
  const { answer, secret } = serve(await publicOf(keys), KEY_ID);
  await keys.take(answer);
  return { keys, secret };
}

const signed = (keys: SigningKeys) => readSigned('POST', '/x', keys.headers('/x', Buffer.from('{}')));

describe('the key of a gateway', () => {
  it('comes of its code, and is kept where its owner alone can read it', async () => {
    const keys = await open('CODE-1');
    expect([keys.canSend, keys.wish, keys.headers('/x', Buffer.alloc(0))]).toEqual([false, 'ENROL', {}]);
    expect(await keys.ask()).toMatchObject({ path: '/ingest/v1/enrol', json: expect.stringContaining('"CODE-1"') });
    const { answer, secret } = serve(await publicOf(keys), KEY_ID);
    await keys.take(answer);
    expect([keys.canSend, keys.wish]).toEqual([true, null]);
    const [first, second] = [signed(keys), signed(keys)];
    expect(first !== null && isSignedWith(first, secret)).toBe(true);
    expect([first?.sequence, second?.sequence]).toEqual([1, 2]);
    expect(statSync(join(directory, 'gateway.key')).mode & 0o777).toBe(0o600);
  });

  it('signs on behind a restart as another boot, with the same code or none', async () => {
    const { keys, secret } = await enrolled();
    for (const code of ['CODE-1', null]) {
      const again = await open(code);
      const request = signed(again);
      expect([again.wish, request?.keyId, request?.sequence]).toEqual([null, KEY_ID, 1]);
      expect(request !== null && isSignedWith(request, secret)).toBe(true);
      expect(request?.boot).not.toBe(signed(keys)?.boot);
    }
  });

  it('is asked for with the same public value until it is answered, also behind a kill', async () => {
    const before = await publicOf(await open('CODE-1'));
    expect(statSync(join(directory, 'gateway.key.asked')).mode & 0o777).toBe(0o600);
    const again = await open('CODE-1');
    expect(await publicOf(again)).toBe(before);
    await again.take(serve(before, KEY_ID).answer);

    again.onChangeAsked(KEY_ID);
    const next = await publicOf(again);
    expect(next).not.toBe(before);
    const behindKill = await open('CODE-1');
    expect([behindKill.wish, await publicOf(behindKill)]).toEqual(['CHANGE', next]);
  });

  it('stays until the service has come to the same one', async () => {
    const { keys, secret } = await enrolled();
    keys.onChangeAsked(NEXT_ID);
    expect(keys.wish).toBeNull();
    keys.onChangeAsked(KEY_ID);
    const { answer, secret: next } = serve(await publicOf(keys), NEXT_ID);
    // Somebody on the line puts in a public value of its own.
    const forged = { ...(JSON.parse(answer) as object), publicValue: drawHalf().publicValue.toString('base64url') };
    await expect(keys.take(JSON.stringify(forged))).rejects.toThrow('not come to the same key');
    const still = signed(keys);
    expect(still !== null && isSignedWith(still, secret)).toBe(true);
    await keys.take(answer);
    const changed = signed(keys);
    expect(changed?.keyId).toBe(NEXT_ID);
    expect(changed !== null && isSignedWith(changed, next)).toBe(true);
  });

  it('gives way to a new code, and stays when that is refused', async () => {
    const { secret } = await enrolled();
    const keys = await open('CODE-2');
    expect([keys.canSend, keys.wish]).toEqual([true, 'ENROL']);
    keys.giveUp();
    expect(keys.wish).toBeNull();
    const request = signed(keys);
    expect(request !== null && isSignedWith(request, secret)).toBe(true);
  });

  it('is wished for however often its code is refused, when there is no other', async () => {
    const keys = await open('CODE-1');
    keys.giveUp();
    expect(keys.wish).toBe('ENROL');
  });

  it('of another gateway, or torn, is none', async () => {
    await enrolled();
    expect((await open(null, 'CNNBO-BLYUA/GW-2')).canSend).toBe(false);
    writeFileSync(join(directory, 'gateway.key'), '{"gatewayId":');
    expect((await open(null)).canSend).toBe(false);
  });
});
