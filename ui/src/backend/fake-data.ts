// Believable accounts and keys for the fake backend. Deterministic.

import { leadterra, natural, naturalead, neuralDraft, smartlead, smartleadClients } from './fake-vendors';
import type { AccountView } from './wire/AccountView';
import type { KeyView } from './wire/KeyView';
import type { LastUseView } from './wire/LastUseView';
import type { StatusView } from './wire/StatusView';
import type { VendorView } from './wire/VendorView';

export const vendor = naturalead;
export const VENDOR_NAME = vendor.name;

const now = Date.now();
export const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

export const account: AccountView = {
  id: 'rehearsal-naturalead',
  vendor: 'naturalead',
  vendorName: VENDOR_NAME,
  label: 'Rehearsal',
  baseUrl: 'http://127.0.0.1:40123',
  environment: { kind: 'live' },
  rehearsal: true,
  managingMasked: 'nl_live_…77aa',
  managingKeyId: 'key_0',
  managingUnknown: false,
  connectedAt: ago(2),
  freshness: { kind: 'fresh', readAt: ago(0.05) },
  keys: 24,
  refusedScopes: [],
  assisted: false,
  slots: null,
  settings: [],
  dashboard: null,
  clocks: null,
  shared: [],
};

/** An account of `vendor`, as it stands right after it was connected. */
export function accountOf(of: VendorView, more: Partial<AccountView> = {}): AccountView {
  return {
    ...account,
    id: of.id,
    vendor: of.id,
    vendorName: of.name,
    label: of.name,
    baseUrl: of.defaultBaseUrl,
    environment: of.environments[0] ?? { kind: 'none' },
    rehearsal: false,
    managingMasked: of.assisted ? null : `${of.keyExample.split('…')[0]}…k2Qp`,
    managingKeyId: of.assisted ? null : 'key_0',
    freshness: of.assisted ? { kind: 'byHand' } : { kind: 'fresh', readAt: ago(0.2) },
    keys: 0,
    assisted: of.assisted,
    dashboard: of.dashboard,
    ...more,
  };
}

export const accounts: AccountView[] = [
  account,
  accountOf(natural, {
    label: 'Natural production',
    keys: 3,
    settings: [
      { name: 'agent', label: 'Agent id', value: 'agt_01hzx' },
      { name: 'instance', label: 'Instance id', value: 'ops-console' },
    ],
  }),
  accountOf(neuralDraft, { label: 'Website', keys: 17, slots: { used: 17, limit: 20 } }),
  accountOf(leadterra, { keys: 2 }),
  accountOf(smartlead, { keys: 2 }),
  accountOf(smartleadClients, { label: 'Client 4711', keys: 2, settings: [{ name: 'client', label: 'Client id', value: '4711' }] }),
];

const NAMES = [
  'Keyturn managing key', 'CRM integration', 'Zapier lead import', 'Nightly sync', 'Mobile app backend', 'Data warehouse export',
  'Staging smoke tests', 'Website contact form', 'Support desk bridge', 'Ana’s laptop', 'Campaign launcher', 'BI dashboard',
  'An integration whose name somebody wrote as a whole sentence so that nobody would ever delete it by mistake, please ask first',
  'Old importer (do not use)', 'Partner: Müller & Söhne GmbH', '営業チームの同期', 'Webhook relay', 'Load test 2026-09',
  'Agent configuration sync', 'Knowledge upload', 'Audit exporter', 'A/B test runner', 'Sandbox', 'Contractor access',
];

const STATUSES: StatusView[] = [
  { kind: 'active' }, { kind: 'active' }, { kind: 'active' }, { kind: 'active' }, { kind: 'active' },
  { kind: 'expiring', at: new Date(now + 4 * 86_400_000).toISOString() },
  { kind: 'revoked', at: ago(500) }, { kind: 'expired', at: ago(90) },
];

const LAST_USES: LastUseView[] = [
  { kind: 'at', at: ago(0.2) }, { kind: 'at', at: ago(3) }, { kind: 'at', at: ago(50) }, { kind: 'never' },
  { kind: 'at', at: ago(24 * 70) }, { kind: 'notReported' }, { kind: 'at', at: ago(24 * 200) },
];

const LABELS: Record<number, string[]> = { 1: ['sales'], 3: ['payments', 'nightly'], 5: ['payments'], 10: ['sales'] };

const pick = <T>(from: readonly T[], n: number): T => from[n % from.length]!;

export function manyKeys(count: number): KeyView[] {
  return Array.from({ length: count }, (_, n): KeyView => {
    const live = n % 3 !== 2;
    const status = pick(STATUSES, n);
    return {
      id: `${account.id}/key_${n}`,
      vendorKeyId: `key_${n}`,
      accountId: account.id,
      accountLabel: account.label,
      vendor: vendor.id,
      name: n < NAMES.length ? NAMES[n]! : `${pick(NAMES, n * 7)} ${n}`,
      masked: `nl_${live ? 'live' : 'test'}_…${(n * 48_271 % 65_536).toString(16).padStart(4, '0')}`,
      environment: { kind: live ? 'live' : 'test' },
      scopes: vendor.scopes.slice(n % 9, (n % 9) + 1 + (n % 7)).map(({ scope }) => scope),
      lastUse: pick(LAST_USES, n),
      createdAt: ago(24 * (3 + n * 5 % 400)),
      expires: n % 4 === 0 ? { kind: 'never' } : { kind: 'at', at: new Date(now + (n % 90) * 86_400_000).toISOString() },
      status,
      managing: n === 0,
      unsaved: null,
      changedOutside: null,
      adopted: false,
      checked: null,
      operation: null,
      findings: [],
      labels: LABELS[n] ?? [],
      due: n % 11 === 3 ? { at: ago(24 * (n - 10)), overdue: n > 10, words: n > 10 ? `Due for rotation since ${n - 10} days: older than 90 days` : `Due for rotation in ${10 - n} days` } : null,
    };
  });
}

/** A key of `of`; what is not said is as in a plain, active key. */
export function keyOf(of: AccountView, name: string, more: Partial<KeyView> = {}): KeyView {
  const vendorKeyId = `key_${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
  return {
    ...manyKeys(1)[0]!,
    id: `${of.id}/${vendorKeyId}`,
    vendorKeyId,
    accountId: of.id,
    accountLabel: of.label,
    vendor: of.vendor,
    name,
    masked: of.assisted ? `…${name.slice(-4)}` : (of.managingMasked ?? '').replace('k2Qp', name.slice(-4)),
    environment: of.environment,
    scopes: [],
    expires: { kind: 'never' },
    status: { kind: 'active' },
    labels: [],
    due: null,
    managing: false,
    adopted: of.assisted,
    lastUse: of.assisted ? { kind: 'notReported' } : { kind: 'at', at: ago(3) },
    ...more,
  };
}

/** Keys of every vendor beside Naturalead. */
export function otherKeys(): KeyView[] {
  const [, production, website, workspace, mail, client] = accounts as [AccountView, AccountView, AccountView, AccountView, AccountView, AccountView];
  const never: LastUseView = { kind: 'never' };
  return [
    keyOf(production, 'Keyturn at Natural', { managing: true, scopes: ['api_keys.read', 'api_keys.create', 'api_keys.delete'] }),
    keyOf(production, 'Checkout', { scopes: ['payments.read', 'payments.create'] }),
    keyOf(production, 'Checkout sandbox', { environment: { kind: 'test' }, scopes: ['payments.read'] }),
    keyOf(website, 'Keyturn at Neural Draft', { managing: true, scopes: ['project:*'] }),
    keyOf(website, 'prod-server', { scopes: ['*'] }),
    keyOf(website, 'lovable-preview', { scopes: ['content:*', 'images:*'] }),
    ...Array.from({ length: 14 }, (_, n) => keyOf(website, `builder-${n + 1}`, { scopes: ['content:read', 'blog:read'], lastUse: n > 11 ? never : { kind: 'at', at: ago(n * 7) } })),
    keyOf(workspace, 'CRM bridge', { checked: { at: ago(0.04), alive: true } }),
    keyOf(workspace, 'Reporting', { createdAt: null }),
    keyOf(mail, 'Warm-up tool', { checked: { at: ago(3), alive: false } }),
    keyOf(mail, 'Outreach', { createdAt: null }),
    keyOf(client, 'Client dashboard'),
    keyOf(client, 'Client export', { lastUse: never }),
  ];
}
