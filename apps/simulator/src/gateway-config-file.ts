import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { parseConfig } from '#libs/kernel';

const earlier = z.object({ devices: z.array(z.object({ deviceId: z.string(), url: z.string() })) });

/** The ports that an earlier run wrote down, by device: a gateway that runs already knows them. */
export function portsOf(path: string): Record<string, number> {
  if (!existsSync(path)) return {};
  const { devices } = parseConfig(earlier, JSON.parse(readFileSync(path, 'utf8')), path);
  return Object.fromEntries(
    devices.flatMap(({ deviceId, url }) => {
      const port = Number(/\+tcp:\/\/127\.0\.0\.1:(\d+)/.exec(url)?.[1]);
      return Number.isInteger(port) ? [[deviceId, port]] : [];
    }),
  );
}

/** Whole or not at all: a gateway may read it at any moment. */
export function writeGatewayConfig(path: string, config: object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.partial`, `${JSON.stringify(config, null, 2)}\n`);
  renameSync(`${path}.partial`, path);
}
