import 'reflect-metadata';
import { derivedId } from '#libs/kernel';
import type { Database } from '#libs/persistence';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import type { Browser, Page } from 'playwright-core';
import { readSchema } from '../../apps/server/src/api/schema.files.js';
import { exampleTabs } from '../../apps/server/src/operations/graphiql-examples.js';
import type { BoxtrailServer } from '../../apps/server/src/server.js';
import { openApiHouse, type ApiHouse } from '../support/api-house.js';
import { chromiumPath, openChromium } from '../support/chromium.js';
import { until } from '../support/until.js';
import { BOXES, buildWorld, DAY, fact, HANDOVER, recordPass, tell, type Tokens } from './graphql-world.js';

describe('the examples', () => {
  it('are all valid today, and every one says for whom it is', () => {
    const schema = buildSchema(readSchema());
    for (const { query } of exampleTabs()) {
      expect([query, validate(schema, parse(query))]).toEqual([query, []]);
      expect(query).toMatch(/^# (?:Everybody|A gate operator|A logistics company|A customs officer)[,:]/);
    }
  });
});

const path = chromiumPath();
const inBrowser = path === null ? describe.skip : describe;

inBrowser('GraphiQL in a browser (needs chromium: apt-get install chromium)', () => {
  let house: ApiHouse<Tokens>;
  let database: Database;
  let server: BoxtrailServer;
  let url: string;
  let tokens: Tokens;
  let browser: Browser;
  let page: Page;
  let asked: string[];
  let faults: string[];

  beforeAll(async () => {
    house = await openApiHouse(async (empty) => {
      const given = await buildWorld(empty);
      await recordPass(empty, { id: derivedId('a pass'), at: HANDOVER + DAY, containerNumbers: [BOXES.reused] });
      await tell(empty, fact('before', { occurredAt: HANDOVER + DAY }));
      return given;
    });
    ({ database, server, url, tokens } = house);
    browser = await openChromium(path ?? '');
  });

  afterAll(async () => {
    await browser.close();
    await house.close();
  });

  beforeEach(async () => {
    page = await browser.newPage();
    [asked, faults] = [[], []];
    page.on('request', (request) => asked.push(request.url()));
    page.on('websocket', (socket) => asked.push(socket.url()));
    page.on('console', (line) => {
      if (line.type() === 'error') faults.push(line.text());
    });
    page.on('pageerror', (error) => faults.push(error.message));
  });

  afterEach(() => page.close());

  /** As a person does: token and case number into their fields, the tab of the example, and the button. */
  async function run(token: string, operation: string, caseNumber = '甬关缉违字〔2026〕0001号'): Promise<void> {
    await page.goto(`${url}/graphql`);
    for (const [field, text] of [
      ['#token', token],
      ['#case-number', caseNumber],
    ] as const) {
      if (text === '') continue;
      await page.locator(field).fill(text);
      await Promise.all([page.waitForResponse('**/graphql'), page.locator(field).press('Enter')]);
    }
    await page.getByRole('tab', { name: operation, exact: true }).click();
    // the button runs what the editor holds
    await until(`the editor to hold ${operation}`, async () =>
      (await shown('.graphiql-query-editor')).includes(operation),
    );
    await page.getByRole('button', { name: /^Execute query/ }).click();
  }

  /** The editor writes blanks as U+00A0. */
  const shown = async (place: string): Promise<string> =>
    (await page.locator(place).innerText()).replaceAll('\u00a0', ' ');

  /** Waits for what is shown behind the question: its beginning, for the rest is drawn when it is scrolled to. */
  async function untilAnswered(...words: readonly string[]): Promise<void> {
    let text = '';
    await until(
      `the page to show ${words.join(', ')}`,
      async () => {
        text = await shown('.result-window');
        return words.every((word) => text.includes(word));
      },
      { log: () => `${text}\n${faults.join('\n')}` },
    );
  }

  it.each([
    ['gate operator', 'operatorA', 'MyLanes', ['"truckPlate": "浙B12345"', BOXES.reused]],
    ['logistics company', 'tidewell', 'MyShipments', ['"reference": "TW-1"', BOXES.reused]],
    ['customs officer', 'customs', 'PortEvents', ['ContainerGatedIn', BOXES.reused]],
  ] as const)('answers the %s’s example, and asks nobody but its own host', async (_who, person, operation, words) => {
    await run(tokens[person], operation);
    await untilAnswered(...words);
    const { host } = new URL(url);
    const foreign = asked.filter((address) => !/^(?:data|blob):/.test(address) && new URL(address).host !== host);
    expect({ foreign, faults }).toEqual({ foreign: [], faults: [] });
  });

  it.each([
    ['gate operator', 'operatorA', 'LanesLive'],
    ['logistics company', 'tidewell', 'EventsLive'],
    ['customs officer', 'customs', 'EventsLive'],
  ] as const)(
    'tells the %s live what happens, and closes the line when it is stopped',
    async (_who, person, operation) => {
      const cause = `live for ${person}`;
      await run(tokens[person], operation);
      await until('the subscription to stand', async () => (await subscriptions()) === 1, {
        log: () => faults.join('\n'),
      });
      await recordPass(database, { id: derivedId(cause), at: HANDOVER + 2 * DAY, containerNumbers: [BOXES.tidewell] });
      await tell(
        database,
        fact(cause, { occurredAt: HANDOVER + 2 * DAY, asset: { kind: 'CONTAINER', code: BOXES.tidewell } }),
      );
      await untilAnswered(BOXES.tidewell);
      await page.getByRole('button', { name: /^Stop query/ }).click();
      await until('the line to close', async () => (await subscriptions()) === 0);
      expect(faults).toEqual([]);
    },
  );

  const tabs = async () => ({
    names: (await page.getByRole('tab').allInnerTexts()).filter((name) => name !== ''),
    open: await page.locator('[role=tab][aria-selected=true]').innerText(),
  });
  const NAMES = exampleTabs().map(({ query }) => /^(?:query|mutation|subscription) (\w+)/m.exec(query)?.[1]);

  async function untilDrawn(): Promise<void> {
    await page.locator('[role=tab][aria-selected=true]').waitFor();
    await until('the editor to stand', async () => /query|mutation/.test(await shown('.graphiql-query-editor')));
    await until('the tabs to be kept', () => page.evaluate(() => localStorage.getItem('graphiql:tabState') !== null));
  }

  it('opens a tab that is pressed on the first view', async () => {
    await page.goto(`${url}/graphql`);
    await untilDrawn();
    await page.getByRole('tab', { name: 'MyShipments', exact: true }).click();
    await until('the tab to open', async () => (await tabs()).open === 'MyShipments');
    expect((await tabs()).names).toEqual(NAMES);
  });

  it('keeps its tabs, the open one among them, when it is loaded anew', async () => {
    await run(tokens.customs, 'PortEvents');
    await untilAnswered('ContainerGatedIn');
    await page.reload();
    await page.locator('[role=tab][aria-selected=true]').waitFor();
    expect(await tabs()).toEqual({ names: NAMES, open: 'PortEvents' });
  });

  it('counts the click by which the token’s field was left', async () => {
    await page.goto(`${url}/graphql`);
    await untilDrawn();
    await page.locator('#token').fill(tokens.operatorA);
    await page.getByRole('button', { name: /^Execute query/ }).click();
    await untilAnswered('"role": "GATE_OPERATOR"');
    expect(await tabs()).toEqual({ names: NAMES, open: 'WhoAmI' });
  });

  it('reports a pass of this very moment, as its example has it', async () => {
    await run(tokens.operatorA, 'ReportPass');
    await untilAnswered('"outcome": "CROSSED"', 'CSQU3054383');
  });

  it('says that customs must name their case', async () => {
    await run(tokens.customs, 'PortEvents', '');
    await untilAnswered('CASE_NUMBER_REQUIRED');
  });

  it('says why a subscription with a wrong token is not told', async () => {
    await run('bxt_wrong', 'EventsLive');
    await untilAnswered('4403');
  });

  async function subscriptions(): Promise<number> {
    const { values } = await server.metrics.subscriptions.get();
    return values.reduce((sum, { value }) => sum + value, 0);
  }
});
