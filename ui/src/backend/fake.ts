// The backend played in memory: for a browser while developing, and for component tests. `?keys=5000&theme=dark`.

import type { Backend, Events } from './backend';
import { accountCommands, mayManage } from './fake-accounts';
import { auditCommands } from './fake-audit';
import { batchCommands, sampleBatches } from './fake-batches';
import { VENDOR_NAME, account, accountOf, accounts, keyOf, manyKeys, otherKeys } from './fake-data';
import { type Accepted, examined, findingsOf } from './fake-findings';
import { policyCommands, samplePolicies, sampleReminders } from './fake-policies';
import { ENDED, FAULTS, YES, no, operationIn, overlapHours, planOf, sampleOperations } from './fake-rotation';
import { VENDORS, naturalead } from './fake-vendors';
import { viewCommands } from './fake-views';
import { windowOf } from './fake-window';
import type { AccountView } from './wire/AccountView';
import type { EscrowView } from './wire/EscrowView';
import type { FailureView } from './wire/FailureView';
import type { FaultView } from './wire/FaultView';
import type { GivenSecret } from './wire/GivenSecret';
import type { KeyView } from './wire/KeyView';
import type { OperationStateView } from './wire/OperationStateView';
import type { OperationView } from './wire/OperationView';
import type { SavedViewView } from './wire/SavedViewView';
import type { SettingsView } from './wire/SettingsView';
import type { VaultView } from './wire/VaultView';

const wanted = new URLSearchParams(globalThis.location?.search ?? '');
const listeners = new Map<string, Set<(payload: never) => void>>();

function tell<E extends keyof Events>(event: E, payload: Events[E]) {
  for (const hear of listeners.get(event) ?? []) hear(payload as never);
}

function fail(code: FailureView['code'], message: string, field: string | null = null): never {
  throw { code, message, hint: null, retryable: false, field } satisfies FailureView;
}

const everyKey = [...manyKeys(Number(wanted.get('keys') ?? 24)), ...otherKeys()];

/** What the fake holds; tests set it and read it. */
export const world = {
  keys: everyKey,
  accounts,
  operations: sampleOperations(everyKey),
  faults: FAULTS,
  batches: sampleBatches(everyKey),
  policies: samplePolicies(),
  reminders: sampleReminders(everyKey),
  views: [] as SavedViewView[],
  unsaved: [] as EscrowView[],
  /** Ids of keys that a list which is doubted lacks. */
  missing: [] as string[],
  accepted: new Map() as Accepted,
  vault: { kind: 'open' } as VaultView,
  settings: {
    theme: (wanted.get('theme') ?? 'system') as SettingsView['theme'],
    autoLockMinutes: 10,
    clipboardSeconds: 30,
    refreshMinutes: 5,
    notifications: true,
    zoom: 100,
  } satisfies SettingsView as SettingsView,
};

export type World = typeof world;

function find(id: string): KeyView {
  return world.keys.find((key) => key.id === id) ?? fail('notFound', 'No such key here any more.');
}

function accountWith(id: string): AccountView {
  return world.accounts.find((each) => each.id === id) ?? fail('notFound', 'No such account here any more.');
}

function vendorOf(key: KeyView) {
  return VENDORS.find(({ id }) => id === key.vendor) ?? naturalead;
}

function operation(id: string): OperationView {
  return world.operations.find((each) => each.id === id) ?? fail('notFound', 'No such operation here any more.');
}

function moved(id: string, state: OperationStateView, more: Partial<OperationView> = {}): OperationView {
  const old = operation(id);
  const fresh = operationIn(state, id, old.key!, accountWith(old.accountId), { successor: old.successor, startedAt: old.startedAt, evidence: old.evidence, ...more });
  world.operations = world.operations.map((each) => (each.id === id ? fresh : each));
  if (ENDED.includes(state)) for (const key of world.keys) if (key.operation === id) key.operation = null;
  tell('operations-changed', null);
  tell('keys-changed', null);
  return fresh;
}

/** What is given must look whole; from the clipboard it always does. */
function checkGiven({ typed, found }: GivenSecret, field: string) {
  if (typed !== null && !found && typed.length < 12) fail('invalidInput', 'This is not a whole key: it is cut short.', field);
}

function escrow(key: KeyView, rotatedFrom: string | null): EscrowView {
  key.unsaved = `escrow-${world.unsaved.length + 1}`;
  const made = { id: key.unsaved, key, rotatedFrom, createdAt: new Date().toISOString(), differences: [] };
  world.unsaved = [...world.unsaved, made];
  queueMicrotask(() => {
    tell('keys-changed', null);
    tell('unsaved-changed', null);
  });
  return made;
}

export const fake: Backend = {
  ...accountCommands(world, tell, fail),
  ...auditCommands(world, tell, fail),
  ...batchCommands(world, tell, fail),
  ...policyCommands(world, tell, fail),
  ...viewCommands(world),
  start: async () => ({
    version: '0.1.0',
    vault: world.vault,
    vendors: VENDORS,
    accounts: world.accounts,
    unsaved: world.unsaved,
    settings: world.settings,
    notices: [],
    profileDir: '/home/admin/.local/share/keyturn',
  }),
  listKeys: async (query) => windowOf(examined(world.keys, world.accepted), world.accounts, query),
  keyPage: async (id) => {
    const key = find(id);
    const revoked = key.status.kind === 'revoked';
    const vendor = vendorOf(key);
    const byHand = no(`${vendor.name} keys are revoked in its dashboard.`);
    return {
      key: { ...key },
      vendorName: vendor.name,
      creator: key.adopted ? null : 'ada@example.com',
      scopeDetails: key.scopes.map((scope) => {
        const known = vendor.scopes.find((entry) => entry.scope === scope);
        return { scope, description: known?.description ?? null, dangerous: known?.dangerous ?? false };
      }),
      rotate: revoked ? no('This key is revoked.') : key.operation ? no('It is being rotated already.') : YES,
      revoke: key.adopted ? byHand : revoked ? no('This key is already revoked.') : YES,
      delete: key.adopted ? no(`${vendor.name} keys are deleted in its dashboard.`) : revoked ? YES : no('Only a revoked key can be deleted. Revoke it first.'),
      check: key.adopted ? YES : no('Keyturn does not hold this key.'),
      forget: key.adopted ? YES : no('Only a key that was brought here can be removed.'),
      mayManage: mayManage(key, world.accounts.find((each) => each.id === key.accountId)),
      concerns: key.scopes.includes('*') ? ['This key may do everything in the project, now and later.'] : [],
      dashboard: vendor.dashboard,
      variable: vendor.variable,
      history: [{ at: key.createdAt ?? new Date().toISOString(), what: 'Create: asked for in Keyturn', failed: false }],
      findings: findingsOf(key, world.keys, world.accepted),
    };
  },
  accounts: async () => world.accounts,
  connectAccount: async (request) => {
    const vendor = VENDORS.find(({ id }) => id === request.vendor) ?? naturalead;
    const key = request.managingKey;
    if (key !== null && /^\d+\|/.test(key)) fail('invalidInput', 'This is a Sanctum token of the Admin API, which Keyturn does not manage.', 'managingKey');
    if (!vendor.assisted && key !== null && key.length < 32) fail('invalidInput', 'This is not a whole key: it is cut short.', 'managingKey');
    const made = accountOf(vendor, {
      id: `account-${world.accounts.length + 1}`,
      label: request.label,
      settings: vendor.fields.flatMap(({ name, label }) => (request.settings[name] ? [{ name, label, value: request.settings[name] }] : [])),
    });
    world.accounts = [...world.accounts, made];
    tell('accounts-changed', null);
    return made;
  },
  addRehearsal: async (id) => {
    const vendor = VENDORS.find((each) => each.id === id) ?? naturalead;
    const made = id === account.vendor ? account : accountOf(vendor, { id: `rehearsal-${id}`, label: `Rehearsal of ${vendor.name}`, rehearsal: true, baseUrl: account.baseUrl });
    world.accounts = [...world.accounts, made];
    tell('accounts-changed', null);
    return made;
  },
  refresh: async () => tell('keys-changed', null),
  cancelRefresh: async () => {},
  createKey: async (request) => {
    const of = accountWith(request.accountId);
    if (of.slots && of.slots.used >= of.slots.limit) fail('refused', `${of.vendorName} allows ${of.slots.limit} active keys.`);
    const scoped = (VENDORS.find(({ id }) => id === of.vendor)?.scopes.length ?? 0) > 0;
    if (scoped && request.scopes.length === 0) fail('invalidInput', 'Choose at least one scope.', 'scopes');
    const key: KeyView = keyOf(accountWith(request.accountId), request.name, {
      id: `${request.accountId}/key_new${world.keys.length}`,
      vendorKeyId: `key_new${world.keys.length}`,
      environment: request.environment,
      scopes: request.scopes,
      createdAt: new Date().toISOString(),
      expires: request.expiresAt ? { kind: 'at', at: request.expiresAt } : { kind: 'never' },
      lastUse: { kind: 'never' },
    });
    world.keys.push(key);
    return escrow(key, null);
  },
  unsaved: async () => world.unsaved,
  copySecret: async () => ({ clearsIn: world.settings.clipboardSeconds }),
  revealSecret: async () => {},
  revealedSecret: async () => ({ name: 'CRM sync', value: `nl_live_${'0f'.repeat(32)}`, closesIn: 30, vendor: VENDOR_NAME }),
  closeReveal: async () => {},
  acknowledgeKey: async (id) => {
    const done = world.unsaved.find((each) => each.id === id);
    if (done) find(done.key.id).unsaved = null;
    const waiting = world.operations.find((each) => each.escrow === id);
    if (waiting) moved(waiting.id, find(waiting.key!.id).adopted ? 'revokeByHand' : 'overlap');
    world.unsaved = world.unsaved.filter((each) => each.id !== id);
    tell('unsaved-changed', null);
    tell('keys-changed', null);
  },
  planRotation: async (id) => {
    const key = find(id);
    return planOf(key, accountWith(key.accountId), vendorOf(key));
  },
  rotateKey: async ({ key: id, choice, oldKey }) => {
    const old = find(id);
    const of = accountWith(old.accountId);
    if (oldKey) checkGiven(oldKey, 'oldKey');
    const begun = `op-${world.operations.length + 1}`;
    const byHand = vendorOf(old).assisted;
    const made = byHand ? null : { ...old, id: `${id}-next`, masked: old.masked.replace(/….*/, '…cafe') };
    if (choice === 'atomic') old.status = { kind: 'revoked', at: new Date().toISOString() };
    else old.operation = begun;
    if (made) world.keys.push(made);
    const waits = made && escrow(made, old.name);
    const started = operationIn(byHand ? 'bringNewKey' : 'unsaved', begun, old, of, { successor: made, escrow: waits?.id ?? null, startedAt: new Date().toISOString() });
    if (choice !== 'atomic') world.operations = [...world.operations, { ...started, nextAt: overlapHours(choice) ? started.nextAt : null }];
    queueMicrotask(() => (tell('operations-changed', null), tell('keys-changed', null)));
    return { operation: begun, escrow: waits };
  },
  bringKey: async ({ operation: id, newKey }) => {
    checkGiven(newKey, 'newKey');
    const { key } = operation(id);
    const made: KeyView = { ...find(key!.id), id: `${key!.id}-next`, masked: '…cafe', operation: null };
    world.keys.push(made);
    const waits = escrow(made, key!.name);
    moved(id, 'unsaved', { successor: made, escrow: waits.id });
    return waits;
  },
  finishRotation: async (id) => {
    const old = find(operation(id).key!.id);
    old.status = { kind: 'revoked', at: new Date().toISOString() };
    return moved(id, operation(id).state === 'revokeByHand' ? 'done' : 'proving');
  },
  undoRotation: async (id) => moved(id, 'undone'),
  askAgain: async (id) => {
    const { askAgain, state } = operation(id);
    if (!askAgain.allowed) fail('notAllowed', askAgain.reason!);
    return moved(id, state === 'proving' ? 'revoking' : 'undoing');
  },
  leaveRotation: async (id) => {
    const { leave } = operation(id);
    if (!leave.allowed) fail('notAllowed', leave.reason!);
    return moved(id, 'left');
  },
  operations: async () => world.operations,
  adoptKey: async ({ accountId, label, key }) => {
    checkGiven(key, 'key');
    const made = keyOf(accountWith(accountId), label, { checked: { at: new Date().toISOString(), alive: true } });
    world.keys.push(made);
    tell('keys-changed', null);
    return made;
  },
  checkKey: async (id) => {
    const checked = { at: new Date().toISOString(), alive: true };
    find(id).checked = checked;
    tell('keys-changed', null);
    return checked;
  },
  forgetKey: async (id) => {
    world.keys = world.keys.filter((each) => each.id !== id);
    tell('keys-changed', null);
  },
  keyUsage: async (id) => {
    const key = world.keys.find((each) => each.id === id);
    if (key?.vendor !== 'neural-draft') return [];
    return [
      { ip: '203.0.113.7', lastUsedAt: key.createdAt, count: 1204 },
      { ip: '198.51.100.23', lastUsedAt: null, count: null },
    ];
  },
  openDashboard: async () => {},
  faults: async () => world.faults,
  setFault: async (_, fault, on): Promise<FaultView[]> => (world.faults = world.faults.map((each) => (each.id === fault ? { ...each, on } : each))),
  revokeKey: async ({ key }) => {
    find(key).status = { kind: 'revoked', at: new Date().toISOString() };
    tell('keys-changed', null);
  },
  deleteKey: async ({ key }) => {
    world.keys = world.keys.filter((each) => each.id !== key);
    tell('keys-changed', null);
  },
  vault: async () => world.vault,
  lockVault: async () => {
    world.vault = { kind: 'locked', idle: false };
    tell('vault-changed', world.vault);
  },
  unlockVault: async () => {
    world.vault = { kind: 'open' };
    tell('vault-changed', world.vault);
    return world.vault;
  },
  saveSettings: async (settings) => (world.settings = settings),
  noteActivity: async () => {},
  dismissNotice: async () => {},
  quit: async () => {},
  on: (event, hear) => {
    const hearing = listeners.get(event) ?? new Set();
    listeners.set(event, hearing.add(hear as never));
    return () => hearing.delete(hear as never);
  },
};
