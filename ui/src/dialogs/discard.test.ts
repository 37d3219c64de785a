// A dialog that holds work asks before it is closed; an untouched one closes at once.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test } from 'vitest';
import { account, accountOf } from '../backend/fake-data';
import { leadterra } from '../backend/fake-vendors';
import { app, type OpenDialog } from '../state/app.svelte';
import { keyWhere, openDialog, startAnew } from '../testing/window';

const user = userEvent.setup({ pointerEventsCheck: 0 });

beforeEach(startAnew);

const ASKED = 'Discard what you filled in?';
const question = () => screen.findByRole('dialog', { name: ASKED });

async function open(dialog: OpenDialog, title: string) {
  openDialog(dialog);
  return within(await screen.findByRole('dialog', { name: title }));
}

const beside = () => document.querySelector<HTMLElement>('.scrim')!;
const chosen = { keys: ['rehearsal-naturalead/key_1'], query: null };
const testKey = () => keyWhere(({ environment }) => environment.kind === 'test');
const revoked = () => keyWhere(({ status }) => status.kind === 'revoked');

const DIALOGS: [title: string, field: string, () => OpenDialog][] = [
  ['Create key', 'Name', () => ({ kind: 'create' })],
  ['Connect account', 'Label', () => ({ kind: 'connect' })],
  ['Add key', 'Label', () => ({ kind: 'adopt', account: accountOf(leadterra) })],
  ['Bring the new key', 'New key', () => ({ kind: 'bring', operation: 'op-1', key: testKey() })],
  ['Rotate key', 'Reason (kept in the journal)', () => ({ kind: 'rotate', key: testKey() })],
  ['Revoke key', 'Reason (kept in the journal)', () => ({ kind: 'revoke', key: testKey() })],
  ['Delete key', 'Reason (kept in the journal)', () => ({ kind: 'delete', key: revoked() })],
  ['Add policy', 'Maximum age in days', () => ({ kind: 'policy' })],
  ['Add label', 'Label', () => ({ kind: 'label', chosen, count: 1 })],
  ['Accept finding', 'Reason', () => ({ kind: 'accept', finding: 'neverUsed', title: 'Never used', keys: ['k'], names: ['A key'] })],
  ['Is this key ours?', 'Key or text', () => ({ kind: 'leak' })],
];

describe.each(DIALOGS)('F28 %s', (title, field, make) => {
  test('closes at once while it is untouched', async () => {
    await open(make(), title);
    await user.keyboard('{Escape}');
    await waitFor(() => expect(app.dialog).toBeNull());
  });

  test('asks once something is typed, and leads back to where one was', async () => {
    const dialog = await open(make(), title);
    const input = await dialog.findByLabelText(field);
    await user.type(input, '1');
    await user.keyboard('{Escape}');
    const asked = within(await question());
    await user.click(asked.getByRole('button', { name: 'Keep editing' }));
    await waitFor(() => expect(screen.queryByRole('dialog', { name: ASKED })).toBeNull());
    expect(app.dialog).not.toBeNull();
    await waitFor(() => expect(input).toHaveFocus());
  });
});

test('F28 a press beside the dialog asks, by keyboard it is discarded', async () => {
  const dialog = await open({ kind: 'create' }, 'Create key');
  await user.type(dialog.getByRole('textbox', { name: 'Name' }), 'CRM sync');
  await user.pointer({ keys: '[MouseLeft]', target: beside(), coords: { clientX: 5, clientY: 5 } });
  const asked = within(await question());
  await waitFor(() => expect(asked.getByRole('button', { name: 'Keep editing' })).toHaveFocus());
  await user.keyboard('{Tab}{Enter}');
  await waitFor(() => expect(app.dialog).toBeNull());
});

test('F28 Escape at the question keeps the dialog, and the cross asks as well', async () => {
  const dialog = await open({ kind: 'create' }, 'Create key');
  await user.click(dialog.getByRole('checkbox', { name: 'leads:view' }));
  await user.click(dialog.getByRole('button', { name: 'Close' }));
  await question();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog', { name: ASKED })).toBeNull());
  expect(dialog.getByRole('checkbox', { name: 'leads:view' })).toBeChecked();
  await user.click(dialog.getByRole('button', { name: 'Cancel' }));
  expect(app.dialog).toBeNull();
});

test('F28 a key that starts from another one is untouched until it is changed', async () => {
  app.accounts = [account];
  const dialog = await open({ kind: 'create', sameAs: testKey() }, 'Create key');
  expect(dialog.queryByText(/^0 of/)).toBeNull();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(app.dialog).toBeNull());
});
