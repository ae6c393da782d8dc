import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './project.js';
import { UsageError } from './usage-error.js';

export { UsageError };

export interface Command {
  readonly name: string;
  readonly usage: string;
  /** One line for the list. */
  readonly summary: string;
  /** Resolves with the exit code; loads what it needs, so that `decode` does not wait for the database's driver. */
  run(args: readonly string[]): Promise<number>;
}

/** Everything that `npx boxtrail` can do. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'start',
    usage: 'boxtrail start',
    summary: 'run everything: database, server, gateway and the simulated port',
    run: async (args) => (await import('./start/start.command.js')).start(args),
  },
  {
    name: 'gateway',
    usage:
      'boxtrail gateway [--config gateway.json] [--server <url>]\n' +
      'boxtrail gateway --device <url> [--antennas 1,2] [--lane <lane>] [--direction IN|OUT|REVERSIBLE]\n' +
      '                 [--gateway <id> --site <site>] [--server <url>]\n' +
      '  BOXTRAIL_GATEWAY_CODE holds its code at the first start; beside a running demonstration nothing more is needed',
    summary: 'run a gateway alone, for readers at a gate',
    run: async (args) => (await import('./launch/launch.command.js')).gateway(args),
  },
  {
    name: 'decode',
    usage:
      'boxtrail decode <protocol> [--hex <bytes> | <file> | -] [--readings] [--direction command] [--detail]\n' +
      'boxtrail decode iso6346 [<number> … | <file> | -] [--normalise]\n' +
      'boxtrail decode epc [<hex or urn> … | <file> | -] [--hex <bytes>] [--pc <4 hex digits>]',
    summary: 'say what bytes or numbers mean, one JSON object a line',
    run: async (args) => (await import('./decode/decode.command.js')).decode(args),
  },
  {
    name: 'simulate',
    usage: 'boxtrail simulate [simulator options]',
    summary: 'run the simulated port alone; its readers answer on sockets',
    run: async (args) => (await import('./launch/launch.command.js')).simulate(args),
  },
  {
    name: 'replay',
    usage: 'boxtrail replay <recording> [--speed <factor>]',
    summary: 'play a recording of a lane on the wire again',
    run: async (args) => (await import('./launch/launch.command.js')).replay(args),
  },
  {
    name: 'sandbox',
    usage: 'boxtrail sandbox <NAME>',
    summary: 'make a sandbox for an integrator, with tokens for its gate operator, company and customs officer',
    run: async (args) => (await import('./sandbox/sandbox.command.js')).sandbox(args),
  },
  {
    name: 'gateway-key',
    usage:
      'boxtrail gateway-key enrol --gateway <gateway> --site <site> [--minutes <n>] [--days <n>]\n' +
      'boxtrail gateway-key list [--json]\n' +
      'boxtrail gateway-key change <gateway>\n' +
      'boxtrail gateway-key revoke <gateway> --reason <text> [--key <id>]',
    summary: 'enrol a gateway by a one-time code, have its key changed, and revoke it',
    run: async (args) => (await import('./gateway-key/gateway-key.command.js')).gatewayKey(args),
  },
  {
    name: 'token',
    usage:
      'boxtrail token person --role <role> [--organisation <code>] --name <name> [--days <n>]\n' +
      'boxtrail token gateway --id <gateway> --site <site>\n' +
      'boxtrail token list [--json]\n' +
      'boxtrail token revoke <id>\n' +
      '  roles of the platform operator need no organisation',
    summary: 'draw, list and revoke the tokens of people, and of gateways where the service takes them',
    run: async (args) => (await import('./token/token.command.js')).token(args),
  },
  {
    name: 'person',
    usage:
      'boxtrail person add --role <role> [--organisation <code>] --name <name> [--login <name>] [--phone <number>]\n' +
      '                    [--email <address>] [--certificate <file.pem>] [--oidc-issuer <url> --oidc-subject <value>]\n' +
      'boxtrail person reset --login <name> [--second-factor]\n' +
      '  roles of the platform operator need no organisation; the code that is printed sets the password',
    summary: 'add people who sign in, and let them begin anew',
    run: async (args) => (await import('./person/person.command.js')).person(args),
  },
  {
    name: 'port',
    usage: 'boxtrail port load <folder>',
    summary: 'load terminals, gates, zones, organisations and tags from files like those of fixtures/port',
    run: async (args) => (await import('./port/port.command.js')).port(args),
  },
  {
    name: 'seed-scale',
    usage: 'boxtrail seed-scale [--companies <n>] [--shipments <n>] [--events <n>] [--seed <n>]',
    summary: 'fill a database whose journal is empty with a made-up port of any size, to try its speed',
    run: async (args) => (await import('./seed-scale/seed-scale.command.js')).seedScaleCommand(args),
  },
  {
    name: 'audit',
    usage: 'boxtrail audit check <file>',
    summary: 'follow the chain through an archive of the audit, and tell its SHA-256',
    run: async (args) => (await import('./audit/audit.command.js')).audit(args),
  },
  {
    name: 'doctor',
    usage: 'boxtrail doctor [--json]',
    summary: 'check this machine and the database, and say what to do',
    run: async (args) => (await import('./doctor/doctor.command.js')).doctor(args),
  },
  {
    name: 'help',
    usage: 'boxtrail help [<command>]',
    summary: 'show this list, or how a command is used',
    run: ([name]) => Promise.resolve(help(name)),
  },
  {
    name: 'version',
    usage: 'boxtrail version',
    summary: 'show the version',
    run: () => Promise.resolve(version()),
  },
];

function help(name: string | undefined): number {
  const one = COMMANDS.find((command) => command.name === name);
  if (one !== undefined) {
    process.stdout.write(`${one.usage}\n  ${one.summary}\n`);
    return 0;
  }
  if (name !== undefined) {
    throw new UsageError(`there is no command "${name}"`);
  }
  const list = COMMANDS.map(({ name: word, summary }) => `  ${word.padEnd(13)}${summary}`).join('\n');
  process.stdout.write(`boxtrail <command>\n${list}\n`);
  return 0;
}

function version(): number {
  const manifest = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  process.stdout.write(`boxtrail ${manifest.version} (Node ${process.versions.node})\n`);
  return 0;
}
