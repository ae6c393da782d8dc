import { DomainError } from '#libs/kernel';
import { describe, expect, it } from '@jest/globals';
import { documentId, ownDocument } from '../../documents/index.js';
import { OperationGate } from './operation-gate.js';

const codeOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error instanceof DomainError ? error.code : error;
  }
};

describe('the gate', () => {
  it('answers a listed document by its id, ours and those of the operator', () => {
    const text = '{ viewer { role } }';
    const gate = new OperationGate({ documents: new Map([[documentId(text), text]]) });
    expect(gate.textOf({ documentId: documentId(text) })).toBe(text);
    const ours = ownDocument('my-lanes');
    expect(gate.textOf({ documentId: documentId(ours) })).toBe(ours);
    // echo -n '{ viewer { role } }' | sha256sum
    expect(documentId(text)).toBe('sha256:f63c1d1d984628060baf66f876c2c675ee7a472f114e839c75f247e0cc7ba64f');
  });

  it('refuses an id that is not listed, and takes no id for a text', () => {
    const gate = new OperationGate();
    expect(codeOf(() => gate.textOf({ documentId: 'sha256:00' }))).toBe('DOCUMENT_UNKNOWN');
    expect(codeOf(() => gate.textOf({ documentId: 7 }))).toBe('DOCUMENT_UNKNOWN');
    expect(codeOf(() => gate.textOf({ documentId: 'sha256:00', query: '{ viewer { role } }' }))).toBe(
      'DOCUMENT_UNKNOWN',
    );
  });

  it('answers nothing but what is listed where only that is allowed', () => {
    const gate = new OperationGate({ listedOnly: true });
    expect(codeOf(() => gate.textOf({ query: '{ viewer { role } }' }))).toBe('DOCUMENT_UNKNOWN');
    expect(gate.textOf({ query: ownDocument('my-lanes') })).toBe(ownDocument('my-lanes'));
  });

  it('takes points of each who asks until none are left, and no one else’s', async () => {
    const gate = new OperationGate({ rates: { principalPoints: 5, strangerPoints: 2 } });
    expect((await gate.take({ principal: 'a' }, 3)).remaining).toBe(2);
    await expect(gate.take({ principal: 'a' }, 3)).rejects.toMatchObject({ code: 'RATE_LIMITED', retryable: true });
    expect((await gate.take({ principal: 'b' })).remaining).toBe(4);
    expect((await gate.take({ address: 'a' })).remaining).toBe(1);
  });
});
