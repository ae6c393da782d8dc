import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { curl, welcome } from './welcome.js';

describe('the welcome', () => {
  it('gives curl lines whose body a shell hands over as JSON, quotes and apostrophes included', () => {
    const query = `{ shipment(reference: "O'Neill") { reference } }`;
    const printed = execFileSync(
      'sh',
      ['-c', curl('http://localhost:3000', 't', query).replace(/^curl/, 'printf "%s\\n"')],
      {
        encoding: 'utf8',
      },
    );
    expect(JSON.parse(printed.trimEnd().split('\n').at(-1) ?? '')).toEqual({ query });
  });

  it('names no sign-in for a database of the user’s own', () => {
    const text = welcome('http://localhost:3000', []);
    expect(text).toContain('http://localhost:3000/graphql');
    expect(text).not.toMatch(/sign-in|curl/i);
  });

  it('gives one ready line for customs and one for the logistics company, each with its own token', () => {
    const text = welcome('http://localhost:3000', [
      { role: 'GATE_OPERATOR', displayName: 'Gate', organisation: 'Synthetic', token: 'gate-token' },
      { role: 'LOGISTICS', displayName: 'Company', organisation: 'Synthetic', token: 'company-token' },
      { role: 'CUSTOMS_OFFICER', displayName: 'Customs', organisation: 'Synthetic', token: 'customs-token' },
    ]);
    expect(text.match(/curl .*customs-token' -H 'x-case-number: DEMO-0001' .*events/g)).toHaveLength(1);
    expect(text.match(/x-case-number/g)).toHaveLength(1);
    expect(text.match(/curl .*company-token.*shipments/g)).toHaveLength(1);
  });
});
