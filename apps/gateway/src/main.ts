import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { INestApplicationContext } from '@nestjs/common';
import { createLogger, dieWithParent, DomainError, NestLogger } from '#libs/kernel';
import { GatewayModule } from './gateway.module.js';
import { readSettings } from './gateway-config.js';

const log = createLogger('gateway');

async function run(): Promise<void> {
  const { config, proof, port, host } = readSettings(process.argv.slice(2), process.env);
  let ending = false;
  let application: INestApplicationContext | null = null;
  const end = (code: number, why: string): void => {
    if (ending) return;
    ending = true;
    log.info({ why }, 'stopping');
    const closed = application?.close() ?? Promise.resolve();
    closed.then(
      () => process.exit(code),
      (error: unknown) => {
        log.error({ err: error }, 'could not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end(0, 'SIGTERM'));
  process.on('SIGINT', () => end(0, 'SIGINT'));
  dieWithParent();

  const module = GatewayModule.with({
    config,
    proof,
    log,
    onFailure: (error) => {
      log.fatal({ err: error }, 'the gateway cannot go on');
      end(1, 'failure');
    },
  });
  const nestOptions = { logger: new NestLogger(log), abortOnError: false };
  if (port === 0) {
    application = await NestFactory.createApplicationContext(module, nestOptions);
  } else {
    const served = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), nestOptions);
    application = served;
    await served.listen(port, host);
  }
  log.info({ gateway: config.gatewayId, devices: config.devices.length, spool: config.spool.dir }, 'gateway ready');
  process.send?.({ type: 'ready' });
}

run().catch((error: unknown) => {
  if (error instanceof DomainError) process.stderr.write(`${error.message}\n`);
  else log.fatal({ err: error }, 'the gateway did not start');
  process.exit(1);
});
