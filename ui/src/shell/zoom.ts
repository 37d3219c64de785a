// How large everything is drawn. The shell zooms the page as a browser does, so that what is measured stays right.

import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import { pressed, type Press } from '../pressed';
import { app } from '../state/app.svelte';

/** In per cent. */
export const STEPS = [50, 67, 80, 90, 100, 110, 125, 150, 175, 200];

/** The places of the keys, for layouts that write something else there. */
const PLACES: Record<string, string> = { Equal: '+', NumpadAdd: '+', Minus: '-', NumpadSubtract: '-', Digit0: '0', Numpad0: '0' };

let turn = 0;

/** Draws everything at `percent`, from now on and at the next start. */
export async function zoomTo(percent: number) {
  const mine = ++turn;
  const before = app.settings;
  app.settings = { ...before, zoom: percent };
  try {
    const saved = await backend.saveSettings(app.settings);
    if (mine === turn) app.settings = saved;
  } catch (thrown) {
    if (mine === turn) app.settings = before;
    app.failure = asFailure(thrown);
  }
}

/** The next step up or down; at the last one nothing happens. */
export function zoomBy(direction: 1 | -1) {
  const { zoom } = app.settings;
  const next = direction > 0 ? STEPS.find((step) => step > zoom) : STEPS.findLast((step) => step < zoom);
  if (next !== undefined) void zoomTo(next);
}

/** Whether the press was one that zooms. It works everywhere, also where something is typed. */
export function zooms(event: KeyboardEvent): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return false;
  const sign = signOf(event);
  if (sign === '+') zoomBy(1);
  else if (sign === '-') zoomBy(-1);
  else if (sign === '0') void zoomTo(100);
  else return false;
  event.preventDefault();
  return true;
}

function signOf(event: Press): string | undefined {
  const key = pressed(event);
  if (key === '') return undefined;
  if (key === '+' || key === '=') return '+';
  return key === '-' || key === '0' ? key : PLACES[event.code];
}
