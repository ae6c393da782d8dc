export { DeviceServer, type DeviceProtocol } from './device-server.js';
export { LineDevice } from './line-device.js';
export { ReaderDevice } from './reader-device.js';
export { ReceiverDevice, talkerOf } from './receiver-device.js';
