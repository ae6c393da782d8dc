import { describe, expect, it } from '@jest/globals';
import { DomainError } from '#libs/kernel';
import { parseDeviceUrl } from './index.js';

describe('device URL', () => {
  it('takes a serial line apart and leaves the rest of the query to the device', () => {
    expect(parseDeviceUrl('r2000+serial:///dev/ttyUSB0?baudRate=38400&antennas=1,2&watchdogMs=5000')).toEqual({
      protocol: 'r2000',
      transport: {
        kind: 'serial',
        path: '/dev/ttyUSB0',
        baudRate: 38_400,
        dataBits: 8,
        stopBits: 1,
        parity: 'none',
        rtscts: false,
        lock: true,
      },
      line: { connectTimeoutMs: 5_000, watchdogMs: 5_000 },
      options: { antennas: '1,2' },
    });
  });

  it.each([
    ['nmea+tcp://10.0.0.5:4001', { kind: 'tcp', host: '10.0.0.5', port: 4001 }],
    ['nmea+tcp://[fe80::1]:4001', { kind: 'tcp', host: 'fe80::1', port: 4001 }],
    [
      'nmea+file:///tmp/%E7%A9%BA%E6%A0%BC%201.log?rate=10',
      { kind: 'file', path: '/tmp/空格 1.log', rate: 10, loop: false },
    ],
    [
      'jsonl+http://127.0.0.1:8091/lane-3',
      { kind: 'http', host: '127.0.0.1', port: 8091, path: '/lane-3', maxBodyBytes: 1_048_576, ackTimeoutMs: 10_000 },
    ],
  ])('reads %s', (url, transport) => {
    expect(parseDeviceUrl(url).transport).toEqual(transport);
  });

  it('reads a port of Windows', () => {
    expect(parseDeviceUrl('r2000+serial:///COM3').transport).toMatchObject({ path: 'COM3' });
  });

  it.each([
    ['nonsense', 'url'],
    ['serial:///dev/ttyUSB0', 'url'],
    ['r2000+carrier-pigeon:///x', 'url'],
    ['nmea+tcp://user:secret@10.0.0.5:4001', 'url'],
    ['nmea+tcp://10.0.0.5', 'url.port'],
    ['nmea+tcp://:4001', 'url'],
    ['nmea+tcp://10.0.0.5:4001/x', 'url.path'],
    ['r2000+serial://dev/ttyUSB0', 'url.host'],
    ['r2000+serial:///dev/ttyUSB0?baudRate=fast', 'url.baudRate'],
    ['r2000+serial:///dev/ttyUSB0?parity=mark', 'url.parity'],
    ['r2000+serial:///dev/ttyUSB0?baudRate=9600&baudRate=115200', 'url.baudRate'],
    ['nmea+file:///x?rate=0', 'url.rate'],
    ['nmea+file:///%zz', 'url.path'],
    ['nmea+http://127.0.0.1:8091/', 'url'],
  ])('refuses %s and names %s', (url, field) => {
    expect.assertions(2);
    try {
      parseDeviceUrl(url);
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect(error).toMatchObject({ code: 'INVALID_CONFIG', details: { field, expected: expect.any(String) } });
    }
  });
});
