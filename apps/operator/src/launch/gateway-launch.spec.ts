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
  const administrator = { role: 'SYSTEM_ADMINISTRATOR', token: 'bxt_administrator' };
  writeFileSync(join(stateDir, 'sign-ins.json'), JSON.stringify({ signIns: [administrator] }));
}

async function running(): Promise<StartLock> {
  const lock = await StartLock.acquire(join(stateDir, 'start.lock'), () => undefined);
  lock.update({ address: 'http://localhost:3400' });
  return lock;
}

describe('a gateway beside a start', () => {
  it('has a name and a spool of its own, and site, server and who enrols it from the state folder', async () => {
    demonstrated();
    await running();
    expect(gatewayLaunch({ device: READER, lane: 'CNNBO-BLYUA/G1-L5' }, {}, stateDir)).toEqual({
      words: [
        `--device=${READER}`,
        '--lane=CNNBO-BLYUA/G1-L5',
        '--gateway=CNNBO-BLYUA/r2000-serial-dev-ttyUSB0',
        '--site=CNNBO-BLYUA',
      ],
      env: {
        BOXTRAIL_SERVER_URL: 'http://localhost:3400',
        BOXTRAIL_SPOOL_DIR: join(stateDir, 'spools', 'r2000-serial-dev-ttyUSB0'),
      },
      enrolment: {
        gatewayId: 'CNNBO-BLYUA/r2000-serial-dev-ttyUSB0',
        siteId: 'CNNBO-BLYUA',
        server: 'http://localhost:3400',
        token: 'bxt_administrator',
      },
    });
  });

  it('puts the command line above the environment, and both above the state folder', async () => {
    demonstrated();
    await running();
    const env = {
      BOXTRAIL_GATEWAY_CODE: 'MINE',
      BOXTRAIL_GATEWAY_ID: 'env',
      BOXTRAIL_SITE_ID: 'site-env',
      BOXTRAIL_SERVER_URL: 'http://env',
      BOXTRAIL_SPOOL_DIR: '/spool',
    };
    const words = { device: READER, gateway: 'mine', server: 'http://words' };
    expect(gatewayLaunch(words, env, stateDir)).toEqual({
      words: [`--device=${READER}`, '--gateway=mine', '--site=site-env'],
      env: { BOXTRAIL_SERVER_URL: 'http://words', BOXTRAIL_SPOOL_DIR: '/spool' },
      enrolment: null,
    });
  });

  it('leaves the server that its file names, and is enrolled by nobody there', () => {
    demonstrated();
    const file = join(stateDir, 'gateway.json');
    writeFileSync(file, JSON.stringify({ gatewayId: 'mine', siteId: 's', uplink: { serverUrl: 'http://file' } }));
    expect(gatewayLaunch({ config: file }, {}, stateDir)).toEqual({
      words: [`--config=${file}`],
      env: {},
      enrolment: null,
    });
  });

  it('is enrolled under the name of its file, unless that is the start’s own gateway', async () => {
    demonstrated();
    await running();
    const file = join(stateDir, 'gateway.json');
    const named = (gatewayId: string): void =>
      writeFileSync(file, JSON.stringify({ gatewayId, siteId: 'CNNBO-BLYUA' }));
    named('CNNBO-BLYUA/GW-2');
    expect(gatewayLaunch({ config: file }, {}, stateDir)).toMatchObject({
      env: { BOXTRAIL_SERVER_URL: 'http://localhost:3400' },
      enrolment: { gatewayId: 'CNNBO-BLYUA/GW-2', token: 'bxt_administrator' },
    });
    named('CNNBO-BLYUA/GW-1');
    expect(() => gatewayLaunch({ config: file }, {}, stateDir)).toThrow('give yours another id');
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
