import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rename, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { FramerOutput } from '#libs/telemetry';
import { reservePort } from '../../test/support/ports.js';
import { fromHex, hexOf, seeded } from '../framing.laws.js';
import { jsonl } from '../jsonl/index.js';
import { NmeaFramer } from '../nmea/index.js';
import { R2000Framer } from '../r2000/index.js';
import {
  createTransport,
  HttpListenerTransport,
  ReconnectingLine,
  type HttpConfig,
  type LineOptions,
  type Transport,
} from './index.js';

const frame = fromHex('a01301891d300092a3b4c5d6e7f8091a2b3c4d42fa');
const hasSocat = spawnSync('socat', ['-V']).status === 0;

/** A group that cannot run here says so by name; in CI it fails. */
function describeWhere(condition: boolean, reason: string, name: string, body: () => void): void {
  if (condition) {
    describe(name, body);
  } else if (process.env['CI'] !== undefined) {
    it(`${name}: ${reason}`, () => {
      throw new Error(reason);
    });
  } else {
    it.skip(`${name} (not run: ${reason})`, () => undefined);
  }
}

/** Waits for a condition that other code brings about; the bound only keeps a broken test from hanging. */
async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 25_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const cleanups: (() => Promise<unknown> | void)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

interface FarEnd {
  readonly server: Server;
  readonly sockets: Socket[];
  readonly port: number;
}

async function listen(port = 0): Promise<FarEnd> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    sockets.push(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  });
  return { server, sockets, port: (server.address() as AddressInfo).port };
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'boxtrail-空格 '));
  cleanups.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

interface Watched {
  readonly line: ReconnectingLine;
  readonly framer: R2000Framer | NmeaFramer;
  readonly outputs: FramerOutput[];
  readonly told: string[];
}

function watch(
  create: () => Transport,
  options: Partial<LineOptions> = {},
  framer: R2000Framer | NmeaFramer = new R2000Framer(),
): Watched {
  const outputs: FramerOutput[] = [];
  const told: string[] = [];
  const line = new ReconnectingLine(
    create,
    framer,
    {
      opened: () => told.push('opened'),
      received: (list) => outputs.push(...list),
      lost: (reason) => told.push(`lost: ${reason?.message ?? 'in order'}`),
      ended: () => told.push('ended'),
    },
    { random: () => 0, firstPauseMs: 5, maxPauseMs: 40, ...options },
  );
  cleanups.push(() => line.stop());
  line.start();
  return { line, framer, outputs, told };
}

const tcpTo = (port: number) => () => createTransport({ kind: 'tcp', host: '127.0.0.1', port });

describe('TCP line', () => {
  it('carries bytes both ways and counts them', async () => {
    const far = await listen();
    const { line, outputs } = watch(tcpTo(far.port));
    await until(() => far.sockets.length === 1 && line.health.state === 'open', 'the line');
    const heard: Buffer[] = [];
    far.sockets[0]?.on('data', (bytes) => heard.push(bytes));
    far.sockets[0]?.write(frame);
    expect(line.write(Uint8Array.of(1, 2, 3))).toBe(true);
    await until(() => outputs.length === 1 && heard.length === 1 && line.health.bytesOut === 3, 'bytes');
    expect(hexOf(outputs[0]?.bytes as Uint8Array)).toBe(hexOf(frame));
    expect(line.health).toMatchObject({ opens: 1, losses: 0, bytesIn: frame.length, bytesOut: 3, lastError: null });
  });

  it('comes back after a loss inside a frame, with the part-frame dropped and counted', async () => {
    const far = await listen();
    const { line, framer, outputs, told } = watch(tcpTo(far.port));
    await until(() => far.sockets.length === 1, 'the first connection');
    far.sockets[0]?.write(frame.subarray(0, 10));
    await until(() => line.health.bytesIn === 10, 'the part-frame');
    far.sockets[0]?.destroy();
    await until(() => far.sockets.length === 2, 'the second connection');
    far.sockets[1]?.write(frame);
    await until(() => outputs.length === 1, 'the whole frame');
    expect(outputs[0]?.kind).toBe('frame');
    expect(framer.counters).toMatchObject({ frames: 1, skippedBytes: 10, refused: 1 });
    expect(told).toEqual(['opened', 'lost: in order', 'opened']);
    expect(line.health).toMatchObject({ opens: 2, losses: 1 });
  });

  it('waits with growing pauses while nobody listens, and opens when somebody does', async () => {
    const port = await reservePort();
    const pauses: number[] = [];
    const { line } = watch(tcpTo(port));
    await until(() => {
      const { pauseMs } = line.health;
      if (pauseMs > 0 && pauses.at(-1) !== pauseMs) pauses.push(pauseMs);
      return pauses.at(-1) === 40;
    }, 'the longest pause');
    // 5 ms doubled to the bound of 40; a fast machine may miss one of them in polling, never their order.
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(line.health.lastError).toContain('ECONNREFUSED');
    await listen(port);
    await until(() => line.health.state === 'open', 'the line');
  });

  it('takes the jitter from the given random function', async () => {
    const port = await reservePort();
    const next = seeded(41);
    const first = next() / 2 ** 32;
    const again = seeded(41);
    const { line } = watch(tcpTo(port), {
      random: () => again() / 2 ** 32,
      firstPauseMs: 1_000,
      maxPauseMs: 10_000,
    });
    await until(() => line.health.state === 'waiting', 'the pause');
    expect(line.health.pauseMs).toBeCloseTo(1_000 * (1 - first / 2), 6);
  });

  it('closes and reopens a line that is silent too long', async () => {
    const far = await listen();
    const { line } = watch(tcpTo(far.port), { watchdogMs: 100 });
    await until(() => line.health.silences >= 1 && far.sockets.length >= 2, 'the watchdog');
    expect(line.health.lastError).toContain('silent for 100 ms');
  });

  it('gives up an attempt that neither opens nor fails', async () => {
    const stuck: Transport = {
      address: 'nowhere',
      open: () => new Promise(() => undefined),
      write: () => Promise.resolve(),
      close: () => Promise.resolve(),
      pause: () => undefined,
      resume: () => undefined,
    };
    const { line } = watch(() => stuck, { connectTimeoutMs: 20 });
    await until(() => line.health.failedOpens >= 2, 'two attempts');
    expect(line.health).toMatchObject({ opens: 0, lastError: 'nowhere did not open within 20 ms' });
  });

  it('holds the far end back while it is paused and loses nothing', async () => {
    const far = await listen();
    const { line, outputs } = watch(tcpTo(far.port));
    await until(() => far.sockets.length === 1 && line.health.state === 'open', 'the line');
    line.pause();
    const many = Buffer.concat(Array.from({ length: 200_000 }, () => frame));
    const taken = far.sockets[0]?.write(many);
    expect(taken).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(line.health).toMatchObject({ paused: true });
    // At most what the system had read ahead.
    expect(line.health.bytesIn).toBeLessThan(many.length / 2);
    line.resume();
    await until(() => outputs.length === 200_000, 'everything');
  });

  it('refuses writes while it is not open, and counts them', async () => {
    const { line } = watch(tcpTo(await reservePort()));
    await until(() => line.health.failedOpens > 0, 'a failure');
    expect(line.write(frame)).toBe(false);
    expect(line.health.refusedWrites).toBe(1);
  });

  it('stops at any time and tells nothing more', async () => {
    const far = await listen();
    const { line, told } = watch(tcpTo(far.port));
    await until(() => line.health.state === 'open', 'the line');
    await line.stop();
    expect(line.health.state).toBe('stopped');
    expect(told).toEqual(['opened', 'lost: in order']);
    line.start();
    await until(() => line.health.opens === 2, 'the second start');
  });
});

describe('file replay', () => {
  const text = Array.from({ length: 20 }, (_, i) => `$GPTXT,${i}\r\n`).join('');

  it.each([null, 2_000])('tells a recording once at rate %p and stays open', async (rate) => {
    const path = join(await folder(), 'recording.nmea');
    await writeFile(path, `${text}no line end`);
    const framer = new NmeaFramer();
    const { line, outputs, told } = watch(() => createTransport({ kind: 'file', path, rate, loop: false }), {}, framer);
    await until(() => told.includes('ended'), 'the end');
    expect(outputs).toHaveLength(20);
    expect(line.health).toMatchObject({ state: 'open', bytesIn: text.length + 'no line end'.length });
  });

  it('begins again with loop', async () => {
    const path = join(await folder(), 'recording.nmea');
    await writeFile(path, text);
    const { outputs } = watch(
      () => createTransport({ kind: 'file', path, rate: 10_000, loop: true }),
      {},
      new NmeaFramer(),
    );
    await until(() => outputs.length > 60, 'three rounds');
  });

  it('waits for a recording that is not there', async () => {
    const path = join(await folder(), 'later.nmea');
    const { line, outputs } = watch(
      () => createTransport({ kind: 'file', path, rate: null, loop: false }),
      {},
      new NmeaFramer(),
    );
    await until(() => line.health.failedOpens > 0, 'a failure');
    expect(line.health.lastError).toContain('ENOENT');
    // whole at once: a replay that opens it half written is a shorter recording
    await writeFile(`${path}.part`, text);
    await rename(`${path}.part`, path);
    await until(() => outputs.length === 20, 'the recording');
  });
});

describe('HTTP listener', () => {
  const card = (seq: number) => `{"type":"card","seq":${seq},"cardNumber":"C${seq}"}\n`;

  interface Gateway {
    readonly url: string;
    readonly transport: HttpListenerTransport;
    readonly stored: number[];
    /** Readings that came and are not on the disk. */
    readonly waiting: () => number;
    /** Lets waiting readings reach the disk. */
    readonly store: () => void;
  }

  /** The real framer, codec and session; the fsync happens when `store` is called, or at once. */
  async function gateway(config: Partial<HttpConfig> = {}, storeAtOnce = true): Promise<Gateway> {
    const transport = new HttpListenerTransport({
      kind: 'http',
      host: '127.0.0.1',
      port: 0,
      path: '/lane',
      maxBodyBytes: 4_096,
      ackTimeoutMs: 60_000,
      ...config,
    });
    const framer = jsonl.createFramer();
    let { state } = jsonl.open(jsonl.parseOptions({}), Date.now());
    const stored: number[] = [];
    let waiting: number[] = [];
    const send = (frames: readonly Uint8Array[]): void => {
      for (const bytes of frames) void transport.write(bytes);
    };
    const store = (): void => {
      stored.push(...waiting);
      const tokens = waiting;
      waiting = [];
      send(jsonl.acknowledge(state, tokens));
    };
    await transport.open({
      data: (bytes) => {
        for (const output of framer.push(bytes)) {
          const decoded = jsonl.decode(output.bytes);
          if (!decoded.ok) continue;
          const step = jsonl.onMessage(state, decoded.message, Date.now());
          state = step.state;
          waiting.push(...step.readings.map(({ ackToken }) => ackToken ?? 0));
          send(step.replies);
        }
        if (storeAtOnce) store();
      },
      close: () => undefined,
    });
    cleanups.push(() => transport.close());
    return { url: `http://127.0.0.1:${transport.port}/lane`, transport, stored, waiting: () => waiting.length, store };
  }

  const post = (url: string, body: string, headers: Record<string, string> = {}) =>
    fetch(url, { method: 'POST', body, headers });

  it('answers with the acknowledgement, and lists what it refused', async () => {
    const { url, stored } = await gateway();
    const response = await post(
      url,
      `{"type":"hello","device":"c","boot":"a"}\n${card(1)}{"type":"card","seq":2}\n${card(3).trim()}`,
    );
    expect(response.status).toBe(200);
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { ack: 3 },
      { refused: { line: 3, reason: 'field', detail: expect.stringContaining('cardNumber') } },
    ]);
    expect(stored).toEqual([1, 3]);
  });

  it('does not answer before the readings are stored', async () => {
    const { url, waiting, store } = await gateway({}, false);
    let status = 0;
    const answered = post(url, card(1)).then((response) => {
      status = response.status;
    });
    await until(() => waiting() === 1, 'the reading');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(status).toBe(0);
    store();
    await answered;
    expect(status).toBe(200);
  });

  it('says 503 with Retry-After when nothing is stored in time, and takes the same body again', async () => {
    const { url, store, stored } = await gateway({ ackTimeoutMs: 100 }, false);
    const late = await post(url, card(1));
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
    store();
    const again = await post(url, card(1));
    expect([again.status, await again.text()]).toEqual([200, '{"ack":1}\n']);
    expect(stored).toEqual([1]);
  });

  it('says 503 with Retry-After while it is paused', async () => {
    const { url, transport, stored } = await gateway();
    transport.pause();
    const response = await post(url, card(1));
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(stored).toEqual([]);
    transport.resume();
    expect((await post(url, card(1))).status).toBe(200);
  });

  it('stores each line of many posts at once, in whatever order they come', async () => {
    const { url, stored } = await gateway();
    const responses = await Promise.all(Array.from({ length: 20 }, (_, i) => post(url, card(i + 1))));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect([...stored].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  it('refuses other paths, other methods, web pages, long bodies, late hellos and bodies without a good line', async () => {
    const { url, stored } = await gateway();
    const statuses = [
      await post(`${url}/x`, card(1)),
      await fetch(url),
      await post(url, card(1), { origin: 'https://elsewhere.example' }),
      await post(url, card(1).repeat(200)),
      await post(url, `${card(1)}{"type":"hello","device":"c","boot":"b"}`),
      await post(url, '{"type":"weather"}'),
    ].map(({ status }) => status);
    expect(statuses).toEqual([404, 405, 403, 413, 400, 422]);
    expect(stored).toEqual([]);
  });

  it('lives through sockets that speak no HTTP or hang up', async () => {
    const { url, transport } = await gateway();
    const { connect } = await import('node:net');
    for (const bytes of ['\0\0\0garbage\r\n\r\n', 'POST /lane HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nhalf']) {
      const socket = connect(transport.port, '127.0.0.1');
      socket.on('error', () => socket.destroy());
      await once(socket, 'connect');
      socket.write(bytes);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.resetAndDestroy();
    }
    expect((await post(url, card(1))).status).toBe(200);
  });
});

describeWhere(hasSocat, 'socat is not installed', 'serial line over a pseudo-terminal pair', () => {
  async function pair(near: string, far: string): Promise<ChildProcess> {
    const socat = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], { stdio: 'ignore' });
    cleanups.push(async () => {
      if (socat.exitCode !== null || socat.signalCode !== null) return;
      const gone = once(socat, 'exit');
      socat.kill();
      await gone;
    });
    await until(() => existsSync(near) && existsSync(far), 'the pseudo-terminals');
    return socat;
  }

  const serial = (path: string) => () =>
    createTransport({
      kind: 'serial',
      path,
      baudRate: 115_200,
      dataBits: 8,
      stopBits: 1,
      parity: 'none',
      rtscts: false,
      lock: true,
    });

  it('carries frames both ways', async () => {
    const path = await folder();
    await pair(join(path, 'near'), join(path, 'far'));
    const near = watch(serial(join(path, 'near')));
    const far = watch(serial(join(path, 'far')));
    await until(() => near.line.health.state === 'open' && far.line.health.state === 'open', 'both ends');
    expect(near.line.write(frame)).toBe(true);
    expect(far.line.write(frame)).toBe(true);
    await until(() => near.outputs.length === 1 && far.outputs.length === 1, 'both frames');
    expect(hexOf(far.outputs[0]?.bytes as Uint8Array)).toBe(hexOf(frame));
  });

  it('finds a device that was pulled inside a frame and came back under another name', async () => {
    const path = await folder();
    const byId = join(path, 'by-id');
    const first = await pair(join(path, 'tty0'), join(path, 'far0'));
    await symlink(join(path, 'tty0'), byId);
    const { line, framer, outputs } = watch(serial(byId));
    await until(() => line.health.state === 'open', 'the line');
    const far0 = watch(serial(join(path, 'far0')));
    await until(() => far0.line.health.state === 'open', 'the far end');
    far0.line.write(frame.subarray(0, 8));
    await until(() => line.health.bytesIn === 8, 'the part-frame');
    await far0.line.stop();
    const gone = once(first, 'exit');
    first.kill();
    await gone;
    await until(() => line.health.losses === 1, 'the loss');
    await unlink(byId);
    await pair(join(path, 'tty1'), join(path, 'far1'));
    await symlink(join(path, 'tty1'), byId);
    await until(() => line.health.state === 'open', 'the line again');
    const far1 = watch(serial(join(path, 'far1')));
    await until(() => far1.line.health.state === 'open', 'the new far end');
    far1.line.write(frame);
    await until(() => outputs.length === 1, 'the whole frame');
    expect(outputs[0]?.kind).toBe('frame');
    expect(framer.counters).toMatchObject({ frames: 1, skippedBytes: 8, refused: 1 });
  });

  it('is refused a port that another line holds', async () => {
    const path = await folder();
    await pair(join(path, 'near'), join(path, 'far'));
    const holder = watch(serial(join(path, 'near')));
    await until(() => holder.line.health.state === 'open', 'the first line');
    const second = watch(serial(join(path, 'near')));
    await until(() => second.line.health.failedOpens > 0, 'the refusal');
    expect(second.line.health.opens).toBe(0);
  });
});
