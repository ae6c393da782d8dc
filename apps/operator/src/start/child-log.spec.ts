import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forTerminal, RotatingFile, TerminalFilter } from './child-log.js';

describe('a rotating log', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'boxtrail-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps the newest file and three older ones, whole lines in each', () => {
    const log = new RotatingFile(join(folder, 'a.log'), 10);
    for (let n = 1; n <= 6; n += 1) log.write(Buffer.from(`line ${n}\n`));
    log.close();
    const texts = readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
    expect(texts).toEqual([
      ['a.log', 'line 6\n'],
      ['a.log.1', 'line 5\n'],
      ['a.log.2', 'line 4\n'],
      ['a.log.3', 'line 3\n'],
    ]);
  });

  it('goes on where an earlier process stopped', () => {
    const first = new RotatingFile(join(folder, 'a.log'), 100);
    first.write(Buffer.from('one\n'));
    first.close();
    const second = new RotatingFile(join(folder, 'a.log'), 100);
    second.write(Buffer.from('two\n'));
    second.close();
    expect(readFileSync(join(folder, 'a.log'), 'utf8')).toBe('one\ntwo\n');
  });
});

const onLinux = process.platform === 'linux' ? it : it.skip;
onLinux('a log on a full disk names the fault and throws nothing, here /dev/full', () => {
  const log = new RotatingFile('/dev/full', 100);
  expect(log.write(Buffer.from('one\n'))).toBe('ENOSPC');
  log.close();
});

describe('what a child tells the terminal', () => {
  it('is pino lines from warnings (40) up, and lines that are not JSON', () => {
    expect(forTerminal('{"level":30,"msg":"listening"}')).toBeNull();
    expect(forTerminal('{"level":40,"msg":"slow"}')).toBe('warning: slow');
    expect(forTerminal('{"level":50,"msg":"lost"}')).toBe('error: lost');
    expect(forTerminal('Error: boom')).toBe('Error: boom');
    expect(forTerminal('{ not json')).toBe('{ not json');
    expect(forTerminal('')).toBeNull();
  });

  it('comes whole when a line arrives in pieces, and once in ten seconds when it repeats', () => {
    const shown: string[] = [];
    let now = 0;
    const filter = new TerminalFilter(
      'server',
      (line) => shown.push(line),
      () => now,
    );
    filter.push('{"level":40,"ms');
    filter.push('g":"slow"}\n{"level":40,"msg":"slow"}\n');
    now = 10_001;
    filter.push('{"level":40,"msg":"slow"}\n');
    expect(shown).toEqual(['server: warning: slow', 'server: warning: slow']);
  });
});
