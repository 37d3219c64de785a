// The sentences about labels, policies and reminders.

import type { PolicyView } from './backend/wire/PolicyView';
import { plural } from './words';

/** Why `label` cannot be given; undefined where it can. */
export function labelFault(label: string): string | undefined {
  return label.trim() === '' ? 'Type a label first.' : undefined;
}

/** `Rotate before 90 days, remind 7 days before`. */
export function policyWords({ maxAgeDays, remindDays }: Pick<PolicyView, 'maxAgeDays' | 'remindDays'>): string {
  const remind = remindDays > 0 ? `reminded ${plural(remindDays, 'day')} before` : 'reminded on the day';
  return `At most ${plural(maxAgeDays, 'day')} old, ${remind}`;
}

/** `Covers 24 keys; 3 are due`. */
export function policyCovers({ keys, due }: Pick<PolicyView, 'keys' | 'due'>): string {
  if (keys === 0) return 'Covers no key now';
  const covers = `Covers ${plural(keys, 'key')}`;
  return due === 0 ? `${covers}; none is due` : `${covers}; ${due === 1 ? '1 is due' : `${due.toLocaleString('en')} are due`}`;
}

/** A whole number of days from `text`, or what is wrong with it. */
export function days(text: string, least: number, most: number): { value: number; error: undefined } | { value: null; error: string } {
  const value = /^\d{1,5}$/.test(text.trim()) ? Number(text.trim()) : NaN;
  if (Number.isNaN(value) || value < least || value > most) return { value: null, error: `Enter a number of days from ${least} to ${most.toLocaleString('en')}.` };
  return { value, error: undefined };
}

/** What the bell's button says beside its name. */
export function unseenWords(unseen: number): string | undefined {
  return unseen === 0 ? undefined : `${plural(unseen, 'new reminder')}`;
}
