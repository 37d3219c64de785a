// Every screen and every dialog, looked through by axe.
import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import type { Component } from 'svelte';
import { beforeEach, describe, expect, test } from 'vitest';
import App from './App.svelte';
import Audit from './audit/Audit.svelte';
import { audit, type AuditTab } from './audit/audit.svelte';
import { fake, world } from './backend/fake';
import { accountOf, accounts, ago, manyKeys, otherKeys } from './backend/fake-data';
import { journalOf } from './backend/fake-journal';
import { leakIn, sampleLog } from './backend/fake-leak';
import { operationIn, sampleOperations } from './backend/fake-rotation';
import { leadterra, naturalead, neuralDraft, VENDORS } from './backend/fake-vendors';
import type { FreshnessView } from './backend/wire/FreshnessView';
import Accounts from './screens/Accounts.svelte';
import KeyPage from './screens/KeyPage.svelte';
import Operations from './screens/Operations.svelte';
import Settings from './screens/Settings.svelte';
import { palette } from './shell/shortcuts.svelte';
import { app, type OpenDialog } from './state/app.svelte';
import { operations } from './state/operations.svelte';
import { EVERY_KEY } from './state/query';
import { expectNoViolations } from './testing/axe';
import { openDialog, openScreen, startAnew } from './testing/window';

const everything = [...manyKeys(24), ...otherKeys()];
const active = everything[1]!;
const named = (wanted: string) => everything.find(({ name }) => name === wanted)!;
const draft = named('prod-server');
const bridge = named('CRM bridge');

const doubted: FreshnessView = { kind: 'stale', since: ago(1), readAt: ago(2), reason: 'Its list came back empty.', acceptable: true, restsUntil: null };

beforeEach(() => {
  startAnew();
  palette.open = false;
  world.keys = everything;
  world.accounts = app.accounts = accounts;
  app.vendors = VENDORS;
  world.operations = operations.all = sampleOperations(everything);
});

describe('screens', () => {
  const pages: [name: string, page: Component<never>, properties: Record<string, unknown>, shown: RegExp][] = [
    ['Accounts', Accounts as Component<never>, {}, /Connect account/],
    ['Operations', Operations as Component<never>, {}, /^Operations$/],
    ['Settings', Settings as Component<never>, {}, /Auto-lock/],
    ['the page of a key', KeyPage as Component<never>, { id: active.id }, /Use over time/],
    ['the page of a key with usage', KeyPage as Component<never>, { id: draft.id }, /Used from/],
    ['the page of a key that was brought', KeyPage as Component<never>, { id: bridge.id }, /Use over time/],
  ];

  test.each(pages)('%s', async (_, page, properties, shown) => {
    const { container } = openScreen(page as unknown as Component, properties);
    await screen.findAllByText(shown);
    await expectNoViolations(container);
  });

  test('an account in doubt, and one whose managing key is not known', async () => {
    app.accounts = [{ ...accounts[0]!, freshness: doubted, managingUnknown: true }];
    const { container } = openScreen(Accounts);
    await screen.findByRole('button', { name: 'Take the new list' });
    await expectNoViolations(container);
  });

  test('a key that may be the managing one', async () => {
    world.accounts = [{ ...accounts[0]!, managingUnknown: true, managingMasked: active.masked }];
    const { container } = openScreen(KeyPage, { id: active.id });
    await screen.findByRole('button', { name: 'This is the managing key' });
    await expectNoViolations(container);
  });

  test.each<[AuditTab, RegExp]>([
    ['overview', /looked at/],
    ['changes', /Appeared/],
    ['journal', /320 entries|\d+ entries/],
  ])('Audit, %s', async (tab, shown) => {
    audit.tab = tab;
    const { container } = openScreen(Audit);
    await screen.findAllByText(shown);
    await expectNoViolations(container);
  });

  test('the pictures as tables', async () => {
    audit.tab = 'overview';
    const { container } = openScreen(Audit);
    for (const button of await screen.findAllByRole('button', { name: 'Show as table' })) await userEvent.click(button);
    expect(screen.getAllByRole('table')).toHaveLength(4);
    await expectNoViolations(container);
  });

  test('the whole window with the list', async () => {
    const { container } = render(App);
    await screen.findByRole('row', { name: 'A/B test runner' });
    await expectNoViolations(container);
  });

  test('the command palette', async () => {
    palette.open = true;
    openScreen(Settings);
    await expectNoViolations(await screen.findByRole('dialog'));
  });
});

describe('dialogs', () => {
  const query = { ...EVERY_KEY, findings: [] };
  const entry = journalOf(everything)[0]!;
  const dialogs: [name: string, dialog: () => OpenDialog | Promise<OpenDialog>, shown?: RegExp][] = [
    ['Create key', () => ({ kind: 'create' })],
    ['Create key, narrower', () => ({ kind: 'create', sameAs: active, narrow: true })],
    ['Save your new key', async () => ({ kind: 'save', escrow: (await fake.rotateKey({ key: active.id, choice: 'atomic', oldKey: null })).escrow! })],
    ['Rotate key', () => ({ kind: 'rotate', key: draft }), /What will happen/],
    ['Rotate key that leaked', () => ({ kind: 'rotate', key: draft, found: 'leak-0-0' }), /What will happen/],
    ['Bring the new key', () => ({ kind: 'bring', operation: 'op-1', key: bridge })],
    ['Finish rotation', () => ({ kind: 'settle', way: 'finish', operation: operationIn('overlap', 'op', draft, accountOf(neuralDraft), { successor: active }) })],
    ['Leave as it is', () => ({ kind: 'settle', way: 'leave', operation: operationIn('proving', 'op', draft, accountOf(neuralDraft), { successor: active }) })],
    ['Revoke key', () => ({ kind: 'revoke', key: active, replacedBy: 'Narrower' })],
    ['Delete key', () => ({ kind: 'delete', key: { ...active, status: { kind: 'revoked', at: null } } })],
    ['Remove key', () => ({ kind: 'forget', key: bridge })],
    ['Add key', () => ({ kind: 'adopt', account: accountOf(leadterra) })],
    ['Connect account', () => ({ kind: 'connect' })],
    ['Disconnect account', () => ({ kind: 'disconnect', account: accountOf(naturalead) })],
    ['Disconnect account with something under way', () => ({ kind: 'disconnect', account: accounts[2]! }), /^1 operation under way/],
    ['Take the new list', () => ({ kind: 'takeList', account: { ...accountOf(naturalead), freshness: doubted } })],
    ['Is this key ours?', () => ({ kind: 'leak', report: leakIn(sampleLog(everything), everything) }), /keys of yours found/],
    ['Accept finding', () => ({ kind: 'accept', finding: 'idle', title: 'Idle', keys: everything.slice(0, 7).map(({ id }) => id), names: everything.slice(0, 7).map(({ name }) => name) })],
    ['Journal entry', () => ({ kind: 'entry', row: entry })],
    ['Import keys', () => ({ kind: 'import', account: accountOf(leadterra) })],
    ['Rotate many', () => ({ kind: 'batch', way: 'rotate', chosen: { keys: [], query } })],
    ['Label many', () => ({ kind: 'label', chosen: { keys: [active.id], query: null }, count: 1 })],
  ];

  test.each(dialogs)('%s', async (_, make, shown) => {
    openDialog(await make());
    const dialog = await screen.findByRole('dialog');
    if (shown) await screen.findByText(shown);
    await expectNoViolations(dialog);
  });
});
