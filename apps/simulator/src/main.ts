import { dirname, join } from 'node:path';
import { createLogger, DomainError } from '#libs/kernel';
import { port } from '../../../fixtures/index.js';
import { demoGatewayConfig, type DemoGatewayConfig } from './demo-gateway-config.js';
import { portsOf, writeGatewayConfig } from './gateway-config-file.js';
import { readWorld, writeWorld } from './kept-world.js';
import { LivePort } from './live-port.js';
import { PseudoTerminal } from './pseudo-terminal.js';
import { replayOnWires } from './replay/index.js';
import { readReplaySettings, readSettings } from './settings.js';
import { planSite } from './world/index.js';

/** The terminal whose gate is simulated; one gateway has one site. */
const SITE = 'CNNBO-BLYUA';
const KEEP_EVERY_MS = 10_000;

const log = createLogger('simulator');

/** What the process that started us is told once every device listens. */
export interface ListeningMessage {
  readonly kind: 'listening';
  /** Device id → URL, as gateway.json spells it. */
  readonly devices: Readonly<Record<string, string>>;
  readonly gatewayConfig: DemoGatewayConfig;
}

async function run(): Promise<void> {
  const replay = readReplaySettings(process.argv.slice(2), process.env);
  if (replay === null) await runPort();
  else process.exit(await replayOnWires(replay, port));
}

async function runPort(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env);
  const { gatewayConfig, trucks } = settings;
  const worldFile = gatewayConfig === null ? null : join(dirname(gatewayConfig), 'simulator-world.json');
  const world = worldFile === null ? null : readWorld(worldFile, planSite(port, SITE, trucks));
  const live = new LivePort({ ...settings, port, siteId: SITE, world });
  const ports = await live.open(settings.portBase, gatewayConfig === null ? {} : portsOf(gatewayConfig));
  let pty: PseudoTerminal | null = null;

  const urls = Object.fromEntries(
    live.devices.map(({ deviceId, protocol }) => [deviceId, `${protocol}+tcp://127.0.0.1:${ports[deviceId]}`]),
  );
  const onPty = live.devices.find(({ protocol }) => protocol === 'r2000')?.deviceId;
  const ptyPort = onPty === undefined ? undefined : ports[onPty];
  if (settings.pty !== null && onPty !== undefined && ptyPort !== undefined) {
    pty = new PseudoTerminal(settings.pty, ptyPort, (message) => log.warn(message));
    urls[onPty] = `r2000+serial://${settings.pty}?baudRate=115200`;
  }

  const keep = (): void => {
    if (worldFile !== null) writeWorld(worldFile, live.plan, live.world);
  };
  const keeping = setInterval(keep, KEEP_EVERY_MS);
  let ending = false;
  const end = (why: string): void => {
    if (ending) return;
    ending = true;
    if (process.connected || why === 'signal') log.info({ why }, 'stopping');
    clearInterval(keeping);
    pty?.close();
    keep();
    live.close().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('signal'));
  process.on('SIGINT', () => end('signal'));
  if (process.connected) process.on('disconnect', () => end('the parent is gone'));

  const config = demoGatewayConfig(port, SITE, live.devices, urls);
  if (gatewayConfig === null) {
    process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
  } else {
    writeGatewayConfig(gatewayConfig, config);
  }
  const message: ListeningMessage = { kind: 'listening', devices: urls, gatewayConfig: config };
  process.send?.(message);
  log.info({ devices: live.devices.length, trucks, speed: settings.speed, resumed: world !== null }, 'port is open');
}

run().catch((error: unknown) => {
  if (error instanceof DomainError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ err: error }, 'the simulator failed');
  process.exit(error instanceof DomainError && error.category === 'INVALID' ? 2 : 1);
});
