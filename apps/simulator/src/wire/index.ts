export { DeviceServer, type DeviceProtocol, type Host } from './device-server.js';
export { FreePorts, tryListen } from './free-port.js';
export { LineDevice, acknowledgedBy } from './line-device.js';
export { ReaderDevice } from './reader-device.js';
export { ReceiverDevice, talkerOf } from './receiver-device.js';
