// How the fake rotates: the plan of each kind of vendor, and operations as they stand in each state. Pure.

import { accounts, ago, keyOf } from './fake-data';
import type { AccountView } from './wire/AccountView';
import type { ActionView } from './wire/ActionView';
import type { FaultView } from './wire/FaultView';
import type { KeyView } from './wire/KeyView';
import type { OperationStateView } from './wire/OperationStateView';
import type { OperationView } from './wire/OperationView';
import type { RotationChoiceView } from './wire/RotationChoiceView';
import type { RotationPlanView } from './wire/RotationPlanView';
import type { VendorView } from './wire/VendorView';

export const YES: ActionView = { allowed: true, reason: null };
export const no = (reason: string): ActionView => ({ allowed: false, reason });
const hence = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Neural Draft and Natural: both keys work for a while. */
const OVERLAPS: [id: string, title: string, detail: string, hours: number][] = [
  ['now', 'Stop it as soon as the new key is saved', 'nothing may use it any more', 0],
  ['1h', '1 hour', 'both keys work meanwhile', 1],
  ['24h', '24 hours', 'both keys work meanwhile', 24],
  ['7d', '7 days', 'both keys work meanwhile', 168],
  ['quiet', 'Once it is quiet for 24 hours', 'after 30 days at the latest', 720],
];

export const overlapHours = (choice: string) => OVERLAPS.find(([id]) => id === choice)?.[3] ?? 0;

function overlapChoices({ name }: VendorView, key: KeyView): RotationChoiceView[] {
  return OVERLAPS.map(([id, title, detail, hours]) => ({
    id,
    title,
    detail,
    steps: [
      `${name} makes a new key with the same name, scopes and environment.`,
      'The new key is sealed in the vault and shown to you once, to be saved.',
      hours === 0 ? 'As soon as you have saved it, the old key is revoked.' : `Both keys work for ${title.toLowerCase()}. Then the old key is revoked.`,
      'Keyturn asks with the old key until it is refused.',
    ],
    warnings: hours === 0 ? ['Every system that still uses the old key fails until you give it the new one.'] : [],
    allowed: id === 'quiet' && key.lastUse.kind === 'notReported' ? no(`${name} does not report when this key was last used.`) : YES,
    preselected: id === '24h',
    byHand: false,
  }));
}

function atomicChoice({ name }: VendorView): RotationChoiceView {
  return {
    id: 'atomic',
    title: 'Stops at once',
    detail: `${name} offers no overlap`,
    steps: [
      `${name} makes a new key with the same name, scopes, environment and expiry.`,
      'In the same moment the old key stops working. There is no overlap.',
      'The new key is sealed in the vault and shown to you once, to be saved.',
    ],
    warnings: ['Every system that still uses the old key fails until you give it the new one.'],
    allowed: YES,
    preselected: true,
    byHand: false,
  };
}

function handChoice({ id, name }: VendorView): RotationChoiceView {
  const atOnce = id === 'smartlead';
  return {
    id: 'byHand',
    title: atOnce ? 'Stops at once' : 'You revoke it in the dashboard',
    detail: 'by hand',
    steps: [
      `You ${atOnce ? 'regenerate the key' : 'make a new key'} in the dashboard of ${name} and bring it here.`,
      'Keyturn checks the new key by one harmless call and seals it in the vault.',
      atOnce ? 'Keyturn asks with the old key until it is refused.' : 'You revoke the old key in the dashboard; Keyturn asks with it until it is refused.',
    ],
    warnings: atOnce ? ['The old key stops working in the moment in which you press “Regenerate”. Every system that uses it fails until it has the new one.'] : [],
    allowed: YES,
    preselected: true,
    byHand: true,
  };
}

export function planOf(key: KeyView, account: AccountView, vendor: VendorView): RotationPlanView {
  const revoked = key.status.kind === 'revoked';
  const full = account.slots !== null && account.slots.used >= account.slots.limit;
  const overlaps = vendor.id === 'natural' || vendor.id === 'neural-draft';
  return {
    key,
    allowed: revoked
      ? no('This key is revoked.')
      : overlaps && full
        ? no(`All ${account.slots!.limit} slots of ${account.label} are taken, and a rotation needs one more for a while.`)
        : YES,
    choices: vendor.assisted ? [handChoice(vendor)] : overlaps ? overlapChoices(vendor, key) : [atomicChoice(vendor)],
    lastUse: key.lastUse.kind === 'at' ? 'The old key was last used 3 hours ago.' : `${vendor.name} does not say when the old key was last used.`,
    proof: key.adopted
      ? { kind: 'held' }
      : { kind: 'ask', words: 'Keyturn does not hold the old key. Give it here, and Keyturn asks with it until it is refused. It is sealed until then.' },
  };
}

const HEADLINES: Record<OperationStateView, [headline: string, next: string]> = {
  making: ['The new key is being made', 'The vendor answers'],
  bringNewKey: ['Nothing was changed yet', 'You make the new key in the dashboard and bring it here.'],
  verifying: ['The new key is being checked', 'Keyturn asks with the new key again'],
  unsaved: ['The new key is not yet saved', ''],
  overlap: ['Both keys work', 'The old key is revoked'],
  died: ['The new key stopped working, and not through Keyturn', 'The old key is kept. Undo, and rotate again when you know why.'],
  revokeByHand: ['Both keys work', ''],
  revoking: ['The old key is being revoked', 'Keyturn asks with the old key again'],
  proving: ['The old key is revoked, not yet seen refused', 'Keyturn asks with the old key again'],
  undoing: ['The new key is being revoked', 'Keyturn asks the vendor again'],
  orphaned: ['The vendor may have made a key whose secret never arrived', ''],
  done: ['The old key was refused', ''],
  undone: ['The old key was kept', ''],
  left: ['Ended by you where it stood', 'Keyturn does nothing more to either key: look at both in the list.'],
  failed: ['The rotation failed; the old key works', ''],
};

/** The states in which nothing more is done. */
export const ENDED: OperationStateView[] = ['done', 'undone', 'left', 'failed'];
/** The vendor said yes to a revocation, and the key was not yet seen refused. */
const ASKED: OperationStateView[] = ['proving', 'undoing'];
/** Nothing was made yet, or no rotation is there to be ended. */
const NOTHING_MADE: OperationStateView[] = ['making', 'bringNewKey', 'orphaned'];

/** An operation on `key` in `state`, with what can be done in it. */
export function operationIn(state: OperationStateView, id: string, key: KeyView, account: AccountView, more: Partial<OperationView> = {}): OperationView {
  const [headline, next] = HEADLINES[state];
  const ended = ENDED.includes(state);
  return {
    id,
    state,
    key,
    successor: null,
    name: key.name,
    accountId: account.id,
    accountLabel: account.label,
    vendorName: account.vendorName,
    headline,
    next,
    nextAt: state === 'overlap' ? hence(21.5) : state === 'proving' || state === 'revoking' ? hence(0.01) : null,
    stuck: null,
    startedAt: ago(2.5),
    evidence: [{ at: ago(2.5), what: 'Begun in Keyturn', failed: false }],
    escrow: null,
    finish: state === 'overlap' || state === 'revokeByHand' ? YES : no(ended ? 'It has ended.' : 'The new key is not yet in use.'),
    undo: state === 'overlap' || state === 'bringNewKey' ? YES : no(ended ? 'It has ended.' : 'The old key cannot be kept any more.'),
    askAgain: ASKED.includes(state) ? YES : no('No revocation waits to be carried out.'),
    leave: ended || NOTHING_MADE.includes(state) ? no('There is nothing to end.') : YES,
    dashboard: account.assisted ? account.dashboard : null,
    ...more,
  };
}

/** What a browser is shown: one operation in each state that waits for something, and one that ended. */
export function sampleOperations(keys: KeyView[]): OperationView[] {
  const named = (name: string) => keys.find((key) => key.name === name)!;
  const [, production, website, workspace] = accounts as [AccountView, AccountView, AccountView, AccountView];
  const server = named('prod-server');
  const crm = named('CRM bridge');
  const samples = [
    operationIn('overlap', 'op-overlap', server, website, {
      successor: keyOf(website, 'prod-server', { id: `${website.id}/next`, masked: 'ndsk_live_…w9Lm' }),
      evidence: [
        { at: ago(2.5), what: 'Neural Draft made the new key ndsk_live_…w9Lm', failed: false },
        { at: ago(2.4), what: 'The new key was accepted with exactly the scopes asked for', failed: false },
        { at: ago(0.5), what: 'The old key was used', failed: true },
      ],
    }),
    operationIn('bringNewKey', 'op-bring', crm, workspace),
    operationIn('proving', 'op-proving', named('Checkout sandbox'), production, { stuck: 'Natural could not be reached since 09:12. Keyturn goes on trying.' }),
    operationIn('done', 'op-done', named('builder-1'), website, { startedAt: ago(40), evidence: [{ at: ago(39), what: 'Neural Draft refused the old key', failed: false }] }),
  ];
  for (const { key, id, state } of samples) if (key && state !== 'done') key.operation = id;
  return samples;
}

export const FAULTS: FaultView[] = [
  { id: 'slow', name: 'Slow', words: 'Every answer takes three seconds.', on: false },
  { id: 'lostReply', name: 'Lost reply', words: 'The next key is made, and the answer never arrives.', on: false },
  { id: 'rateLimited', name: 'Rate limit', words: 'Every second call is refused for ten seconds.', on: false },
  { id: 'down', name: 'Out of service', words: 'Every call is answered with 503.', on: false },
];
