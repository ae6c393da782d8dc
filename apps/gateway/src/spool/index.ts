export { Spool, type SpoolOptions } from './spool.js';
export { MAX_PAYLOAD_BYTES, type SpoolDamage, type SpoolRecord } from './segment.js';
export {
  errorCode,
  ignoreMissing,
  nodeFiles,
  readIfThere,
  replaceFile,
  type SpoolFile,
  type SpoolFiles,
} from './spool-files.js';
