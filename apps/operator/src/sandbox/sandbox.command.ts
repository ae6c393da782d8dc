import { parseArgs } from 'node:util';
import { openSandbox } from '../../../server/src/sandbox/sandbox-ground.js';
import { recordingSealed } from '../recording.js';
import { stateDirOf } from '../project.js';
import { UsageError } from '../usage-error.js';

/** `sandbox <name>`: makes it where it is not there yet; one token a line behind its role, for each of its people, on standard output. */
export async function sandbox(args: readonly string[]): Promise<number> {
  const { positionals } = parseArgs({ args: [...args], options: {}, allowPositionals: true });
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new UsageError('name one sandbox: sandbox <name>');
  const { siteId, tokens } = await recordingSealed(process.env, stateDirOf(process.env), (tx, vault) =>
    openSandbox(tx, vault, name),
  );
  process.stderr.write(`boxtrail: sandbox ${siteId}; its tokens are shown this once, and a new call draws new ones\n`);
  process.stdout.write(tokens.map(({ role, token }) => `${role} ${token}\n`).join(''));
  return 0;
}
