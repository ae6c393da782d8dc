import { parseArgs } from 'node:util';
import { stateDirOf } from '../project.js';
import { line, type Finding } from './check.js';
import { checkDatabase } from './database-checks.js';
import {
  checkClock,
  checkDisk,
  checkEncoding,
  checkNode,
  checkNpm,
  checkPort,
  checkSerial,
  checkStateDir,
} from './machine-checks.js';

/** @returns 1 when anything failed */
export async function doctor(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { json: { type: 'boolean' } } });
  const stateDir = stateDirOf(process.env);
  const findings: readonly Finding[] = [
    checkNode(),
    checkNpm(),
    checkStateDir(stateDir),
    checkDisk(stateDir),
    checkEncoding(stateDir),
    await checkPort(process.env, stateDir),
    checkSerial(),
    await checkClock(),
    ...(await checkDatabase(process.env, stateDir)),
  ];
  const failed = findings.some(({ status }) => status === 'fail');
  process.stdout.write(
    values.json === true ? `${JSON.stringify({ ok: !failed, findings })}\n` : `${findings.map(line).join('\n')}\n`,
  );
  return failed ? 1 : 0;
}
