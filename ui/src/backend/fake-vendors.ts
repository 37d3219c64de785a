// The vendors of the fake backend, as the providers describe them. Deterministic; knows no account and no key.

import type { FieldView } from './wire/FieldView';
import type { ScopeView } from './wire/ScopeView';
import type { TemplateView } from './wire/TemplateView';
import type { VendorView } from './wire/VendorView';

type Line = readonly [domain: string, names: string, dangerous?: string];

/** `Leads`, `leads:view leads:import`: one line a domain; `dangerous` are among the names. */
function catalogue(lines: readonly Line[], describe: (scope: string) => string): ScopeView[] {
  return lines.flatMap(([domain, names, dangerous = '']) =>
    names.split(' ').map((scope) => ({
      scope,
      domain,
      description: describe(scope),
      dangerous: dangerous.split(' ').includes(scope),
      covers: [],
    })),
  );
}

const NATURALEAD: Record<string, [domain: string, description: string, dangerous?: true]> = {
  'leads:view': ['Leads', 'List, search, and filter leads'],
  'leads:import': ['Leads', 'Create, update, delete, and import leads'],
  'leads:start_conversation': ['Leads', 'Start conversations with leads'],
  'leads:sync_create': ['Leads', 'Bulk sync (create/update) leads'],
  'leads:sync_delete': ['Leads', 'Bulk delete synced leads', true],
  'conversations:view': ['Conversations', 'List and read conversations'],
  'conversations:edit': ['Conversations', 'Edit conversation data'],
  'conversations:send_message': ['Conversations', 'Send messages in conversations', true],
  'conversations:change_status': ['Conversations', 'Update conversation status'],
  'agent_config:view': ['Agent Config', 'View agent configurations'],
  'agent_config:edit': ['Agent Config', 'Create and modify agents'],
  'knowledge:view': ['Knowledge', 'View knowledge bases and documents'],
  'knowledge:upload': ['Knowledge', 'Upload documents and manage sources'],
  'knowledge:delete': ['Knowledge', 'Delete documents and knowledge bases', true],
  'campaigns:view': ['Campaigns', 'List and view campaigns'],
  'campaigns:create': ['Campaigns', 'Create new campaigns'],
  'campaigns:edit': ['Campaigns', 'Update campaign settings'],
  'campaigns:launch': ['Campaigns', 'Launch and pause campaigns', true],
  'campaigns:delete': ['Campaigns', 'Delete campaigns', true],
  'analytics:view': ['Analytics', 'View analytics and reports'],
  'ab_testing:view': ['A/B Testing', 'View A/B tests'],
  'ab_testing:manage': ['A/B Testing', 'Create and manage A/B tests'],
  'audit:view': ['Audit', 'View audit logs'],
  'audit:export': ['Audit', 'Export audit logs', true],
  'api_keys:view': ['API Keys', 'View API keys'],
  'api_keys:manage': ['API Keys', 'Manage API keys', true],
};

const NATURAL: readonly Line[] = [
  ['Party', 'party.read party.update'],
  ['Invites', 'invite.read invite.create invite.update invite.delete', 'invite.create'],
  ['Memberships', 'membership.create membership.read membership.update membership.delete', 'membership.create membership.update membership.delete'],
  ['Payments', 'payments.create payments.read', 'payments.create'],
  ['External accounts', 'external_accounts.create', 'external_accounts.create'],
  ['Wallets', 'wallets.read wallets.create wallets.update wallets.delete wallets.fund wallets.withdraw', 'wallets.delete wallets.fund wallets.withdraw'],
  ['Delegations', 'delegations.read delegations.create delegations.update delegations.delete', 'delegations.create delegations.update'],
  ['API keys', 'api_keys.read api_keys.create api_keys.delete', 'api_keys.create api_keys.delete'],
  ['Agents', 'agents.read agents.create agents.update agents.delete', 'agents.delete'],
  ['Disputes', 'disputes.read disputes.create'],
];

const NEURAL: readonly Line[] = [
  ['Everything', '*', '*'],
  ['Project', 'project:* project:read project:write project:admin', 'project:* project:admin'],
  ['Content', 'content:* content:read content:write'],
  ['Brand', 'brand:* brand:read brand:write'],
  ['Images', 'images:* images:read images:write'],
  ['Blog', 'blog:* blog:read blog:write'],
  ['Social', 'social:* social:read social:write social:publish social:connect', 'social:* social:publish'],
  ['Booking', 'booking:* booking:read booking:write booking:admin', 'booking:* booking:admin'],
  ['Commerce', 'commerce:* commerce:read commerce:write commerce:admin', 'commerce:* commerce:admin'],
  ['Webhooks', 'webhooks:* webhooks:read webhooks:write'],
  ['Jobs', 'jobs:* jobs:read'],
];

/** Each pattern with the named scopes that it stands for. */
function withCovers(scopes: ScopeView[]): ScopeView[] {
  const named = scopes.map(({ scope }) => scope).filter((scope) => !scope.endsWith('*'));
  return scopes.map((entry) => {
    const stem = entry.scope.endsWith('*') ? entry.scope.slice(0, -1) : undefined;
    return { ...entry, covers: stem === undefined ? [] : named.filter((scope) => scope.startsWith(stem)) };
  });
}

const template = (name: string, description: string, scopes: string): TemplateView => ({ name, description, scopes: scopes.split(' ') });

const field = (name: string, label: string, help: string, more: Partial<FieldView> = {}): FieldView => ({
  name,
  label,
  help,
  required: false,
  limit: 100,
  needs: null,
  ...more,
});

/** What most vendors have in common; each names what it does otherwise. */
const USUAL = {
  environments: [{ kind: 'live' }, { kind: 'test' }],
  nameLimit: 255,
  scopes: [],
  templates: [],
  canList: true,
  canCreate: true,
  canExpire: false,
  keyLimit: null,
  dashboard: null,
  assisted: false,
  fullPrivilege: null,
  fields: [],
  rehearsal: true,
} satisfies Partial<VendorView>;

export const naturalead: VendorView = {
  ...USUAL,
  id: 'naturalead',
  name: 'Naturalead',
  defaultBaseUrl: 'https://api.naturalead.ai',
  scopes: Object.entries(NATURALEAD).map(([scope, [domain, description, dangerous = false]]) => ({ scope, domain, description, dangerous, covers: [] })),
  templates: [
    template('Read only', 'Every view scope', Object.keys(NATURALEAD).filter((scope) => scope.endsWith(':view')).join(' ')),
    template('CRM integration', 'Read, import and sync leads', 'leads:view leads:import leads:sync_create'),
  ],
  keyExample: 'nl_live_… (64 characters after the prefix)',
  canExpire: true,
  variable: 'NATURALEAD_API_KEY',
};

export const natural: VendorView = {
  ...USUAL,
  id: 'natural',
  name: 'Natural',
  defaultBaseUrl: 'https://api.natural.co',
  nameLimit: 32,
  scopes: catalogue(NATURAL, (scope) => `Allows to ${scope.split('.')[1]} ${scope.split('.')[0]!.replace('_', ' ')}`),
  templates: [template('Production backend', 'Make payments and see them', 'payments.read payments.create')],
  keyExample: 'sk_ntl_prod_… (43 characters after the prefix)',
  variable: 'NATURAL_API_KEY',
  fields: [
    field('agent', 'Agent id', 'Sent as X-Agent-ID with every call. Begins with agt_.', { needs: 'instance' }),
    field('instance', 'Instance id', 'Sent as X-Instance-ID. Needed as soon as there is an agent id.', { limit: 1024 }),
  ],
};

export const neuralDraft: VendorView = {
  ...USUAL,
  id: 'neural-draft',
  name: 'Neural Draft',
  defaultBaseUrl: 'https://api.neuraldraft.io/v1',
  scopes: withCovers(
    catalogue(NEURAL, (scope) =>
      scope === '*' ? 'Full access. Equivalent to all scopes below.' : scope.endsWith('*') ? `Everything under ${scope.slice(0, -2)}.` : `May ${scope.split(':')[1]} ${scope.split(':')[0]}.`,
    ),
  ),
  templates: [
    template('prod-server', 'Server-side, secret manager; write scopes instead of full access are safer', '*'),
    template('prod-builder', 'CI build pipeline of a static site', 'content:read blog:read'),
    template('lovable-preview', 'Lovable’s hosted preview env', 'content:* images:*'),
  ],
  keyExample: 'ndsk_live_… (32 characters after the prefix)',
  keyLimit: 20,
  dashboard: 'https://app.neuraldraft.io',
  variable: 'NEURALDRAFT_API_KEY',
};

export const leadterra: VendorView = {
  ...USUAL,
  id: 'leadterra',
  name: 'Leadterra',
  defaultBaseUrl: 'https://app.leadterra.co/v1',
  keyExample: 'sk_live_…',
  canList: false,
  canCreate: false,
  dashboard: 'https://app.leadterra.co',
  assisted: true,
  fullPrivilege: 'Leadterra keys have no scopes: each may do everything in its workspace.',
  variable: 'LEADTERRA_API_KEY',
};

export const smartlead: VendorView = {
  ...USUAL,
  id: 'smartlead',
  name: 'SmartLead',
  defaultBaseUrl: 'https://server.smartlead.ai/api/v1',
  environments: [],
  keyExample: 'The key from Settings, API',
  canList: false,
  canCreate: false,
  dashboard: 'https://app.smartlead.ai',
  assisted: true,
  fullPrivilege: 'SmartLead keys have no scopes: each may do everything in its account.',
  variable: 'SMARTLEAD_API_KEY',
};

export const smartleadClients: VendorView = {
  ...USUAL,
  id: 'smartlead-clients',
  name: 'SmartLead client keys',
  defaultBaseUrl: smartlead.defaultBaseUrl,
  environments: [],
  keyExample: 'The key from Settings, API',
  dashboard: 'https://app.smartlead.ai',
  fullPrivilege: 'SmartLead client keys have no scopes: each may do everything for its client.',
  variable: 'SMARTLEAD_API_KEY',
  fields: [field('client', 'Client id', 'The number of the client whose keys are managed.', { required: true })],
};

export const VENDORS: VendorView[] = [naturalead, natural, neuralDraft, leadterra, smartlead, smartleadClients];
