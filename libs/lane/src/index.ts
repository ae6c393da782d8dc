export type * from './gate-pass.js';
