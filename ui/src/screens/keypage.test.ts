// The page of a key that was brought here, and of one that is being rotated.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { accountOf, ago, keyOf } from '../backend/fake-data';
import { operationIn } from '../backend/fake-rotation';
import { leadterra, neuralDraft, VENDORS } from '../backend/fake-vendors';
import type { KeyView } from '../backend/wire/KeyView';
import { app } from '../state/app.svelte';
import { operations } from '../state/operations.svelte';
import { openScreen, startAnew } from '../testing/window';
import KeyPage from './KeyPage.svelte';

beforeEach(() => {
  startAnew();
  app.vendors = VENDORS;
  operations.all = [];
});

async function open(key: KeyView) {
  world.keys = [key];
  openScreen(KeyPage, { id: key.id });
  await screen.findByRole('heading', { name: key.name });
}

test('F37 a change outside Keyturn is told on the key’s page', async () => {
  await open(keyOf(accountOf(neuralDraft), 'CRM bridge', { changedOutside: ago(3.1) }));
  expect(screen.getByText('Changed outside Keyturn').nextElementSibling).toHaveTextContent('3 hours ago');
});

test.each([
  [{ kind: 'at', at: ago(3.1) }, '3 hours ago'],
  [{ kind: 'never' }, 'Never used'],
  [{ kind: 'notReported' }, 'Not reported'],
] as const)('F35 the mark before a last use is drawn once', async (lastUse, words) => {
  await open(keyOf(accountOf(neuralDraft), 'CRM bridge', { lastUse }));
  const shown = screen.getAllByRole('note').find(({ classList }) => classList.contains('last-use'))!;
  // The style draws the mark, here as in the list; the text holds none.
  expect(shown.querySelector('[aria-hidden]')).toHaveTextContent(new RegExp(`^${words}$`));
});

describe('a key that was brought', () => {
  const bridge = (more: Partial<KeyView> = {}) => keyOf(accountOf(leadterra), 'CRM bridge', more);

  test('"Check now" asks the vendor with it, and the page says when it was seen working', async () => {
    await open(bridge());
    expect(screen.getByText('Not checked yet')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Check now' }));
    expect(await screen.findByText('Seen working just now')).toBeInTheDocument();
  });

  test('a refusal is said with its time, and a check that failed claims nothing', async () => {
    vi.spyOn(backend, 'checkKey').mockRejectedValue({ code: 'unreachable', message: 'Could not reach Leadterra.', hint: null, retryable: true, field: null });
    await open(bridge({ checked: { at: ago(3.1), alive: false } }));
    expect(screen.getByText('Refused 3 hours ago')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: 'Check now' }));
    expect(await screen.findByText('Could not reach Leadterra.')).toBeInTheDocument();
    expect(screen.getByText('Refused 3 hours ago')).toBeInTheDocument();
  });

  test('"Remove from Keyturn" asks first and says that it goes on working', async () => {
    app.route = { screen: 'key', id: bridge().id };
    await open(bridge());
    await userEvent.click(screen.getByRole('button', { name: 'Remove from Keyturn' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove key' }));
    expect(dialog.getByText(/Nothing changes at Leadterra: the key goes on working/)).toBeInTheDocument();
    await userEvent.click(dialog.getByRole('button', { name: 'Remove' }));
    await waitFor(() => expect(app.route).toEqual({ screen: 'keys' }));
    expect(world.keys).toEqual([]);
  });

  test('LT8 the page names the variable, leads to the dashboard and says why it cannot revoke', async () => {
    const dashboard = vi.spyOn(backend, 'openDashboard').mockResolvedValue();
    await open(bridge());
    expect(screen.getByText('LEADTERRA_API_KEY')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Revoke' })).toHaveAccessibleDescription('Leadterra keys are revoked in its dashboard.');
    await userEvent.click(screen.getByRole('button', { name: 'Open dashboard' }));
    expect(dashboard).toHaveBeenCalledWith('leadterra');
  });
});

describe('a key of Neural Draft', () => {
  const account = accountOf(neuralDraft);
  const server = (more: Partial<KeyView> = {}) => keyOf(account, 'prod-server', { scopes: ['*'], ...more });

  test('ND10 ND26 concerns stand as a warning, and usage by address as a table', async () => {
    await open(server());
    expect(screen.getByText(/may do everything in the project/)).toBeInTheDocument();
    const usage = within(await screen.findByRole('table', { name: 'Used from' }));
    expect(usage.getByRole('row', { name: /203\.0\.113\.7 .* 1,204/ })).toBeInTheDocument();
    expect(usage.getByRole('row', { name: '198.51.100.23 Not reported Not reported' })).toBeInTheDocument();
  });

  test('that is being rotated shows the operation, which can be finished from here', async () => {
    world.accounts = [account];
    const successor = keyOf(account, 'next', { masked: 'ndsk_live_…next' });
    operations.all = [operationIn('overlap', 'op', server(), account, { successor })];
    await open(server({ operation: 'op' }));
    const panel = within(screen.getByRole('article', { name: 'Rotation' }));
    expect(panel.getByText('Both keys work')).toBeInTheDocument();
    expect(panel.queryByRole('button', { name: /^Open old key/ })).toBeNull();
    expect(panel.getByRole('button', { name: 'Open new key ndsk_live_…next' })).toBeInTheDocument();
    await userEvent.click(panel.getByRole('button', { name: 'Finish now' }));
    expect(await screen.findByRole('dialog', { name: 'Finish rotation' })).toBeInTheDocument();
  });
});

describe('a key that may be the managing one', () => {
  const account = accountOf(neuralDraft, { managingUnknown: true });
  const twin = (more: Partial<KeyView> = {}) => keyOf(account, 'Keyturn', { masked: account.managingMasked!, ...more });

  test('is named so by the person', async () => {
    world.accounts = [account];
    await open(twin());
    expect(screen.queryByText('Managing key')).toBeNull();
    await userEvent.click(screen.getByRole('button', { name: 'This is the managing key' }));
    expect(await screen.findByText('Managing key')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'This is the managing key' })).toBeNull();
    expect(world.accounts[0]).toMatchObject({ managingUnknown: false, managingKeyId: 'key_keyturn' });
  });

  test('a refusal says why', async () => {
    vi.spyOn(backend, 'chooseManagingKey').mockRejectedValue({ code: 'notAllowed', message: 'Keyturn knows already with which.', hint: null, retryable: false, field: null });
    world.accounts = [account];
    await open(twin());
    await userEvent.click(screen.getByRole('button', { name: 'This is the managing key' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('Keyturn knows already with which.');
  });

  test('a key with other characters is not offered', async () => {
    world.accounts = [account];
    await open(twin({ masked: 'ndsk_live_…else' }));
    expect(screen.queryByRole('button', { name: 'This is the managing key' })).toBeNull();
  });
});

test('a key that its vendor no longer lists says so, and since when', async () => {
  await open(keyOf(accountOf(neuralDraft), 'prod-server', { status: { kind: 'unlisted', since: '2026-11-21T09:00:00Z' } }));
  expect(screen.getByText('Not listed')).toHaveAttribute('title', 'The vendor no longer lists it since 21 Nov 2026; that it has ended was not seen.');
});
