import { DomainError } from '#libs/kernel';
import { COMMANDS, UsageError, type Command } from './commands.js';

/** Exit codes: 0 done, 1 refused or failed, 2 wrong use. */
async function main(words: readonly string[]): Promise<number> {
  const [word = 'help', ...args] = words;
  const name = { '--help': 'help', '-h': 'help', '--version': 'version', '-v': 'version' }[word] ?? word;
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    process.stderr.write(`boxtrail: there is no command "${word}"; these exist:\n${listOf(COMMANDS)}\n`);
    return 2;
  }
  if (args.includes('--help')) {
    process.stdout.write(`${command.usage}\n  ${command.summary}\n`);
    return 0;
  }
  try {
    return await command.run(args);
  } catch (error) {
    return explain(error, command);
  }
}

function explain(error: unknown, command: Command): number {
  if (error instanceof UsageError || isParseArgsError(error)) {
    process.stderr.write(`boxtrail ${command.name}: ${error.message}\n${command.usage}\n`);
    return 2;
  }
  if (error instanceof DomainError) {
    process.stderr.write(`boxtrail: ${error.code}: ${error.message}\n`);
    return 1;
  }
  const told = error instanceof Error ? error : new Error(String(error));
  const code = (told as NodeJS.ErrnoException).code ?? 'INTERNAL';
  process.stderr.write(`boxtrail: ${code}: ${told.message || told.name}; ${adviceFor(code)}\n`);
  if (process.env['BOXTRAIL_LOG_LEVEL'] === 'debug') {
    process.stderr.write(`${told.stack ?? ''}\n`);
  }
  return 1;
}

/** node:util's parseArgs throws TypeErrors with these codes. */
function isParseArgsError(error: unknown): error is Error {
  return error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

/** What a person can do about an error of the operating system or of PostgreSQL. */
function adviceFor(code: string): string {
  const advice: Readonly<Record<string, string>> = {
    ENOENT: 'check the path',
    EISDIR: 'name a file, not a folder',
    EACCES: 'check the permissions, or start as the owner',
    EPERM: 'check the permissions, or start as the owner',
    ENOSPC: 'make room on the disk and start again',
    EROFS: 'the disk is read-only; set BOXTRAIL_STATE_DIR to a folder that can be written',
    ECONNREFUSED: 'nothing answers there; check the address and that the service runs',
    '28P01': 'the database refuses the password; check DATABASE_URL',
    '3D000': 'create that database, or change DATABASE_URL',
    '42501': 'the role lacks a right; run "npx boxtrail doctor"',
  };
  return advice[code] ?? 'run "npx boxtrail doctor", or again with BOXTRAIL_LOG_LEVEL=debug for the details';
}

function listOf(commands: readonly Command[]): string {
  return commands.map(({ name, summary }) => `  ${name.padEnd(13)}${summary}`).join('\n');
}

// a reader that has seen enough (`| head`) is no fault
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') {
    process.exit(process.exitCode ?? 0);
  }
  throw error;
});

process.exitCode = await main(process.argv.slice(2));
