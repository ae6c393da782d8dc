export { Spool, type SpoolOptions } from './spool.js';
export type { SpoolDamage, SpoolRecord } from './segment.js';
export { errorCode, ignoreMissing, nodeFiles, readIfThere, replaceFile, type SpoolFiles } from './spool-files.js';
