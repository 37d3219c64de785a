// The use of one key in words and rows. Pure.

import type { KeyUseView } from '../backend/wire/KeyUseView';
import type { UseDayView } from '../backend/wire/UseDayView';
import { date, plural } from '../words';

/** `Used on 48 of 70 observed days, last on 20 Nov 2026. 1 mark.` */
export function useInWords({ days, marks }: KeyUseView): string {
  const observed = days.filter(({ used }) => used !== null);
  const used = observed.filter((day) => day.used);
  if (observed.length === 0) return 'No day was observed.';
  const last = used.at(-1);
  const times = `Used on ${used.length} of ${plural(observed.length, 'observed day')}`;
  const marked = marks.map(({ at, words }) => ` ${date(at)}: ${words}.`).join('');
  return `${times}${last ? `, last on ${date(`${last.day}T12:00:00Z`)}` : ''}.${marked}`;
}

export function dayWord({ used }: UseDayView): string {
  return used === null ? 'Not observed' : used ? 'Used' : 'Not used';
}

/** Newest first, with what happened on the day. */
export function useRows({ days, marks }: KeyUseView): string[][] {
  return [...days]
    .reverse()
    .map((day) => [day.day, dayWord(day), marks.filter(({ at }) => at.slice(0, 10) === day.day).map(({ words }) => words).join('; ')]);
}

export interface Run {
  from: number;
  /** Not included. */
  to: number;
  used: boolean | null;
}

/** Days that follow one another and are alike, as one. */
export function runs(days: readonly UseDayView[]): Run[] {
  const found: Run[] = [];
  for (const [at, { used }] of days.entries()) {
    const last = found.at(-1);
    if (last?.used === used) last.to = at + 1;
    else found.push({ from: at, to: at + 1, used });
  }
  return found;
}
