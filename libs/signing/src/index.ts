export { agree, confirmation, drawHalf, type Agreement, type KeyHalf } from './key-agreement.js';
export {
  isBodyOf,
  isSignedWith,
  readSigned,
  sign,
  type RequestFacts,
  type SignedRequest,
  type SigningHeaders,
} from './signed-request.js';
