// Sentences with logic: times, states, counts. Pure, so that each can be tested.

import type { EnvironmentView } from './backend/wire/EnvironmentView';
import type { ExpiryView } from './backend/wire/ExpiryView';
import type { LastUseView } from './backend/wire/LastUseView';
import type { StatusView } from './backend/wire/StatusView';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `1 key`, `2,400 keys`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** `just now`, `3 hours ago`, `in 12 days`; from 60 days on the date. */
export function relative(at: string, now: Date): string {
  const difference = new Date(at).getTime() - now.getTime();
  const size = Math.abs(difference);
  if (size < MINUTE) return difference > 10_000 ? 'in a moment' : 'just now';
  if (size >= 60 * DAY) return date(at);
  const [count, unit] =
    size < HOUR ? [size / MINUTE, 'minute'] : size < DAY ? [size / HOUR, 'hour'] : [size / DAY, 'day'];
  const words = plural(Math.floor(count), unit);
  return difference > 0 ? `in ${words}` : `${words} ago`;
}

/** Something past: `just now`, `3 hours ago`. A clock that goes ahead of ours puts nothing into the future. */
export function ago(at: string, now: Date): string {
  const ahead = new Date(at).getTime() - now.getTime();
  if (ahead <= 0) return relative(at, now);
  return ahead < DAY ? 'just now' : date(at);
}

/** `1 Mar 2027` for `2027-03-01`: a day has no zone. */
export function wholeDay(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `21 Nov 2026`, in local time. */
export function date(at: string): string {
  return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** `14:02`, or with the day where it is not today. */
export function clock(at: string, now: Date): string {
  const time = new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return new Date(at).toDateString() === now.toDateString() ? time : `${date(at)}, ${time}`;
}

/** Local time with its zone, and UTC. */
export function exact(at: string): string {
  const moment = new Date(at);
  const local = moment.toLocaleString('en-GB', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  return `${local}\n${moment.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}

/** What is shown of a last use, what its tooltip says, and what a screen reader says where that is more. */
export function lastUse(value: LastUseView, now: Date): { text: string; detail: string; spoken: string } {
  switch (value.kind) {
    case 'at':
      return { text: ago(value.at, now), detail: exact(value.at), spoken: `Used ${ago(value.at, now)}` };
    case 'on':
      return { text: wholeDay(value.day), detail: 'The vendor names the day only.', spoken: `Used on ${wholeDay(value.day)}` };
    case 'unreadable':
      return { text: 'Not readable', detail: 'The vendor tells a last use in a form that Keyturn cannot read.', spoken: 'Last use not readable' };
    case 'never':
      return { text: 'Never used', detail: 'The vendor says that this key was never used.', spoken: 'Never used, the vendor says' };
    case 'notReported':
      return { text: 'Not reported', detail: 'The vendor does not say when this key was last used.', spoken: 'Last use not reported by the vendor' };
    case 'untrackedBefore':
      return { text: `Not tracked before ${date(value.at)}`, detail: `Uses before ${exact(value.at)} were not recorded.`, spoken: `No use seen; uses before ${date(value.at)} were not tracked` };
    case 'stale': {
      const last = value.last ? ago(value.last, now) : 'Never used';
      return {
        text: `${last} (as of ${clock(value.readAt, now)})`,
        detail: `This was so at ${exact(value.readAt)}\nThe account could not be read since.`,
        spoken: `${value.last ? `Used ${last}` : last}, as of ${clock(value.readAt, now)}; not read since`,
      };
    }
  }
}

/** What is shown of a key's end, and what its tooltip says. */
export function expiry(value: ExpiryView, now: Date): { text: string; detail: string } {
  switch (value.kind) {
    case 'at':
      return { text: relative(value.at, now), detail: exact(value.at) };
    case 'on':
      return { text: wholeDay(value.day), detail: 'The vendor names the day only.' };
    case 'never':
      return { text: 'Never', detail: 'It works until someone revokes it.' };
    case 'unreadable':
      return { text: 'Not readable', detail: 'The vendor tells an end in a form that Keyturn cannot read.' };
  }
}

export function environmentWord(environment: EnvironmentView): string {
  switch (environment.kind) {
    case 'live':
      return 'Live';
    case 'test':
      return 'Test';
    case 'other':
      return environment.word;
    case 'none':
      return 'No environment';
  }
}

export function statusWord(status: StatusView): string {
  switch (status.kind) {
    case 'active':
      return 'Active';
    case 'expiring':
      return 'Expiring';
    case 'retiring':
      return 'Retiring';
    case 'revoking':
      return 'Revoking';
    case 'revoked':
      return 'Revoked';
    case 'expired':
      return 'Expired';
    case 'orphan':
      return 'Orphan';
    case 'unlisted':
      return 'Not listed';
    case 'unknown':
      return `Unknown (${status.word})`;
  }
}

export function statusTone(status: StatusView): 'neutral' | 'success' | 'warning' | 'danger' {
  switch (status.kind) {
    case 'active':
      return 'success';
    case 'expiring':
    case 'retiring':
    case 'revoking':
    case 'unlisted':
    case 'unknown':
      return 'warning';
    case 'orphan':
      return 'danger';
    case 'revoked':
    case 'expired':
      return 'neutral';
  }
}

/** What a status means, where the word alone does not say it. */
export function statusDetail(status: StatusView): string | undefined {
  switch (status.kind) {
    case 'active':
      return undefined;
    case 'expiring':
      return `Expires ${date(status.at)}`;
    case 'retiring':
      return `Works until ${date(status.until)}`;
    case 'revoking':
      return 'The vendor accepted the revocation; it was not yet seen refused.';
    case 'revoked':
      return status.at ? `Revoked ${date(status.at)}` : undefined;
    case 'expired':
      return status.at ? `Expired ${date(status.at)}` : undefined;
    case 'orphan':
      return 'It may have been made by a request whose answer was lost: its secret never arrived. Revoke it, or rotate it to get a new secret.';
    case 'unlisted':
      return `The vendor no longer lists it since ${date(status.since)}; that it has ended was not seen.`;
    case 'unknown':
      return 'The vendor reports a state that this version of Keyturn does not know.';
  }
}
