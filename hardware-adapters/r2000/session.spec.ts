import { describe, expect, it } from '@jest/globals';
import type { SessionReading } from '#libs/telemetry';
import { hexOf } from '../framing.laws.js';
import { encodeInventory, encodeSetPower, encodeSetWorkAntenna, encodeStatus, encodeTag } from './encode.js';
import { r2000 } from './index.js';
import type { R2000State } from './session.js';
import { createSimulatedReader, type FieldTag, type SimulatedReader } from './simulated-reader.js';

const T0 = Date.UTC(2026, 10, 22, 5, 0, 0);
const field: readonly FieldTag[] = [
  { antenna: 1, pc: '3000', epc: 'E28068940000400BCA38D941', rssiDbm: -55 },
  { antenna: 2, pc: '29A9', epc: 'DC20D3455CF0D74CF8CE', rssiDbm: -61 },
];

interface Conversation {
  readonly state: R2000State;
  readonly readings: readonly SessionReading[];
  readonly commands: readonly string[];
  readonly unsent: readonly Uint8Array[];
}

/** Session and simulated reader talk; at most so many commands reach the reader. */
function talk(
  reader: SimulatedReader,
  step: { readonly state: R2000State; readonly replies: readonly Uint8Array[] },
  maxCommands: number,
): Conversation {
  let { state } = step;
  const readings: SessionReading[] = [];
  const commands: string[] = [];
  const queue = [...step.replies];
  while (commands.length < maxCommands) {
    const command = queue.shift();
    if (command === undefined) break;
    commands.push(hexOf(command));
    for (const answer of reader.answer(command, field)) {
      const decoded = r2000.decode(answer);
      if (!decoded.ok) throw new Error(decoded.reason);
      const next = r2000.onMessage(state, decoded.message, T0);
      state = next.state;
      readings.push(...next.readings);
      queue.push(...next.replies);
    }
  }
  return { state, readings, commands, unsent: queue };
}

describe('R2000 session', () => {
  it('chooses each antenna in turn, inventories it and reads the tags before it', () => {
    const options = r2000.parseOptions({ antennas: [1, 2] });
    const { readings, commands, state } = talk(createSimulatedReader(), r2000.open(options, T0), 4);
    expect(commands).toEqual(
      [
        encodeSetWorkAntenna(255, 1),
        encodeInventory(255, 1),
        encodeSetWorkAntenna(255, 2),
        encodeInventory(255, 1),
      ].map(hexOf),
    );
    expect(readings).toEqual([
      {
        body: {
          kind: 'TagRead',
          antenna: 1,
          pc: '3000',
          epc: 'E28068940000400BCA38D941',
          rssiDbm: -55,
          frequencyKhz: 868_000,
        },
        occurredAt: T0,
        ackToken: null,
        origin: null,
      },
      {
        body: {
          kind: 'TagRead',
          antenna: 2,
          pc: '29A9',
          epc: 'DC20D3455CF0D74CF8CE',
          rssiDbm: -61,
          frequencyKhz: 868_000,
        },
        occurredAt: T0,
        ackToken: null,
        origin: null,
      },
    ]);
    expect(state).toMatchObject({ tags: 2, rounds: 2 });
  });

  it('sets the power first when one is given, and asks a lone antenna once only', () => {
    const options = r2000.parseOptions({ power: 27, address: 1 });
    const { commands } = talk(createSimulatedReader({ address: 1 }), r2000.open(options, T0), 4);
    expect(commands).toEqual(
      [encodeSetPower(1, 27), encodeSetWorkAntenna(1, 1), encodeInventory(1, 1), encodeInventory(1, 1)].map(hexOf),
    );
  });

  it('counts a missing antenna by its number and goes on with the next', () => {
    const options = r2000.parseOptions({ antennas: [1, 2] });
    const reader = createSimulatedReader({ antennas: [2] });
    const { state, readings } = talk(reader, r2000.open(options, T0), 6);
    expect(state.missingAntennas[1]).toBe(2);
    expect(state.statuses).toEqual({ antenna_missing: 2 });
    expect(readings.every(({ body }) => body.kind === 'TagRead' && body.antenna === 2)).toBe(true);
    expect(readings.length).toBeGreaterThan(0);
  });

  it('forgets that an antenna was missing once it works again', () => {
    const options = r2000.parseOptions({ antennas: [1, 2] });
    const dead = talk(createSimulatedReader({ antennas: [2] }), r2000.open(options, T0), 3);
    expect(dead.state.missingAntennas).toEqual({ 1: 1 });
    const healed = talk(createSimulatedReader(), { state: dead.state, replies: dead.unsent }, 4);
    expect(healed.state.missingAntennas).toEqual({});
  });

  it('rests until the next tick when every antenna is missing', () => {
    const options = r2000.parseOptions({ antennas: [1, 2] });
    const reader = createSimulatedReader({ antennas: [] });
    const { state, unsent, commands } = talk(reader, r2000.open(options, T0), 100);
    expect(commands).toHaveLength(2);
    expect(unsent).toEqual([]);
    expect(state.phase).toBe('RESTING');
    expect(r2000.onTick(state, T0 + 1_000).replies.map(hexOf)).toEqual([hexOf(encodeSetWorkAntenna(255, 1))]);
  });

  it('commands a silent reader anew, and one that speaks not', () => {
    const opened = r2000.open(r2000.parseOptions({ silenceMs: 3_000 }), T0);
    expect(r2000.onTick(opened.state, T0 + 2_999).replies).toEqual([]);
    const again = r2000.onTick(opened.state, T0 + 3_000);
    expect(again.replies.map(hexOf)).toEqual([hexOf(encodeSetWorkAntenna(255, 1))]);
    expect(again.state.silences).toBe(1);
    expect(r2000.onTick(again.state, T0 + 4_000).replies).toEqual([]);
  });

  it('inventories a one-port module that refuses to choose an antenna', () => {
    const opened = r2000.open(r2000.parseOptions({}), T0);
    const refusal = r2000.decode(encodeStatus(1, 0x74, 0x11));
    if (!refusal.ok) throw new Error(refusal.reason);
    const step = r2000.onMessage(opened.state, refusal.message, T0);
    expect(step.replies.map(hexOf)).toEqual([hexOf(encodeInventory(255, 1))]);
    expect(step.state.statuses).toEqual({ fail: 1 });
  });

  it.each([
    { eightPort: false, heard: 4 },
    { eightPort: true, heard: 8 },
  ])('gives antenna $heard for RSSI bit 7 when eightPort is $eightPort', ({ eightPort, heard }) => {
    // Vector 0067: FreqAnt bits 3 and RSSI bit 7; its reader's end packet says AntID 7, which is antenna 8 from 1.
    const decoded = r2000.decode(Buffer.from('a013018b173000e28069150000401d63e2a44fd233', 'hex'));
    if (!decoded.ok) throw new Error(decoded.reason);
    const { state } = r2000.open(r2000.parseOptions({ eightPort }), T0);
    expect(r2000.onMessage(state, decoded.message, T0).readings[0]?.body).toMatchObject({
      antenna: heard,
      rssiDbm: -47,
    });
  });

  it('passes over another reader on the same line', () => {
    const { state } = r2000.open(r2000.parseOptions({ address: 1 }), T0);
    const decoded = r2000.decode(encodeTag({ address: 2, antenna: 1, pc: '0800', epc: 'ABCD', rssiDbm: -50 }));
    if (!decoded.ok) throw new Error(decoded.reason);
    expect(r2000.onMessage(state, decoded.message, T0)).toMatchObject({ readings: [], state: { foreign: 1 } });
  });
});

describe('simulated R2000 reader', () => {
  it('is silent until it is commanded, and to other addresses', () => {
    const reader = createSimulatedReader({ address: 1 });
    expect(reader.answer(new Uint8Array(0), field)).toEqual([]);
    expect(reader.answer(encodeInventory(2, 1), field)).toEqual([]);
    expect(reader.answer(encodeInventory(255, 1), field)).toHaveLength(2);
  });

  it('takes commands in pieces', () => {
    const reader = createSimulatedReader();
    const command = encodeInventory(1, 1);
    expect(reader.answer(command.subarray(0, 3), field)).toEqual([]);
    expect(reader.answer(command.subarray(3), field)).toHaveLength(2);
  });

  it('answers with frames that decode to the tags in its field', () => {
    const [tag, end] = createSimulatedReader().answer(encodeInventory(1, 1), field);
    expect(r2000.decode(tag as Uint8Array)).toMatchObject({
      message: { kind: 'tag', epc: field[0]?.epc, rssiDbm: -55 },
    });
    expect(r2000.decode(end as Uint8Array)).toMatchObject({
      message: { kind: 'inventoryEnd', antId: 0, totalRead: 1 },
    });
  });
});
