// Labels, policies and reminders of the fake.

import { inOrder } from '../words-names';
import type { Backend, Events } from './backend';
import type { World } from './fake';
import { accounts, ago } from './fake-data';
import type { FailureView } from './wire/FailureView';
import type { KeyView } from './wire/KeyView';
import type { PolicyInput } from './wire/PolicyInput';
import type { PolicyView } from './wire/PolicyView';
import type { ReminderView } from './wire/ReminderView';

type Tell = <E extends keyof Events>(event: E, payload: Events[E]) => void;
type Fail = (code: FailureView['code'], message: string, field?: string | null) => never;

function viewOf(policy: PolicyInput, id: string, keys: readonly KeyView[]): PolicyView {
  const { account, label } = policy;
  const covered = keys.filter((key) => (account === null || key.accountId === account) && (label === null || key.labels.includes(label)));
  const scopeWords = account ? `Account ${accounts.find(({ id }) => id === account)?.label ?? account}` : label ? `Label ${label}` : 'Every key';
  return { ...policy, id, scopeWords, keys: covered.length, due: covered.filter(({ due }) => due).length };
}

export function samplePolicies(): PolicyView[] {
  return [
    { id: 'policy-1', account: null, label: null, scopeWords: 'Every key', maxAgeDays: 365, remindDays: 14, rotateAlone: false, choice: '24h', keys: 50, due: 2 },
    { id: 'policy-2', account: null, label: 'payments', scopeWords: 'Label payments', maxAgeDays: 90, remindDays: 7, rotateAlone: true, choice: '7d', keys: 2, due: 1 },
  ];
}

export function sampleReminders(keys: readonly KeyView[]): ReminderView[] {
  const [, crm, zapier, nightly] = keys;
  if (!crm || !zapier || !nightly) return [];
  return [
    { id: 'reminder-3', key: nightly.id, title: `${nightly.name} at Rehearsal`, words: 'Due for rotation: older than the 90 days of its policy.', at: ago(0.4), seen: false, kind: 'due' },
    { id: 'reminder-2', key: zapier.id, title: `${zapier.name} at Rehearsal`, words: 'It expires in 4 days. Rotate it before, so that nothing that uses it fails.', at: ago(20), seen: false, kind: 'expiry' },
    { id: 'reminder-1', key: crm.id, title: `${crm.name} at Rehearsal`, words: 'It was changed outside Keyturn: its scopes are others than at the last reading.', at: ago(70), seen: true, kind: 'changedOutside' },
  ];
}

export function policyCommands(world: World, tell: Tell, fail: Fail) {
  return {
    setLabels: async (ids, add, remove) => {
      world.keys = world.keys.map((key) =>
        ids.includes(key.id) ? { ...key, labels: [...new Set([...key.labels, ...add])].filter((label) => !remove.includes(label)).sort(inOrder) } : key,
      );
      tell('keys-changed', null);
    },
    labels: async () => [...new Set(world.keys.flatMap(({ labels }) => labels))].sort(inOrder),
    policies: async () => world.policies,
    savePolicy: async (policy) => {
      if (policy.maxAgeDays < 1) fail('invalidInput', 'The age must be at least one day.', 'maxAgeDays');
      const saved = viewOf(policy, policy.id ?? `policy-${world.policies.length + 1}`, world.keys);
      world.policies = policy.id ? world.policies.map((each) => (each.id === policy.id ? saved : each)) : [...world.policies, saved];
      tell('keys-changed', null);
      return saved;
    },
    removePolicy: async (id) => {
      world.policies = world.policies.filter((each) => each.id !== id);
      tell('keys-changed', null);
    },
    reminders: async () => world.reminders,
    seeReminders: async () => {
      world.reminders = world.reminders.map((each) => ({ ...each, seen: true }));
      tell('reminders-changed', null);
    },
    dismissReminder: async (id) => {
      world.reminders = world.reminders.filter((each) => each.id !== id);
      tell('reminders-changed', null);
    },
    dismissReminders: async () => {
      world.reminders = [];
      tell('reminders-changed', null);
    },
  } satisfies Partial<Backend>;
}
