// The keyboard of the whole window, and the signs of life that hold off the auto-lock.

import { flushSync } from 'svelte';
import { backend } from '../backend';
import { pressed } from '../pressed';
import { app } from '../state/app.svelte';
import { cannotCreateAny } from '../words-dialogs';
import { zooms } from './zoom';

const LIFE_SIGN = 15_000;
let lastSign = -LIFE_SIGN;

/** Tells the backend at most once in a while that somebody is here. */
export function noteInput(event: Event) {
  if (event.timeStamp - lastSign < LIFE_SIGN) return;
  lastSign = event.timeStamp;
  // A life sign that does not arrive only lets the vault lock sooner.
  backend.noteActivity().catch(() => {});
}

class Palette {
  open = $state(false);
}
export const palette = new Palette();

/** Goes to the search field, at once: what is typed next belongs there. */
export function focusSearch() {
  app.go({ screen: 'keys' });
  flushSync();
  const field = document.querySelector<HTMLInputElement>('#search-keys');
  field?.focus();
  field?.select();
}

function writes(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type="checkbox"]), textarea, select, [contenteditable]');
}

const isDialogOpen = () => app.dialog !== null || app.closing || palette.open;

export function shortcut(event: KeyboardEvent) {
  const key = pressed(event);
  if (zooms(event)) return;
  if (key === 'k' && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    if (app.dialog === null && !app.closing) palette.open = !palette.open;
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isDialogOpen()) return;
  if (writes(event.target)) return;
  if (key === '/') {
    event.preventDefault();
    focusSearch();
  } else if (key === 'n' && cannotCreateAny(app.accounts, (id) => app.vendor(id)) === undefined) {
    event.preventDefault();
    app.show({ kind: 'create' });
  } else if (key === 'o') {
    event.preventDefault();
    app.go({ screen: 'operations' });
  } else if (key === 'a') {
    event.preventDefault();
    app.go({ screen: 'audit' });
  } else if (key === 'escape' && app.route.screen === 'key') {
    app.go({ screen: 'keys' });
  }
}
