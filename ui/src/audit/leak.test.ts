// "Is this key ours?" and what follows from it; bringing a list of keys; narrowing one.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { accountOf, keyOf } from '../backend/fake-data';
import { leakIn, sampleLog } from '../backend/fake-leak';
import { leadterra, natural, VENDORS } from '../backend/fake-vendors';
import type { LeakReportView } from '../backend/wire/LeakReportView';
import { app } from '../state/app.svelte';
import { hearDrops } from './dropped';
import { keyWhere, openDialog, startAnew } from '../testing/window';

beforeEach(() => {
  startAnew();
  app.vendors = VENDORS;
});

async function open() {
  openDialog({ kind: 'leak' });
  return within(await screen.findByRole('dialog', { name: 'Is this key ours?' }));
}

describe('"Is this key ours?"', () => {
  test('the clipboard is read in Rust, and each match says how certain it is', async () => {
    const look = vi.spyOn(backend, 'findLeak');
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    expect(await dialog.findByText('2 keys of yours found, and 1 that none of your accounts lists')).toBeInTheDocument();
    expect(look).toHaveBeenCalledWith({ typed: null, found: null });
    const [exact, hint, form] = dialog.getAllByRole('listitem').map((item) => within(item));
    expect(exact!.getByText('Certain')).toBeInTheDocument();
    expect(exact!.getByText(/line 2/)).toBeInTheDocument();
    expect(hint!.getByText('Likely')).toBeInTheDocument();
    expect(form!.getByText(/revoke it there/)).toBeInTheDocument();
    expect(form!.queryByRole('button')).toBeNull();
  });

  test('what is typed is gone from the page as soon as it is looked for', async () => {
    const look = vi.spyOn(backend, 'findLeak');
    const dialog = await open();
    const field = dialog.getByRole<HTMLTextAreaElement>('textbox', { name: 'Key or text' });
    await userEvent.type(field, `nl_live_${'9e'.repeat(16)}`);
    await userEvent.click(dialog.getByRole('button', { name: 'Look' }));
    expect(field).toHaveValue('');
    expect(look).toHaveBeenCalledWith({ typed: `nl_live_${'9e'.repeat(16)}`, found: null });
    expect(await dialog.findByText('One key was found, and none of your accounts lists it')).toBeInTheDocument();
  });

  test('what is pasted never stands in the page', async () => {
    const dialog = await open();
    const field = dialog.getByRole('textbox', { name: 'Key or text' });
    field.focus();
    await userEvent.paste(sampleLog(world.keys));
    expect(field).toHaveValue('');
    expect(await dialog.findByText(/^2 keys of yours found/)).toBeInTheDocument();
  });

  test('three clicks lead from the paste to the end: the found value proves it, the old key stops at once', async () => {
    const rotate = vi.spyOn(backend, 'rotateKey');
    const account = accountOf(natural);
    const key = keyOf(account, 'Checkout', { masked: 'nat_live_…beef' });
    world.keys = [key];
    world.accounts = app.accounts = [account];
    vi.spyOn(backend, 'findLeak').mockResolvedValue({ ...leakIn('nat_live_0f0f0f0f0f0fbeef', world.keys) });
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    await userEvent.click(await dialog.findByRole('button', { name: 'Replace and kill' }));
    const next = within(await screen.findByRole('dialog', { name: 'Rotate key' }));
    expect(await next.findByRole('radio', { name: /^Stop it as soon as/ })).toBeChecked();
    await userEvent.click(next.getByRole('button', { name: 'Rotate' }));
    expect(rotate).toHaveBeenCalledWith({ key: key.id, choice: 'now', oldKey: { typed: null, found: 'leak-0-0' }, reason: '' });
  });

  test('closing forgets what was found; going on to the rotation does not', async () => {
    const forget = vi.spyOn(backend, 'forgetLeaks').mockResolvedValue();
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    await userEvent.click((await dialog.findAllByRole('button', { name: 'Replace and kill' }))[0]!);
    await screen.findByRole('dialog', { name: 'Rotate key' });
    expect(forget).not.toHaveBeenCalled();
    app.show({ kind: 'leak' });
    await userEvent.click(await screen.findByRole('button', { name: 'Done' }));
    await waitFor(() => expect(forget).toHaveBeenCalledOnce());
  });

  test('a file that is dropped opens the dialog with what was found, but never over another one', () => {
    const on = vi.spyOn(backend, 'on');
    const end = hearDrops();
    const [event, hear] = on.mock.calls[0]! as [string, (report: LeakReportView) => void];
    expect(event).toBe('leak-dropped');
    const report = leakIn(sampleLog(world.keys), world.keys);
    hear(report);
    expect(app.dialog).toEqual({ kind: 'leak', report });
    app.show({ kind: 'create' });
    hear(report);
    expect(app.dialog).toEqual({ kind: 'create' });
    expect(app.notices.at(-1)?.title).toMatch(/^What you dropped was looked through/);
    app.notices = [];
    end();
  });

  test('F11 each file that was looked through is named, and each that was not with its reason', async () => {
    const report: LeakReportView = {
      matches: [],
      scannedBytes: 40,
      candidates: 0,
      words: 'Nothing in it looks like a key of a vendor that Keyturn knows.',
      read: ['a.log (30 bytes)', 'b.log (10 bytes)'],
      unread: [
        { name: 'c.zip', reason: 'an archive: unpack it' },
        { name: 'c.zip', reason: 'a folder: drop the files in it' },
      ],
    };
    openDialog({ kind: 'leak', report });
    const dialog = within(await screen.findByRole('dialog', { name: 'Is this key ours?' }));
    expect(dialog.getByText('No key was found in what was looked through')).toBeInTheDocument();
    expect(dialog.getByText('Looked through: a.log (30 bytes), b.log (10 bytes).')).toBeInTheDocument();
    expect(dialog.getByText('2 files were not looked through')).toBeInTheDocument();
    expect(dialog.getByText(/a folder: drop the files in it/)).toBeInTheDocument();
  });

  test('a locked vault says why nothing can be replaced', async () => {
    app.vault = { kind: 'locked', idle: false };
    const dialog = await open();
    await userEvent.click(dialog.getByRole('button', { name: 'Paste from clipboard' }));
    const [replace] = await dialog.findAllByRole('button', { name: 'Replace and kill' });
    expect(replace).toHaveAccessibleDescription(/The vault is locked/);
  });
});

describe('"Import keys"', () => {
  async function bring(text: string | Uint8Array<ArrayBuffer>) {
    openDialog({ kind: 'import', account: accountOf(leadterra) });
    const dialog = within(await screen.findByRole('dialog', { name: 'Import keys' }));
    await userEvent.upload(dialog.getByLabelText('CSV file'), new File([text], 'keys.csv', { type: 'text/csv' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Import' }));
    return dialog;
  }

  test('tells how many keys were added', async () => {
    const dialog = await bring('name,hint\nCRM bridge,9f2a\nReporting,77aa\n');
    expect(await dialog.findByText('2 keys were added.')).toBeInTheDocument();
  });

  test('F31 the bytes of the file go to Rust as they are, whatever encoding they are in', async () => {
    const sending = vi.spyOn(backend, 'importKeys');
    const bytes = Uint8Array.from([0xff, 0xfe, 0x6e, 0x00, 0xe4, 0x0d, 0x0a, 0x80]);
    await bring(bytes);
    await waitFor(() => expect(sending).toHaveBeenCalledOnce());
    const [, sent] = sending.mock.calls[0]!;
    expect(Uint8Array.from(atob(sent), (sign) => sign.charCodeAt(0))).toEqual(bytes);
  });

  test('names each line that is refused', async () => {
    const dialog = await bring('name,hint\n,9f2a\n');
    expect(await dialog.findByRole('alert')).toHaveTextContent('Nothing was imported. Line 2: It has no name.');
  });
});

test('narrowing begins without dangerous scopes and leads to retiring the wide key', async () => {
  const wide = keyWhere(({ environment, managing }) => environment.kind === 'test' && !managing);
  wide.scopes = ['leads:view', 'leads:import', 'leads:sync_delete'];
  const create = vi.spyOn(backend, 'createKey');
  openDialog({ kind: 'create', sameAs: wide, narrow: true });
  const dialog = within(await screen.findByRole('dialog', { name: 'Create key' }));
  await userEvent.type(dialog.getByRole('textbox', { name: 'Name' }), 'Leads only');
  await userEvent.click(dialog.getByRole('button', { name: 'Create' }));
  expect(create).toHaveBeenCalledWith(expect.objectContaining({ scopes: ['leads:view', 'leads:import'] }));
  const save = within(await screen.findByRole('dialog', { name: 'Save your new key' }));
  await userEvent.click(save.getByRole('checkbox', { name: 'I have stored this key' }));
  await userEvent.click(save.getByRole('button', { name: 'Done' }));
  const revoke = within(await screen.findByRole('dialog', { name: 'Revoke key' }));
  expect(revoke.getByText('“Leads only” takes its place')).toBeInTheDocument();
});
