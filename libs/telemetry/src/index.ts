export type * from './device-adapter.js';
export type * from './observations.js';
export type * from './readings.js';
