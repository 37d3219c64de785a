import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import type { EscrowView } from '../backend/wire/EscrowView';
import { app } from '../state/app.svelte';
import { keyWhere, openDialog, startAnew } from '../testing/window';
import { ClipboardWords } from './clipboard.svelte';

beforeEach(startAnew);

function escrow(differences: string[] = []): EscrowView {
  const key = { ...keyWhere(({ status }) => status.kind === 'active'), unsaved: 'escrow-1' };
  return { id: 'escrow-1', key, rotatedFrom: null, createdAt: '2026-11-21T10:00:00Z', differences };
}

async function open(made = escrow()) {
  openDialog({ kind: 'save', escrow: made });
  return within(await screen.findByRole('dialog', { name: 'Save your new key' }));
}

test('"Copy key" has the focus, and then says "Copied" and when the clipboard is cleared', async () => {
  const copy = vi.spyOn(backend, 'copySecret').mockResolvedValue({ clearsIn: 30 });
  const dialog = await open();
  await waitFor(() => expect(dialog.getByRole('button', { name: 'Copy key' })).toHaveFocus());
  await userEvent.keyboard('{Enter}');
  expect(copy).toHaveBeenCalledWith('escrow-1');
  expect(await dialog.findByRole('button', { name: 'Copied' })).toBeInTheDocument();
  expect(dialog.getByText('Clipboard clears in 30 s')).toBeInTheDocument();
});

test('"Done" says why it is disabled until "I have stored this key" is checked', async () => {
  const acknowledge = vi.spyOn(backend, 'acknowledgeKey').mockResolvedValue();
  const dialog = await open();
  const done = () => dialog.getByRole('button', { name: 'Done' });
  expect(done()).toHaveAttribute('aria-disabled', 'true');
  expect(done()).toHaveAccessibleDescription('First confirm that you have stored this key.');
  await userEvent.click(done());
  expect(acknowledge).not.toHaveBeenCalled();
  await userEvent.click(dialog.getByRole('checkbox', { name: 'I have stored this key' }));
  await userEvent.click(done());
  expect(acknowledge).toHaveBeenCalledWith('escrow-1');
  await waitFor(() => expect(app.dialog).toBeNull());
});

test('what the vendor granted otherwise must be read before it may be acknowledged', async () => {
  const dialog = await open(escrow(['The vendor granted more than you asked for: leads:import.']));
  await userEvent.click(dialog.getByRole('checkbox', { name: 'I have stored this key' }));
  expect(dialog.getByRole('button', { name: 'Done' })).toHaveAccessibleDescription(/read what differs/);
  await userEvent.click(dialog.getByRole('checkbox', { name: 'I have read what differs' }));
  expect(dialog.getByRole('button', { name: 'Done' })).not.toHaveAttribute('aria-disabled');
});

describe('Escape', () => {
  test('asks, and "Keep open" leads back', async () => {
    await open();
    await userEvent.keyboard('{Escape}');
    const question = within(await screen.findByRole('dialog', { name: 'Close without storing this key?' }));
    expect(question.getByText(/stays sealed in the vault/)).toBeInTheDocument();
    await userEvent.click(question.getByRole('button', { name: 'Keep open' }));
    await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Close without storing this key?' })).toBeNull());
    expect(screen.getByRole('dialog', { name: 'Save your new key' })).toBeInTheDocument();
  });

  test('asks, and "Close anyway" closes without acknowledging', async () => {
    const acknowledge = vi.spyOn(backend, 'acknowledgeKey');
    await open();
    await userEvent.keyboard('{Escape}');
    await userEvent.click(await screen.findByRole('button', { name: 'Close anyway' }));
    expect(app.dialog).toBeNull();
    expect(acknowledge).not.toHaveBeenCalled();
  });
});

test('"Clipboard cleared" is said only when the backend said so', () => {
  vi.useFakeTimers();
  try {
    const words = new ClipboardWords();
    words.start(30);
    vi.advanceTimersByTime(12_000);
    expect(words.words).toBe('Clipboard clears in 18 s');
    vi.advanceTimersByTime(60_000);
    expect(words.words).toBe('Clearing the clipboard…');
    expect(vi.getTimerCount()).toBe(0);
    words.clear();
    expect(words.words).toBe('Clipboard cleared');
  } finally {
    vi.useRealTimers();
  }
});
