import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { account, vendor } from '../backend/fake-data';
import type { EscrowView } from '../backend/wire/EscrowView';
import type { FailureView } from '../backend/wire/FailureView';
import { app } from '../state/app.svelte';
import { keyWhere, openDialog, startAnew } from '../testing/window';

beforeEach(startAnew);

async function open() {
  openDialog({ kind: 'create' });
  return within(await screen.findByRole('dialog', { name: 'Create key' }));
}

const domains = new Set(vendor.scopes.map(({ domain }) => domain));

describe('the scope picker', () => {
  test('NL18 the picker offers exactly the 26 scopes, grouped by domain, described, without a wildcard', async () => {
    const dialog = await open();
    // Asked for once: a question by role walks the whole page.
    const boxes = dialog.getAllByRole<HTMLInputElement>('checkbox');
    const named = (name: string) => boxes.find(({ labels }) => labels?.[0]?.textContent?.trim() === name)!;
    expect(vendor.scopes).toHaveLength(26);
    for (const { scope, description } of vendor.scopes) {
      expect(named(scope)).toHaveAccessibleName(scope);
      expect(named(scope)).toHaveAccessibleDescription(expect.stringContaining(description));
    }
    for (const domain of domains) expect(named(domain)).toHaveAccessibleName(domain);
    expect(boxes).toHaveLength(26 + domains.size);
    expect(dialog.getByText('0 of 26')).toBeInTheDocument();
  });

  test('NL19 a scope the role may not grant is disabled with the reason', async () => {
    const reason = 'Naturalead refused it: your role may not grant it.';
    app.accounts = [{ ...account, refusedScopes: [{ scope: 'campaigns:delete', reason }] }];
    const dialog = await open();
    const refused = dialog.getByRole('checkbox', { name: 'campaigns:delete' });
    expect(refused).toHaveAttribute('aria-disabled', 'true');
    expect(refused).toHaveAccessibleDescription(expect.stringContaining(reason));
    await userEvent.click(refused);
    expect(refused).not.toBeChecked();
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Campaigns' }));
    expect(refused).not.toBeChecked();
    expect(dialog.getByText('4 of 26')).toBeInTheDocument();
  });

  test('a group is mixed when some of it is chosen, and a search never grants what it hides', async () => {
    const dialog = await open();
    await userEvent.type(dialog.getByRole('searchbox', { name: 'Search scopes' }), 'sync');
    await userEvent.click(dialog.getByRole('checkbox', { name: 'Leads' }));
    await userEvent.clear(dialog.getByRole('searchbox', { name: 'Search scopes' }));
    expect(dialog.getByRole('checkbox', { name: 'Leads' })).toBePartiallyChecked();
    expect(dialog.getByRole('checkbox', { name: 'leads:view' })).not.toBeChecked();
    expect(dialog.getByText('2 of 26')).toBeInTheDocument();
  });
});

test('without a scope it is refused with words, and focus goes to the picker', async () => {
  const create = vi.spyOn(backend, 'createKey');
  const dialog = await open();
  await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'CRM sync');
  await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
  expect(dialog.getByRole('alert')).toHaveTextContent('Choose at least one scope');
  expect(dialog.getByRole('searchbox', { name: 'Search scopes' })).toHaveFocus();
  expect(create).not.toHaveBeenCalled();
});

test('three scopes and a name become a key, which is then to be saved', async () => {
  const create = vi.spyOn(backend, 'createKey');
  const dialog = await open();
  await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'CRM sync');
  await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'Environment' }), 'Test');
  await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'Expires' }), 'Never');
  await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'Start from' }), 'CRM integration');
  expect(dialog.getByText('A test key “CRM sync” at Naturalead (Rehearsal) with 3 scopes, without an end date.')).toBeInTheDocument();
  await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
  expect(create).toHaveBeenCalledWith({
    accountId: account.id,
    name: 'CRM sync',
    environment: { kind: 'test' },
    scopes: ['leads:view', 'leads:import', 'leads:sync_create'],
    expiresAt: null,
  });
  expect(await screen.findByRole('dialog', { name: 'Save your new key' })).toBeInTheDocument();
});

test('"Same as key…" takes the scopes and the environment of a key that is found by typing', async () => {
  const source = keyWhere((key) => key.environment.kind === 'test' && key.scopes.length > 2);
  const dialog = await open();
  await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'Start from' }), 'Same as key…');
  await userEvent.type(dialog.getByRole('textbox', { name: 'Find a key' }), source.name);
  await userEvent.click(await dialog.findByRole('button', { name: new RegExp(source.name) }));
  for (const scope of source.scopes) expect(dialog.getByRole('checkbox', { name: scope })).toBeChecked();
  expect(dialog.getByRole('combobox', { name: 'Environment' })).toHaveValue('test');
});

test('while the vendor is asked it cannot be closed; a refusal stands at its field', async () => {
  let refuse: (failure: FailureView) => void = () => {};
  vi.spyOn(backend, 'createKey').mockReturnValue(new Promise<EscrowView>((_, reject) => (refuse = reject)));
  const dialog = await open();
  const name = dialog.getByRole('textbox', { name: 'Name' });
  await userEvent.type(name, 'CRM sync');
  await userEvent.click(dialog.getByRole('checkbox', { name: 'leads:view' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
  expect(dialog.getByText('Creating at Naturalead…')).toBeInTheDocument();
  await userEvent.keyboard('{Escape}');
  expect(screen.getByRole('dialog', { name: 'Create key' })).toBeInTheDocument();
  refuse({ code: 'invalidInput', message: 'This name is taken.', hint: null, retryable: false, field: 'name' });
  await waitFor(() => expect(name).toHaveAccessibleDescription('This name is taken.'));
  expect(name).toHaveFocus();
});
