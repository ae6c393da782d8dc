import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '#libs/kernel';

const WAIT_MS = 20_000;

/**
 * How simulator and gateway meet: the simulator opens its readers, cameras and controllers on free ports of 127.0.0.1 and
 * then writes the gateway's configuration with their addresses to BOXTRAIL_SIMULATOR_GATEWAY_CONFIG, whole (by rename).
 * Started again, it takes the ports of that file.
 */
export interface DemonstrationDevices {
  readonly gatewayConfig: string;
  readonly simulatorEnv: Readonly<Record<string, string>>;
}

export function demonstrationDevices(stateDir: string): DemonstrationDevices {
  const gatewayConfig = join(stateDir, 'gateway.json');
  // an old one names ports that others may have taken
  rmSync(gatewayConfig, { force: true });
  return { gatewayConfig, simulatorEnv: { BOXTRAIL_SIMULATOR_GATEWAY_CONFIG: gatewayConfig } };
}

/** @throws DomainError UNAVAILABLE when the simulator does not write it */
export async function untilWritten(gatewayConfig: string, stopped: () => boolean, why: () => string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!existsSync(gatewayConfig) && !stopped()) {
    if (performance.now() > deadline) {
      throw new DomainError(
        'UNAVAILABLE',
        { expected: gatewayConfig },
        { message: `the simulated port does not open its devices:\n${why()}` },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
