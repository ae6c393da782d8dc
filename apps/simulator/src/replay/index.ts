import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { dieWithParent } from '#libs/kernel';
import type { Port } from '../../../../fixtures/index.js';
import { portsOf, writeGatewayConfig } from '../gateway-config-file.js';
import type { ReplaySettings } from '../settings.js';
import { readRecording } from './recording.js';
import { Replay } from './replay.js';

/** As a shell counts an end by SIGINT. */
const INTERRUPTED = 130;

/**
 * Plays a recording to the gateway that connects.
 * @returns exit code: 0 played, 1 played but lines are not acknowledged, 130 interrupted
 */
export async function replayOnWires(settings: ReplaySettings, port: Port): Promise<number> {
  const replay = new Replay(port, readRecording(settings.recording));
  const path = settings.gatewayConfig ?? join(mkdtempSync(join(tmpdir(), 'boxtrail-replay-')), 'gateway.json');
  const ending = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => ending.abort());
  dieWithParent();
  try {
    const config = await replay.open(portsOf(path), join(dirname(path), 'replay-spool'));
    writeGatewayConfig(path, config);
    process.send?.({ kind: 'listening', gatewayConfig: config, path });
    show(`${config.devices.length} devices of ${settings.recording} are open; start the gateway:`);
    process.stdout.write(`npx boxtrail gateway --config ${path}\n`);
    await replay.gatewayListens(ending.signal);
    show('the gateway listens; playing');
    await replay.play(settings.speed, ending.signal);
    const unsafe = await replay.settle(ending.signal);
    show(unsafe === 0 ? 'played' : `played, but the gateway has not acknowledged ${unsafe} lines`);
    return unsafe === 0 ? 0 : 1;
  } catch (error) {
    if (ending.signal.aborted) return INTERRUPTED;
    throw error;
  } finally {
    await replay.close();
  }
}

function show(line: string): void {
  process.stderr.write(`replay: ${line}\n`);
}
