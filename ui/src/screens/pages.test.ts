import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { fake, world } from '../backend/fake';
import { account } from '../backend/fake-data';
import { app } from '../state/app.svelte';
import { keyWhere, openScreen, startAnew } from '../testing/window';
import Accounts from './Accounts.svelte';
import KeyPage from './KeyPage.svelte';
import Settings from './Settings.svelte';

beforeEach(startAnew);

describe('the page of a key', () => {
  test('NL16 delete is disabled until revoked and says why', async () => {
    const key = keyWhere(({ status }) => status.kind === 'active');
    openScreen(KeyPage, { id: key.id });
    const remove = await screen.findByRole('button', { name: 'Delete' });
    expect(remove).toHaveAttribute('aria-disabled', 'true');
    expect(remove).toHaveAccessibleDescription('Only a revoked key can be deleted. Revoke it first.');
    await userEvent.click(remove);
    expect(app.dialog).toBeNull();

    await fake.revokeKey({ key: key.id, typedName: key.name, confirmManaging: false, reason: '' });
    await waitFor(() => expect(screen.getByRole('button', { name: 'Delete' })).not.toHaveAttribute('aria-disabled'));
    await userEvent.click(screen.getByRole('button', { name: 'Delete' }));
    expect(await screen.findByRole('dialog', { name: 'Delete key' })).toBeInTheDocument();
  });

  test('a key that is not yet saved leads to its save dialog', async () => {
    const key = keyWhere(({ status }) => status.kind === 'active');
    const { escrow } = await fake.rotateKey({ key: key.id, choice: 'atomic', oldKey: null, reason: '' });
    openScreen(KeyPage, { id: escrow!.key.id });
    await userEvent.click(await screen.findByRole('button', { name: 'Save this key' }));
    expect(await screen.findByRole('dialog', { name: 'Save your new key' })).toBeInTheDocument();
  });

  test('a key that is gone is said to be gone', async () => {
    openScreen(KeyPage, { id: 'nowhere/none' });
    expect(await screen.findByRole('heading', { name: 'Key not found' })).toBeInTheDocument();
  });

  test('an answer that comes late never covers a newer one', async () => {
    const key = keyWhere(({ status }) => status.kind === 'active');
    const page = await fake.keyPage(key.id);
    let late: (answer: typeof page) => void = () => {};
    vi.spyOn(backend, 'keyPage').mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
    openScreen(KeyPage, { id: key.id });
    await fake.revokeKey({ key: key.id, typedName: key.name, confirmManaging: false, reason: '' });
    await screen.findByText('Revoked');
    late({ ...page, key: { ...key, status: { kind: 'active' } } });
    await Promise.resolve();
    expect(screen.getByText('Revoked')).toBeInTheDocument();
  });
});

describe('Accounts', () => {
  test('a stale account says since when and why, and offers to try again', async () => {
    const refresh = vi.spyOn(backend, 'refresh').mockResolvedValue();
    const stale = { kind: 'stale', since: '2026-11-21T09:00:00Z', readAt: null, reason: 'Could not reach Naturalead', acceptable: false, restsUntil: null } as const;
    app.accounts = [{ ...account, freshness: stale }];
    openScreen(Accounts);
    const card = within(screen.getByRole('article', { name: 'Rehearsal' }));
    expect(card.getByText(/Could not reach Naturalead/)).toBeInTheDocument();
    expect(card.getByText(/nothing leaves this computer/)).toBeInTheDocument();
    await userEvent.click(card.getByRole('button', { name: 'Retry' }));
    expect(refresh).toHaveBeenCalledWith(account.id);
  });

  test('the rehearsal account can be added only where it is absent', async () => {
    const add = vi.spyOn(backend, 'addRehearsal').mockResolvedValue(account);
    openScreen(Accounts);
    expect(screen.queryByRole('button', { name: 'Add rehearsal account' })).toBeNull();
    app.accounts = [];
    await userEvent.click(await screen.findByRole('button', { name: 'Add rehearsal account' }));
    expect(add).toHaveBeenCalledWith('naturalead');
  });
});

test('a setting is saved at once and says so', async () => {
  openScreen(Settings);
  await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Auto-lock' }), '30 minutes');
  expect(world.settings.autoLockMinutes).toBe(30);
  await waitFor(() => expect(screen.getByRole('combobox', { name: 'Auto-lock' })).toHaveAccessibleDescription('Saved'));
});
