import 'reflect-metadata';
import { newId } from '#libs/kernel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { codesOf, type Answer } from '../support/api-house.js';
import { codeOfAuthenticator } from './credentials-world.js';
import {
  credentialDeeds,
  IN_SESSION,
  plantSigner,
  PROOFS,
  signedNonce,
  SWEEP_BROWSER,
  SWEEP_PASSWORD,
  SWEEP_PHONE,
} from './sweep-credentials.js';
import { DEEDS, type Deed } from './sweep-deeds.js';
import { mayAsk, nameOf, openSweep, type Sweep } from './sweep-house.js';
import { SIDES, type Asker, type Side } from './sweep-world.js';

let sweep: Sweep;

beforeAll(async () => {
  sweep = await openSweep();
});

afterAll(() => sweep.close());

describe('every mutation', () => {
  it('is refused to all but those whose it is, who then can do it', async () => {
    const fields = Object.keys(sweep.schema.getMutationType()?.getFields() ?? {});
    const deeds: Readonly<Record<string, Deed>> = { ...DEEDS, ...credentialDeeds(sweep.colleagues) };
    expect([...Object.keys(deeds), ...Object.keys(PROOFS), ...Object.keys(IN_SESSION)].toSorted()).toEqual(
      fields.toSorted(),
    );
    for (const [name, { text, variables, own, anySide = [], alsoMay, forAll }] of Object.entries(deeds)) {
      const attempt = (token: string | null, side: Side): Promise<Answer> =>
        sweep.ask(token, text, { ...variables(side), key: newId() });
      expect([name, codesOf(await attempt(null, 'near'))]).toEqual([name, ['UNAUTHENTICATED']]);
      const may = (asker: Asker, side: Side): boolean =>
        forAll === true
          ? mayAsk(`Mutation.${name}`, asker.role)
          : anySide.includes(asker.role) || (asker.side === side && own.includes(asker.role));
      const attempts = sweep.askers.flatMap((asker) => SIDES.map((side) => ({ asker, side })));
      for (const { asker, side } of attempts.filter((one) => !may(one.asker, one.side))) {
        if (alsoMay?.(asker, side) === true) continue;
        const [code] = codesOf(await attempt(asker.token, side));
        expect([name, nameOf(asker), side, ['FORBIDDEN', 'NOT_FOUND'].includes(code ?? ''), code]).toEqual([
          name,
          nameOf(asker),
          side,
          true,
          code,
        ]);
      }
      for (const { asker, side } of attempts.filter((one) => may(one.asker, one.side))) {
        expect([name, nameOf(asker), codesOf(await attempt(asker.token, side))]).toEqual([name, nameOf(asker), []]);
      }
    }
  });
});

describe('what proves who somebody is', () => {
  /** As the browser that began to sign in. */
  const prove = async (name: string, variables: object, token: string | null = null): Promise<Answer> => {
    const asked = request(sweep.url)
      .post('/graphql')
      .set('cookie', `boxtrail_hand_over=${SWEEP_BROWSER}`)
      .send({ query: (PROOFS[name] ?? IN_SESSION[name])?.text ?? '', variables });
    return (await (token === null ? asked : asked.set('authorization', `Bearer ${token}`))).body as Answer;
  };

  it('lets in whoever brings it, as themselves and nobody else, and refuses anything else alike, whoever asks', async () => {
    const { organisation, enrolment, handOver } = await plantSigner(sweep.database, sweep.vault, 'DRIVER');
    const signedIn = async (name: string, variables: object): Promise<string> => {
      const wrong = PROOFS[name]?.wrong ?? {};
      for (const token of [null, sweep.askers[0]?.token ?? null]) {
        expect([name, codesOf(await prove(name, wrong, token))]).toEqual([name, ['SIGN_IN_REFUSED']]);
      }
      const { data, errors } = await prove(name, variables);
      const session = data?.[name] as { readonly token: string } | undefined;
      expect([name, errors, session]).toEqual([
        name,
        undefined,
        { token: expect.stringMatching(/^bxs_/), role: 'DRIVER', organisationId: organisation },
      ]);
      return session?.token ?? '';
    };
    await signedIn('enrol', { input: { code: enrolment, password: SWEEP_PASSWORD } });
    expect(codesOf(await prove('requestPhoneCode', PROOFS['requestPhoneCode']?.wrong ?? {}))).toEqual([
      'INVALID_INPUT',
    ]);
    const { body } = await sweep.texts.next(() => prove('requestPhoneCode', { phone: SWEEP_PHONE }));
    const { code } = JSON.parse(body) as { readonly code: string };
    await signedIn('signInByPhone', { phone: SWEEP_PHONE, code });
    const { data } = await prove('requestCertificateNonce', {});
    const { nonce } = data?.['requestCertificateNonce'] as { readonly nonce: string };
    await signedIn('signInByCertificate', signedNonce(nonce));
    await signedIn('redeemSignIn', { code: handOver });
    let session = await signedIn('signIn', { input: { loginName: 'sweep', password: SWEEP_PASSWORD } });

    for (const name of Object.keys(IN_SESSION)) {
      const wrong = IN_SESSION[name]?.wrong ?? {};
      expect([name, codesOf(await prove(name, wrong))]).toEqual([name, ['UNAUTHENTICATED']]);
      for (const asker of sweep.askers) {
        expect([name, nameOf(asker), codesOf(await prove(name, wrong, asker.token))]).toEqual([
          name,
          nameOf(asker),
          ['FORBIDDEN'],
        ]);
      }
    }
    const refused = async (name: string, expected: string): Promise<void> =>
      expect([name, codesOf(await prove(name, IN_SESSION[name]?.wrong ?? {}, session))]).toEqual([name, [expected]]);
    const done = async <T>(name: string, variables: object = {}): Promise<T> => {
      const answer = await prove(name, variables, session);
      expect([name, codesOf(answer)]).toEqual([name, []]);
      return answer.data?.[name] as T;
    };
    await refused('switchMembership', 'NOT_FOUND');
    await done('switchMembership', { organisation, role: 'DRIVER' });
    const { secret } = await done<{ readonly secret: string }>('offerSecondFactor');
    await refused('confirmSecondFactor', 'SIGN_IN_REFUSED');
    const confirmed = await done<{ readonly session: { readonly token: string } }>('confirmSecondFactor', {
      code: codeOfAuthenticator(secret, sweep.clock.now()),
    });
    session = confirmed.session.token;
    sweep.clock.advance(60_000);
    await refused('verifySecondFactor', 'SIGN_IN_REFUSED');
    const verified = await done<{ readonly token: string }>('verifySecondFactor', {
      code: codeOfAuthenticator(secret, sweep.clock.now()),
    });
    session = verified.token;
    await refused('changePassword', 'SIGN_IN_REFUSED');
    await done('changePassword', { present: SWEEP_PASSWORD, next: 'tidal crane amber 4 mile' });
    await done('signOut');
    expect(codesOf(await prove('signOut', {}, session))).toEqual(['UNAUTHENTICATED']);
  });
});
