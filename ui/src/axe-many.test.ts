// What belongs to many keys, looked through by axe: the list with a choice, its menus, batches, policies, the bell.
import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, test, vi } from 'vitest';
import { world } from './backend/fake';
import { sampleBatches } from './backend/fake-batches';
import { manyKeys, otherKeys } from './backend/fake-data';
import { samplePolicies, sampleReminders } from './backend/fake-policies';
import Operations from './screens/Operations.svelte';
import Settings from './screens/Settings.svelte';
import Bell from './shell/Bell.svelte';
import { batches } from './state/batches.svelte';
import { operations } from './state/operations.svelte';
import { EVERY_KEY } from './state/query';
import { reminders } from './state/reminders.svelte';
import { selection } from './state/selection.svelte';
import { views } from './state/views.svelte';
import { expectNoViolations } from './testing/axe';
import { keyWhere, openDialog, openKeys, openScreen, startAnew } from './testing/window';

// axe takes its time over a large page.
vi.setConfig({ testTimeout: 40_000 });

beforeEach(startAnew);

test('the list with chosen rows and the bar', async () => {
  await openKeys();
  selection.chooseAll(true);
  await screen.findByRole('toolbar', { name: 'Selection' });
  await expectNoViolations();
});

test.each(['Views', 'Columns', 'Export'])('the menu %s', async (name) => {
  views.all = [{ id: 'view-1', name: 'Mine', query: EVERY_KEY, columns: ['name'] }];
  await openKeys();
  await userEvent.click(screen.getByRole('button', { name }));
  await expectNoViolations(await screen.findByRole('dialog', { name }));
});

test('a batch with its results', async () => {
  operations.loaded = true;
  world.batches = sampleBatches([...manyKeys(24), ...otherKeys()]);
  await batches.reload();
  const { container } = openScreen(Operations);
  const card = within(screen.getByRole('article', { name: /^Rotate/ }));
  await userEvent.click(card.getByText('Result for each key'));
  await card.findByText(/the name is too long/);
  await expectNoViolations(container);
});

test('policies, the dialog of one, and the question before one is removed', async () => {
  world.policies = samplePolicies();
  const { container, unmount } = openScreen(Settings);
  await screen.findByText('Label payments');
  await expectNoViolations(container);
  unmount();
  const policy = world.policies[1]!;
  openDialog({ kind: 'policy', policy });
  await expectNoViolations(await screen.findByRole('dialog', { name: 'Edit policy' }));
});

test('the bell', async () => {
  world.reminders = sampleReminders(manyKeys(4));
  await reminders.reload();
  openScreen(Bell);
  await userEvent.click(screen.getByRole('button', { name: 'Reminders' }));
  await expectNoViolations(await screen.findByRole('dialog', { name: 'Reminders' }));
});

test('the plan of a batch with its keys, and the question before one is stopped', async () => {
  const keys = [keyWhere(({ status }) => status.kind === 'active').id, keyWhere(({ status }) => status.kind === 'revoked').id];
  const { unmount } = openDialog({ kind: 'batch', way: 'revoke', chosen: { keys, query: null } });
  await userEvent.click(await screen.findByText('The 2 keys'));
  await expectNoViolations(screen.getByRole('dialog', { name: 'Revoke keys' }));
  unmount();
  openDialog({ kind: 'stopBatch', batch: sampleBatches(otherKeys())[0]!.view });
  await expectNoViolations(await screen.findByRole('dialog', { name: /^Stop/ }));
});
