// Stretches of time that a journal is asked for. Pure.

const DAY = 86_400_000;

/** A number of days back, two days that are given, or all of it. */
export type Span = '' | '1' | '7' | '30' | '365' | 'dates';

export const SPANS: { value: Span; label: string }[] = [
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: '365', label: 'Last year' },
  { value: 'dates', label: 'Dates…' },
];

function startOf(day: string): Date | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day.trim());
  if (!parts) return null;
  const [year, month, date] = parts.slice(1).map(Number) as [number, number, number];
  const at = new Date(year, month - 1, date);
  return at.getMonth() === month - 1 && at.getDate() === date ? at : null;
}

/** Whether the person has written something there that is no day yet. */
export function isNoDay(day: string): boolean {
  return day.trim() !== '' && startOf(day) === null;
}

/** The first moment that counts; `null`: since ever. Days are the person's own, by their clock. */
export function sinceOf(span: Span, from: string, now: number): string | null {
  if (span === '') return null;
  if (span === 'dates') return startOf(from)?.toISOString() ?? null;
  return new Date(now - Number(span) * DAY).toISOString();
}

/** The last moment that counts, the end of the day `to`; `null`: until now. */
export function untilOf(span: Span, to: string): string | null {
  const start = span === 'dates' ? startOf(to) : null;
  if (!start) return null;
  // The next midnight by the calendar: a day in which the clocks change has 23 or 25 hours.
  return new Date(new Date(start.getFullYear(), start.getMonth(), start.getDate() + 1).getTime() - 1).toISOString();
}
