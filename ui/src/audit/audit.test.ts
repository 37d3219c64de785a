// The audit as a person meets it: cards that lead somewhere, pictures that are tables too, the journal.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { fake, world } from '../backend/fake';
import { FINDINGS } from '../backend/fake-findings';
import SelectionBar from '../keys/SelectionBar.svelte';
import { app } from '../state/app.svelte';
import { keys } from '../state/keys.svelte';
import { selection } from '../state/selection.svelte';
import { keyWhere, openScreen, startAnew } from '../testing/window';
import KeyPage from '../screens/KeyPage.svelte';
import Audit from './Audit.svelte';
import { audit } from './audit.svelte';
import { journal } from './journal.svelte';

beforeEach(() => {
  startAnew();
  world.accepted.clear();
  audit.tab = 'overview';
  audit.view = null;
  keys.clearFilters();
  journal.clear();
});

async function open(tab = 'Overview') {
  openScreen(Audit);
  await userEvent.click(screen.getByRole('tab', { name: tab }));
  return within(await screen.findByRole('tabpanel'));
}

describe('Overview', () => {
  test('a card says how many keys have it and opens the list filtered by it', async () => {
    const overview = await open();
    const card = within(await overview.findByRole('article', { name: 'Expires within 7 days' }));
    await userEvent.click(card.getByRole('button', { name: 'Show 3 keys: Expires within 7 days' }));
    expect(app.route).toEqual({ screen: 'keys' });
    expect(keys.query.findings).toEqual(['expiringSoon']);
  });

  test('why it matters is told on demand', async () => {
    const overview = await open();
    const card = within(await overview.findByRole('article', { name: 'Never expires' }));
    expect(card.getByText(new RegExp(FINDINGS.neverExpires.why))).not.toBeVisible();
    await userEvent.click(card.getByText('Why it matters'));
    expect(card.getByText(new RegExp(FINDINGS.neverExpires.why))).toBeVisible();
  });

  test('what was looked for and not found is said quietly', async () => {
    const overview = await open();
    const quiet = within(await overview.findByRole('region', { name: 'Looked for, none found' }));
    expect(quiet.getByText('Secret never arrived').closest('li')).toHaveTextContent('Secret never arrived None');
    expect(overview.queryByRole('article', { name: 'Secret never arrived' })).toBeNull();
  });

  test('the next step of one key opens its dialog, that of many the dialog for many', async () => {
    const overview = await open();
    const one = within(await overview.findByRole('article', { name: 'Woke up after a long sleep' }));
    await userEvent.click(one.getByRole('button', { name: 'Rotate' }));
    await waitFor(() => expect(app.dialog).toMatchObject({ kind: 'rotate', key: { vendorKeyId: 'key_13' } }));
    app.close();
    const many = within(overview.getByRole('article', { name: 'Expires within 7 days' }));
    await userEvent.click(many.getByRole('button', { name: 'Rotate 3 keys' }));
    expect(app.dialog).toMatchObject({ kind: 'batch', way: 'rotate', chosen: { keys: [], query: { findings: ['expiringSoon'] } } });
  });

  test('accepting needs a reason, holds until a date, and takes the keys out of the count', async () => {
    const accept = vi.spyOn(backend, 'acceptFinding');
    const overview = await open();
    const card = within(await overview.findByRole('article', { name: 'Expires within 7 days' }));
    await userEvent.click(card.getByRole('button', { name: 'Accept' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Accept finding' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Accept' }));
    const reason = dialog.getByRole('textbox', { name: 'Reason' });
    expect(reason).toHaveAccessibleDescription(/^Say why/);
    expect(accept).not.toHaveBeenCalled();
    await userEvent.type(reason, 'Ends with the contract');
    await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'Accepted' }), 'For 30 days');
    await userEvent.click(dialog.getByRole('button', { name: 'Accept' }));
    const request = accept.mock.calls[0]![0];
    expect(request).toMatchObject({ finding: 'expiringSoon', reason: 'Ends with the contract' });
    expect(request.keys).toHaveLength(3);
    expect(Date.parse(request.until!) - Date.now()).toBeGreaterThan(29 * 86_400_000);
    const quiet = within(await overview.findByRole('region', { name: 'Looked for, none found' }));
    await waitFor(() => expect(quiet.getByText('Expires within 7 days').closest('li')).toHaveTextContent('None, 3 accepted'));
  });

  test('the chosen rows of the filtered list can be accepted together', async () => {
    const accept = vi.spyOn(backend, 'acceptFinding');
    keys.ask({ finding: 'expiringSoon' });
    await waitFor(() => expect(keys.total).toBe(3));
    selection.chooseAll(true);
    openScreen(SelectionBar);
    await userEvent.click(screen.getByRole('button', { name: 'Accept finding' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Accept finding' }));
    await userEvent.type(dialog.getByRole('textbox', { name: 'Reason' }), 'Known');
    await userEvent.click(dialog.getByRole('button', { name: 'Accept' }));
    expect(accept.mock.calls[0]![0].keys).toHaveLength(3);
    selection.clear();
  });

  test('each picture has a name that says what it shows, and is a table on demand', async () => {
    const overview = await open();
    await overview.findByRole('img', { name: /^Age\. / });
    const figure = within(overview.getByRole('figure', { name: 'Last used' }));
    expect(figure.getByRole('img', { name: /^Last used\. 24 hours: \d+, / })).toBeInTheDocument();
    await userEvent.click(figure.getByRole('button', { name: 'Show as table' }));
    const never = world.keys.filter(({ lastUse }) => lastUse.kind === 'never').length;
    expect(within(figure.getByRole('table', { name: 'Last used' })).getByRole('row', { name: `Never ${never}` })).toBeInTheDocument();
    expect(overview.getByRole('figure', { name: 'Keys by account and status' })).toBeInTheDocument();
  });

  test('an account whose reading is old is named, and a failure offers to try again', async () => {
    const view = await fake.audit();
    const ask = vi.spyOn(backend, 'audit').mockRejectedValueOnce({ code: 'internal', message: 'The findings could not be read.', hint: null, retryable: true, field: null });
    ask.mockResolvedValue({ ...view, stale: ['Rehearsal could not be read since 09:00.'] });
    const overview = await open();
    expect(await overview.findByText('The findings could not be read.')).toBeInTheDocument();
    await userEvent.click(overview.getByRole('button', { name: 'Try again' }));
    expect(await overview.findByText('Rehearsal could not be read since 09:00.')).toBeInTheDocument();
  });
});

describe('Journal', () => {
  test('the newest entry comes first; only what is visible is in the page', async () => {
    await open('Journal');
    const table = await screen.findByRole('table', { name: 'Journal' });
    expect(table).toHaveAttribute('aria-rowcount', '321');
    const rows = within(table).getAllByRole('row');
    expect(rows.length).toBeLessThan(40);
    expect(rows[1]).toHaveTextContent('Create');
  });

  test("a vendor's record is marked as the vendor's, and a reason is shown", async () => {
    await open('Journal');
    await screen.findByRole('table', { name: 'Journal' });
    await userEvent.selectOptions(screen.getByRole('combobox', { name: 'Recorded' }), 'By vendors');
    await waitFor(() => expect(screen.queryByRole('cell', { name: 'Keyturn' })).toBeNull());
    expect(screen.getAllByRole('cell', { name: 'from Naturalead ada@example.com' }).length).toBeGreaterThan(1);
    await userEvent.click(screen.getByRole('button', { name: 'Clear filters' }));
    expect((await screen.findAllByText('Reason: Left the company')).length).toBeGreaterThan(0);
  });

  test('an entry opens with all that is recorded of it', async () => {
    await open('Journal');
    await userEvent.click((await screen.findAllByRole('button', { name: 'Create' }))[0]!);
    const dialog = within(await screen.findByRole('dialog', { name: 'Create' }));
    expect(dialog.getByText('Fingerprint')).toBeInTheDocument();
    expect(dialog.getByText('The vendor made it; its secret is sealed')).toBeInTheDocument();
  });

  test('the journal is checked, and the verdict stands in words', async () => {
    const verify = vi.spyOn(backend, 'verifyJournal').mockResolvedValue({ intact: false, entries: 41, words: 'Entry 41 was changed.', publicKey: null });
    await open('Journal');
    await userEvent.click(screen.getByRole('button', { name: 'Check the journal' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The journal was changed Entry 41 was changed.');
    expect(verify).toHaveBeenCalledOnce();
  });

  test('what is shown is exported, and its folder can be opened', async () => {
    const write = vi.spyOn(backend, 'exportJournal');
    const show = vi.spyOn(backend, 'showExport').mockResolvedValue();
    await open('Journal');
    await userEvent.type(screen.getByRole('searchbox', { name: 'Search the journal' }), 'contract');
    await userEvent.click(screen.getByRole('button', { name: 'Export' }));
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Signed report' }));
    expect(await screen.findByText('/home/admin/Downloads/keyturn-journal.html')).toBeInTheDocument();
    expect(write).toHaveBeenCalledWith(expect.objectContaining({ search: 'contract' }), 'report');
    await userEvent.click(screen.getByRole('button', { name: 'Show in folder' }));
    expect(show).toHaveBeenCalledWith('/home/admin/Downloads/keyturn-journal.html');
  });
});

test('changes made outside lead to their keys as long as these exist', async () => {
  await open('Changes');
  const table = within(await screen.findByRole('table', { name: 'Changes outside Keyturn' }));
  expect(table.getAllByText('Vanished from the vendor’s list').length).toBeGreaterThan(0);
  await userEvent.click(table.getByRole('button', { name: 'CRM integration' }));
  expect(app.route).toMatchObject({ screen: 'key' });
});

describe('the page of a key', () => {
  test('tells its findings with the next step; an accepted one can be withdrawn', async () => {
    const key = keyWhere(({ status }) => status.kind === 'expiring');
    world.accepted.set(`${key.id} expiringSoon`, { reason: 'Ends with the contract', until: null });
    openScreen(KeyPage, { id: key.id });
    const findings = within(await screen.findByRole('region', { name: 'Findings' }));
    const accepted = findings.getByText('Accepted with no end date: Ends with the contract');
    await userEvent.click(within(accepted.closest('li')!).getByRole('button', { name: 'Withdraw' }));
    expect(await findings.findByText(new RegExp(FINDINGS.expiringSoon.why))).toBeInTheDocument();
    await userEvent.click(findings.getAllByRole('button', { name: 'Rotate' })[0]!);
    expect(app.dialog).toMatchObject({ kind: 'rotate', key: { id: key.id } });
  });

  test('shows its use over time as a picture, in words and as a table', async () => {
    const key = keyWhere(({ lastUse }) => lastUse.kind === 'at');
    openScreen(KeyPage, { id: key.id });
    const picture = await screen.findByRole('img', { name: /^Use over time\. Used on \d+ of 70 observed days/ });
    expect(picture).toHaveAccessibleName(/Rotated: this key replaced another one/);
    expect(screen.getByText(/two uses between two readings count as one/)).toBeInTheDocument();
    const figure = within(screen.getByRole('figure', { name: 'Use over time' }));
    await userEvent.click(figure.getByRole('button', { name: 'Show as table' }));
    expect(figure.getAllByRole('cell', { name: 'Not observed' })).toHaveLength(20);
  });
});
