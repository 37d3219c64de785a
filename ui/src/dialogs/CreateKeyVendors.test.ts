// "Create key" where the vendor has patterns, slots, or no scopes at all.
import { screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { accountOf } from '../backend/fake-data';
import { neuralDraft, smartleadClients } from '../backend/fake-vendors';
import type { AccountView } from '../backend/wire/AccountView';
import { app } from '../state/app.svelte';
import { keys } from '../state/keys.svelte';
import { openDialog, startAnew } from '../testing/window';

beforeEach(() => {
  startAnew();
  app.vendors = [neuralDraft, smartleadClients];
});

const website = (used: number) => accountOf(neuralDraft, { label: 'Website', slots: { used, limit: 20 } });

async function open(account: AccountView) {
  app.accounts = [account];
  openDialog({ kind: 'create' });
  return within(await screen.findByRole('dialog', { name: 'Create key' }));
}

test('ND9 a pattern says what it stands for, and absorbs its members once chosen', async () => {
  const dialog = await open(website(17));
  const pattern = dialog.getByRole('checkbox', { name: 'content:*' });
  expect(pattern).toHaveAccessibleDescription(expect.stringContaining('Stands for content:read, content:write'));
  await userEvent.click(pattern);
  const member = dialog.getByRole('checkbox', { name: 'content:write' });
  expect(member).toBeChecked();
  expect(member).toHaveAttribute('aria-disabled', 'true');
  expect(member).toHaveAccessibleDescription(expect.stringContaining('Included in content:*'));
  expect(dialog.getByRole('checkbox', { name: 'blog:read' })).not.toBeChecked();
});

test('ND10 a key for everything is warned about as long as it is chosen', async () => {
  const dialog = await open(website(17));
  const warning = 'This key may do everything in the project, now and later.';
  await userEvent.click(dialog.getByRole('checkbox', { name: '*' }));
  expect(dialog.getByText(warning)).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('checkbox', { name: '*' }));
  expect(dialog.queryByText(warning)).toBeNull();
});

test('ND25 the used slots are shown; at 20 of 20 nothing is created and unused keys are offered', async () => {
  const create = vi.spyOn(backend, 'createKey');
  const dialog = await open(website(20));
  expect(dialog.getByRole('combobox', { name: 'Account' })).toHaveAccessibleDescription('20 of 20 slots used');
  const button = dialog.getByRole('button', { name: 'Create' });
  expect(button).toHaveAccessibleDescription(/^All 20 slots of Website are in use/);
  await userEvent.click(button);
  expect(create).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole('button', { name: 'Show keys never used' }));
  expect(app.dialog).toBeNull();
  expect(keys.asked).toMatchObject({ account: 'neural-draft', lastUse: 'never' });
});

test('SL7 a vendor without scopes says so in place of the picker, and is asked for no scope', async () => {
  const create = vi.spyOn(backend, 'createKey').mockReturnValue(new Promise(() => {}));
  const dialog = await open(accountOf(smartleadClients));
  expect(dialog.getByText(smartleadClients.fullPrivilege!)).toBeInTheDocument();
  expect(dialog.queryByRole('checkbox')).toBeNull();
  expect(dialog.queryByRole('combobox', { name: 'Start from' })).toBeNull();
  await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'Dashboard');
  await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
  expect(create).toHaveBeenCalledWith(expect.objectContaining({ name: 'Dashboard', scopes: [] }));
});
