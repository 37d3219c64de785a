import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import Reveal from './Reveal.svelte';

const secret = { name: 'CRM sync', value: `nl_live_${'ab'.repeat(32)}`, closesIn: 30, vendor: 'Naturalead' };

afterEach(() => vi.useRealTimers());

async function shown() {
  vi.spyOn(backend, 'revealedSecret').mockResolvedValue(secret);
  const close = vi.spyOn(backend, 'closeReveal').mockResolvedValue();
  render(Reveal);
  await screen.findByText(secret.value);
  return close;
}

test('shows whose key it is and how long it will be seen', async () => {
  await shown();
  expect(screen.getByRole('heading')).toHaveTextContent('CRM sync');
  expect(screen.getByRole('timer')).toHaveTextContent('30 s');
  expect(document.title).not.toContain('nl_');
});

test('Escape, the button and leaving the window close it, and the value goes at once', async () => {
  const close = await shown();
  await userEvent.keyboard('{Escape}');
  expect(close).toHaveBeenCalledOnce();
  expect(screen.queryByText(secret.value)).toBeNull();
});

test('leaving the window closes it', async () => {
  const close = await shown();
  window.dispatchEvent(new Event('blur'));
  expect(close).toHaveBeenCalledOnce();
});

test('closes by itself', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const close = await shown();
  await vi.advanceTimersByTimeAsync(29_000);
  expect(close).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(close).toHaveBeenCalledOnce();
});

test('a copy is refused, with the way that clears the clipboard', async () => {
  await shown();
  const copy = new Event('copy', { cancelable: true });
  document.dispatchEvent(copy);
  expect(copy.defaultPrevented).toBe(true);
  expect(await screen.findByText(/Copy key/)).toBeInTheDocument();
});
