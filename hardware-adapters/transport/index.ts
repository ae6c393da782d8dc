import type { Transport, TransportConfig } from './contract.js';
import { FileReplayTransport } from './file-replay.js';
import { HttpListenerTransport } from './http-listener.js';
import { SerialTransport } from './serial.js';
import { TcpTransport } from './tcp.js';

export type * from './contract.js';
export { parseDeviceUrl, type DeviceUrl, type LineTimes } from './device-url.js';
export { FileReplayTransport } from './file-replay.js';
export { HttpListenerTransport } from './http-listener.js';
export {
  ReconnectingLine,
  type LineEvents,
  type LineHealth,
  type LineOptions,
  type LineState,
} from './reconnecting-line.js';
export { SerialTransport } from './serial.js';
export { TcpTransport } from './tcp.js';

/** Opens nothing yet. */
export function createTransport(config: TransportConfig): Transport {
  switch (config.kind) {
    case 'serial':
      return new SerialTransport(config);
    case 'tcp':
      return new TcpTransport(config);
    case 'file':
      return new FileReplayTransport(config);
    case 'http':
      return new HttpListenerTransport(config);
  }
}
