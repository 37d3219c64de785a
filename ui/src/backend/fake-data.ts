// Believable data for the fake backend: one vendor, one account, as many keys as wanted. Deterministic.

import type { AccountView } from './wire/AccountView';
import type { KeyView } from './wire/KeyView';
import type { LastUseView } from './wire/LastUseView';
import type { StatusView } from './wire/StatusView';
import type { VendorView } from './wire/VendorView';

export const VENDOR_NAME = 'Naturalead';

const SCOPES: [domain: string, scope: string, description: string, dangerous: boolean][] = [
  ['Leads', 'leads:view', 'List, search, and filter leads', false],
  ['Leads', 'leads:import', 'Create, update, delete, and import leads', false],
  ['Leads', 'leads:start_conversation', 'Start conversations with leads', false],
  ['Leads', 'leads:sync_create', 'Bulk sync (create/update) leads', false],
  ['Leads', 'leads:sync_delete', 'Bulk delete synced leads', true],
  ['Conversations', 'conversations:view', 'List and read conversations', false],
  ['Conversations', 'conversations:edit', 'Edit conversation data', false],
  ['Conversations', 'conversations:send_message', 'Send messages in conversations', true],
  ['Conversations', 'conversations:change_status', 'Update conversation status', false],
  ['Agent Config', 'agent_config:view', 'View agent configurations', false],
  ['Agent Config', 'agent_config:edit', 'Create and modify agents', false],
  ['Knowledge', 'knowledge:view', 'View knowledge bases and documents', false],
  ['Knowledge', 'knowledge:upload', 'Upload documents and manage sources', false],
  ['Knowledge', 'knowledge:delete', 'Delete documents and knowledge bases', true],
  ['Campaigns', 'campaigns:view', 'List and view campaigns', false],
  ['Campaigns', 'campaigns:create', 'Create new campaigns', false],
  ['Campaigns', 'campaigns:edit', 'Update campaign settings', false],
  ['Campaigns', 'campaigns:launch', 'Launch and pause campaigns', true],
  ['Campaigns', 'campaigns:delete', 'Delete campaigns', true],
  ['Analytics', 'analytics:view', 'View analytics and reports', false],
  ['A/B Testing', 'ab_testing:view', 'View A/B tests', false],
  ['A/B Testing', 'ab_testing:manage', 'Create and manage A/B tests', false],
  ['Audit', 'audit:view', 'View audit logs', false],
  ['Audit', 'audit:export', 'Export audit logs', true],
  ['API Keys', 'api_keys:view', 'View API keys', false],
  ['API Keys', 'api_keys:manage', 'Manage API keys', true],
];

export const vendor: VendorView = {
  id: 'naturalead',
  name: VENDOR_NAME,
  defaultBaseUrl: 'https://api.naturalead.ai',
  environments: [{ kind: 'live' }, { kind: 'test' }],
  nameLimit: 255,
  scopes: SCOPES.map(([domain, scope, description, dangerous]) => ({ domain, scope, description, dangerous })),
  templates: [
    { name: 'Read only', description: 'Every view scope', scopes: SCOPES.map(([, scope]) => scope).filter((s) => s.endsWith(':view')) },
    { name: 'CRM integration', description: 'Read, import and sync leads', scopes: ['leads:view', 'leads:import', 'leads:sync_create'] },
  ],
  keyExample: 'nl_live_… (64 characters after the prefix)',
  canList: true,
  canCreate: true,
  canExpire: true,
  keyLimit: null,
  dashboard: null,
  assisted: false,
  fields: [],
  variable: 'NATURALEAD_API_KEY',
  fullPrivilege: null,
};

const now = Date.now();
const ago = (hours: number) => new Date(now - hours * 3_600_000).toISOString();

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
  settings: {},
  connectedAt: ago(2),
  freshness: { kind: 'fresh', readAt: ago(0.05) },
  keys: 24,
  refusedScopes: [],
};

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
      scopes: SCOPES.slice(n % 9, (n % 9) + 1 + (n % 7)).map(([, scope]) => scope),
      lastUse: pick(LAST_USES, n),
      createdAt: ago(24 * (3 + n * 5 % 400)),
      expiresAt: n % 4 === 0 ? null : new Date(now + (n % 90) * 86_400_000).toISOString(),
      status,
      managing: n === 0,
      unsaved: null,
      changedOutside: null,
      checked: null,
    };
  });
}
