// The backend played in memory: for a browser while developing, and for component tests. `?keys=5000&theme=dark`.

import type { Backend, Events } from './backend';
import { VENDOR_NAME, account, manyKeys, vendor } from './fake-data';
import type { EscrowView } from './wire/EscrowView';
import type { FailureView } from './wire/FailureView';
import type { KeyQuery } from './wire/KeyQuery';
import type { KeyView } from './wire/KeyView';
import type { KeyWindowView } from './wire/KeyWindowView';
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

/** What the fake holds; tests set it and read it. */
export const world = {
  keys: manyKeys(Number(wanted.get('keys') ?? 24)),
  accounts: [account],
  unsaved: [] as EscrowView[],
  vault: { kind: 'open' } as VaultView,
  settings: {
    theme: (wanted.get('theme') ?? 'system') as SettingsView['theme'],
    autoLockMinutes: 10,
    clipboardSeconds: 30,
    refreshMinutes: 5,
  } satisfies SettingsView as SettingsView,
};

function find(id: string): KeyView {
  return world.keys.find((key) => key.id === id) ?? fail('notFound', 'No such key here any more.');
}

function statusOf(key: KeyView): string {
  return key.unsaved ? 'unsaved' : key.status.kind;
}

function windowOf(query: KeyQuery): KeyWindowView {
  const terms = query.search.toLowerCase().split(/\s+/).filter(Boolean);
  const passing = world.keys.filter((key) => {
    const text = `${key.name} ${key.masked} ${key.vendorKeyId} ${key.scopes.join(' ')}`.toLowerCase();
    return (
      terms.every((term) => text.includes(term)) &&
      (query.accounts.length === 0 || query.accounts.includes(key.accountId)) &&
      (query.environments.length === 0 || query.environments.includes(key.environment.kind)) &&
      (query.statuses.length === 0 || (query.statuses as string[]).includes(statusOf(key)))
    );
  });
  passing.sort((a, b) => a.name.localeCompare(b.name, 'en'));
  if (query.descending) passing.reverse();
  const tally = (of: (key: KeyView) => string) => {
    const counts = new Map<string, number>();
    for (const key of passing) counts.set(of(key), (counts.get(of(key)) ?? 0) + 1);
    return [...counts].map(([value, count]) => ({ value, label: value[0]?.toUpperCase() + value.slice(1), count }));
  };
  return {
    rows: passing.slice(query.offset, query.offset + query.limit),
    offset: query.offset,
    total: passing.length,
    everything: world.keys.length,
    facets: {
      accounts: world.accounts.map(({ id, label }) => ({ value: id, label, count: passing.length })),
      environments: tally((key) => key.environment.kind),
      statuses: tally(statusOf),
      lastUses: [],
    },
  };
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
  start: async () => ({
    version: '0.1.0',
    vault: world.vault,
    vendors: [vendor],
    accounts: world.accounts,
    unsaved: world.unsaved,
    settings: world.settings,
    notices: [],
    profileDir: '/home/admin/.local/share/keyturn',
  }),
  listKeys: async (query) => windowOf(query),
  keyPage: async (id) => {
    const key = find(id);
    const revoked = key.status.kind === 'revoked';
    return {
      key,
      vendorName: vendor.name,
      creator: 'ada@example.com',
      scopeDetails: key.scopes.map((scope) => {
        const known = vendor.scopes.find((entry) => entry.scope === scope);
        return { scope, description: known?.description ?? null, dangerous: known?.dangerous ?? false };
      }),
      rotate: { allowed: !revoked, reason: revoked ? 'This key is revoked.' : null },
      revoke: { allowed: !revoked, reason: revoked ? 'This key is already revoked.' : null },
      delete: { allowed: revoked, reason: revoked ? null : 'Only a revoked key can be deleted. Revoke it first.' },
      history: [{ at: key.createdAt ?? new Date().toISOString(), what: 'Create: asked for in Keyturn', failed: false }],
    };
  },
  accounts: async () => world.accounts,
  connectAccount: async (request) => {
    if (request.managingKey !== null && request.managingKey.length < 72) {
      fail('invalidInput', 'This is not a whole key: it is cut short.', 'managingKey');
    }
    const made = { ...account, id: `account-${world.accounts.length + 1}`, label: request.label, rehearsal: false, keys: 0 };
    world.accounts = [...world.accounts, made];
    return made;
  },
  addRehearsal: async () => account,
  disconnectAccount: async (id) => {
    world.accounts = world.accounts.filter((each) => each.id !== id);
    world.keys = world.keys.filter((key) => key.accountId !== id);
    tell('accounts-changed', null);
    tell('keys-changed', null);
  },
  refresh: async () => tell('keys-changed', null),
  cancelRefresh: async () => {},
  createKey: async (request) => {
    if (request.scopes.length === 0) fail('invalidInput', 'Choose at least one scope.', 'scopes');
    const key: KeyView = {
      ...(world.keys[0] ?? manyKeys(1)[0]!),
      id: `${request.accountId}/key_new${world.keys.length}`,
      vendorKeyId: `key_new${world.keys.length}`,
      name: request.name,
      environment: request.environment,
      masked: `nl_${request.environment.kind}_…beef`,
      scopes: request.scopes,
      expiresAt: request.expiresAt,
      lastUse: { kind: 'never' },
      status: { kind: 'active' },
      managing: false,
    };
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
    world.unsaved = world.unsaved.filter((each) => each.id !== id);
    tell('unsaved-changed', null);
    tell('keys-changed', null);
  },
  planRotation: async (id) => ({
    key: find(id),
    steps: [
      `${vendor.name} makes a new key with the same name, scopes, environment and expiry.`,
      'In the same moment the old key stops working. There is no overlap.',
      'The new key is sealed in the vault and shown to you once, to be saved.',
    ],
    warnings: ['Every system that still uses the old key fails until you give it the new one.'],
    allowed: { allowed: true, reason: null },
  }),
  rotateKey: async (id) => {
    const old = find(id);
    const made = { ...old, id: `${id}-next`, masked: old.masked.replace(/….*/, '…cafe') };
    old.status = { kind: 'revoked', at: new Date().toISOString() };
    world.keys.push(made);
    return escrow(made, old.name);
  },
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
