import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { manyKeys } from '../backend/fake-data';
import type { KeyQuery } from '../backend/wire/KeyQuery';
import type { KeyWindowView } from '../backend/wire/KeyWindowView';
import { KeyList, PAGE } from './keys.svelte';

const all = manyKeys(1000);

function answer(query: KeyQuery, total = all.length): KeyWindowView {
  const named = all.slice(0, total).map((key) => ({ ...key, name: `${query.search}#${key.vendorKeyId}` }));
  return {
    rows: named.slice(query.offset, query.offset + query.limit),
    offset: query.offset,
    total,
    everything: all.length,
    facets: { accounts: [], environments: [], statuses: [], lastUses: [], labels: [], due: 0 },
  };
}

interface Asked {
  query: KeyQuery;
  reply: (window: KeyWindowView) => void;
  refuse: (failure: unknown) => void;
}
let asked: Asked[];

beforeEach(() => {
  asked = [];
  vi.spyOn(backend, 'listKeys').mockImplementation(
    (query) => new Promise((reply, refuse) => asked.push({ query, reply, refuse })),
  );
});

async function reply(n: number, total?: number) {
  const { query, reply } = asked[n]!;
  reply(answer(query, total));
  await settle();
}
const settle = () => new Promise((done) => setTimeout(done));

async function opened() {
  const list = new KeyList();
  list.reload();
  await reply(0);
  return list;
}

test('asks for one page of sixty, and for another only when it is seen', async () => {
  const list = await opened();
  expect(asked.map(({ query }) => [query.offset, query.limit])).toEqual([[0, PAGE]]);
  list.see(10, 40);
  expect(asked).toHaveLength(1);
  list.see(50, 80);
  expect(asked[1]!.query.offset).toBe(60);
  await reply(1);
  expect(list.row(60)?.vendorKeyId).toBe('key_60');
  list.see(0, 30);
  expect(asked, 'kept pages are not asked for again').toHaveLength(2);
});

test('keeps the old rows until the new ones are here, and drops the answer to an older question', async () => {
  const list = await opened();
  list.ask({ search: 'a' });
  list.ask({ search: 'ab' });
  list.ask({ search: 'abc' });
  expect(list.row(0)?.name).toBe('#key_0');
  expect(asked.map(({ query }) => query.search), 'typing does not pile up questions').toEqual(['', 'a']);
  await reply(1);
  expect(list.row(0)?.name, 'the answer to "a" is outdated').toBe('#key_0');
  expect(asked[2]!.query.search).toBe('abc');
  await reply(2, 5);
  expect(list.row(0)?.name).toBe('abc#key_0');
  expect(list.total).toBe(5);
});

test('a new question starts at the top; changed keys leave the person where they are', async () => {
  const list = await opened();
  list.see(500, 530);
  await reply(1);
  list.activeRow = 505;
  list.reload();
  expect(asked[2]!.query.offset).toBe(480);
  await reply(2);
  expect([list.activeRow, list.restarts]).toEqual([505, 0]);
  list.sortBy('created');
  expect(asked[3]!.query).toMatchObject({ offset: 0, sort: 'created', descending: false });
  await reply(3);
  expect([list.activeRow, list.restarts]).toEqual([0, 1]);
});

test('sorting twice by a column turns the order round', async () => {
  const list = await opened();
  list.sortBy('name');
  expect(list.asked).toMatchObject({ sort: 'name', descending: true });
  list.sortBy('status');
  expect(list.asked).toMatchObject({ sort: 'status', descending: false });
});

test('a failure is told and leaves the rows; asking again takes it away', async () => {
  const list = await opened();
  list.reload();
  asked[1]!.refuse({ code: 'ledger', message: 'could not read the ledger', hint: null, retryable: true, field: null });
  await settle();
  expect(list.failure?.code).toBe('ledger');
  expect(list.row(0)).toBeDefined();
  list.reload();
  await reply(2);
  expect(list.failure).toBeNull();
});

test('far pages are forgotten', async () => {
  const list = await opened();
  list.see(900, 930);
  await reply(1);
  expect(list.row(0)).toBeUndefined();
  expect(list.row(900)).toBeDefined();
});
