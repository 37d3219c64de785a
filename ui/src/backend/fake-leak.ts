// How the fake looks for keys in a text: by the end of what the list shows of them.

import { no, YES } from './fake-rotation';
import type { KeyView } from './wire/KeyView';
import type { LeakMatchView } from './wire/LeakMatchView';
import type { LeakReportView } from './wire/LeakReportView';

/** A log with two keys of the list and a stranger, as the clipboard of the fake holds it. */
export function sampleLog(keys: readonly KeyView[]): string {
  const [, second, third] = keys;
  const whole = (key: KeyView | undefined) => key?.masked.replace('…', '0f'.repeat(14)) ?? '';
  return ['started', `NATURALEAD_API_KEY=${whole(second)}`, 'GET /leads 200', `retry with ${whole(third)}`, `nl_live_${'9e'.repeat(16)}`].join('\n');
}

/** Exact where the key was made here, by its hint otherwise, by its form where nobody knows it. */
export function leakIn(text: string, keys: readonly KeyView[]): LeakReportView {
  const matches = text.split('\n').flatMap((line, index) =>
    [...line.matchAll(/\b(?:nl|nat|ndsk)_\w{10,}/g)].map(([value], n): LeakMatchView => {
      const key = keys.find(({ masked }) => value.startsWith(masked.split('…')[0]!) && value.endsWith(masked.split('…')[1]!));
      const certainty = !key ? 'form' : key.environment.kind === 'live' ? 'exact' : 'hint';
      const words = {
        exact: 'This is your key: the vault holds its fingerprint.',
        hint: 'Its beginning and its end are those of this key. Keyturn never held its secret, so it cannot be certain.',
        form: 'It has the form of a Naturalead key, and none of your accounts lists it.',
      }[certainty];
      return {
        found: `leak-${index}-${n}`,
        masked: `${value.slice(0, 8)}…${value.slice(-4)}`,
        line: text.includes('\n') ? index + 1 : null,
        certainty,
        words,
        vendorName: 'Naturalead',
        key: key?.id ?? null,
        keyName: key?.name ?? '',
        file: null,
        accountLabel: key?.accountLabel ?? '',
        status: key?.status ?? null,
        canRotate: key ? (key.status.kind === 'revoked' ? no('This key is revoked.') : YES) : no('Keyturn does not manage this key.'),
      };
    }),
  );
  const looked = `${text.length.toLocaleString('en')} bytes were looked through on this computer.`;
  const words = matches.length > 0 ? looked : `Nothing in it looks like a key of a vendor that Keyturn knows. ${looked}`;
  return { matches, scannedBytes: text.length, candidates: matches.length, words, read: [], unread: [] };
}
