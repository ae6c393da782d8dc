import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartLock } from '../start/lock.js';
import { UsageError } from '../usage-error.js';
import { gatewayLaunch } from './gateway-launch.js';

const READER = 'r2000+serial:///dev/ttyUSB0?baudRate=115200';
let stateDir = '';

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'boxtrail-launch-'));
});

afterEach(() => rmSync(stateDir, { recursive: true }));

function demonstrated(): void {
  const gateway = { gatewayId: 'CNNBO-BLYUA/GW-1', token: 'bxg_demo' };
  writeFileSync(join(stateDir, 'sign-ins.json'), JSON.stringify({ signIns: [], gateway }));
}

async function running(): Promise<StartLock> {
  const lock = await StartLock.acquire(join(stateDir, 'start.lock'), () => undefined);
  lock.update({ address: 'http://localhost:3400' });
  return lock;
}

describe('a gateway beside a start', () => {
  it('has token, name, site, server and a spool of its own from the state folder', async () => {
    demonstrated();
    await running();
    expect(gatewayLaunch({ device: READER, lane: 'CNNBO-BLYUA/G1-L5' }, {}, stateDir)).toEqual({
      words: [`--device=${READER}`, '--lane=CNNBO-BLYUA/G1-L5', '--gateway=CNNBO-BLYUA/GW-1', '--site=CNNBO-BLYUA'],
      env: {
        BOXTRAIL_GATEWAY_TOKEN: 'bxg_demo',
        BOXTRAIL_SERVER_URL: 'http://localhost:3400',
        BOXTRAIL_SPOOL_DIR: join(stateDir, 'spools', 'r2000-serial-dev-ttyUSB0'),
      },
    });
  });

  it('puts the command line above the environment, and both above the state folder', async () => {
    demonstrated();
    await running();
    const env = {
      BOXTRAIL_GATEWAY_TOKEN: 'bxg_mine',
      BOXTRAIL_GATEWAY_ID: 'env',
      BOXTRAIL_SITE_ID: 'site-env',
      BOXTRAIL_SERVER_URL: 'http://env',
      BOXTRAIL_SPOOL_DIR: '/spool',
    };
    const words = { device: READER, gateway: 'mine', server: 'http://words' };
    expect(gatewayLaunch(words, env, stateDir)).toEqual({
      words: [`--device=${READER}`, '--gateway=mine', '--site=site-env'],
      env: { BOXTRAIL_SERVER_URL: 'http://words', BOXTRAIL_SPOOL_DIR: '/spool' },
    });
  });

  it('leaves the server that its file names, and gives no token to a gateway of another name', () => {
    demonstrated();
    const file = join(stateDir, 'gateway.json');
    const named = (gatewayId: string): void =>
      writeFileSync(file, JSON.stringify({ gatewayId, uplink: { serverUrl: 'http://file' } }));
    named('CNNBO-BLYUA/GW-1');
    expect(gatewayLaunch({ config: file }, {}, stateDir)).toEqual({
      words: [`--config=${file}`],
      env: { BOXTRAIL_GATEWAY_TOKEN: 'bxg_demo' },
    });
    named('another');
    expect(() => gatewayLaunch({ config: file }, {}, stateDir)).toThrow('the token of another');
  });

  it('says what is missing when nothing runs and nobody is named', async () => {
    expect(() => gatewayLaunch({ device: READER }, {}, stateDir)).toThrow('--gateway');
    demonstrated();
    expect(() => gatewayLaunch({ device: READER }, {}, stateDir)).toThrow(UsageError);
    const lock = await running();
    expect(() => gatewayLaunch({ device: READER }, {}, stateDir)).not.toThrow();
    lock.release();
    expect(() => gatewayLaunch({ device: READER }, {}, stateDir)).toThrow('npm start');
  });
});
