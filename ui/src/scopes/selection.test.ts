import { describe, expect, it } from 'vitest';
import type { ScopeView } from '../backend/wire/ScopeView';
import { absorbedBy, choose, counted, fit, groupState, groups, matching, ordered, refusals, toggleGroup } from './selection';

const entry = (scope: string, domain: string, description = '', dangerous = false): ScopeView => ({ scope, domain, description, dangerous, covers: [] });

const flat = [
  entry('leads:view', 'Leads', 'List, search, and filter leads'),
  entry('leads:import', 'Leads', 'Create, update, delete, and import leads'),
  entry('leads:sync_delete', 'Leads', 'Bulk delete synced leads', true),
  entry('analytics:view', 'Analytics', 'View analytics and reports'),
];
const wild = [
  entry('*', 'Everything', 'All of it', true),
  entry('content:*', 'Content'),
  entry('content:read', 'Content'),
  entry('content:write', 'Content'),
  entry('blog:read', 'Blog'),
];
const none = refusals([]);
const leads = groups(flat)[0]!.scopes;
const content = groups(wild)[1]!.scopes;

describe('a group of scopes', () => {
  it('stands in the order of the vendor', () => {
    expect(groups(flat).map((group) => [group.domain, group.scopes.length])).toEqual([['Leads', 3], ['Analytics', 1]]);
  });

  it('is none, some or all', () => {
    expect(groupState(leads, new Set(), none)).toBe('none');
    expect(groupState(leads, new Set(['leads:view']), none)).toBe('some');
    expect(groupState(leads, new Set(['leads:view', 'leads:import', 'leads:sync_delete']), none)).toBe('all');
  });

  it('chooses the rest when some are chosen, and drops all when all are', () => {
    const all = toggleGroup(leads, new Set(['leads:view', 'analytics:view']), none);
    expect(ordered(flat, all)).toEqual(['leads:view', 'leads:import', 'leads:sync_delete', 'analytics:view']);
    expect(ordered(flat, toggleGroup(leads, all, none))).toEqual(['analytics:view']);
  });

  it('NL19 never chooses a scope the role may not grant, and is "all" without it', () => {
    const refused = refusals([{ scope: 'leads:import', reason: 'refused' }]);
    const chosen = toggleGroup(leads, new Set(), refused);
    expect(ordered(flat, chosen)).toEqual(['leads:view', 'leads:sync_delete']);
    expect(groupState(leads, chosen, refused)).toBe('all');
  });
});

describe('a wildcard', () => {
  it('absorbs its members and no other domain', () => {
    const chosen = choose(new Set(['content:read', 'blog:read']), 'content:*', true);
    expect([...chosen].sort()).toEqual(['blog:read', 'content:*']);
    expect(absorbedBy(chosen, 'content:write')).toBe('content:*');
    expect(absorbedBy(chosen, 'blog:read')).toBeNull();
  });

  it('leaves nothing to choose beneath it', () => {
    expect([...choose(new Set(['*']), 'blog:read', true)]).toEqual(['*']);
  });

  it('counts as what it covers', () => {
    expect(counted(wild, new Set(['content:*']))).toEqual({ chosen: 2, total: 3 });
    expect(counted(wild, new Set(['*']))).toEqual({ chosen: 3, total: 3 });
  });

  it('is not what a group chooses, but goes with it', () => {
    expect(ordered(wild, toggleGroup(content, new Set(), none))).toEqual(['content:read', 'content:write']);
    expect(groupState(content, new Set(['content:*']), none)).toBe('all');
    expect(ordered(wild, toggleGroup(content, new Set(['content:*']), none))).toEqual([]);
  });
});

it('search finds words in scope, domain and description, in any order', () => {
  expect(matching(flat, 'delete leads').map(({ scope }) => scope)).toEqual(['leads:import', 'leads:sync_delete']);
  expect(matching(flat, 'REPORTS').map(({ scope }) => scope)).toEqual(['analytics:view']);
});

it('the scopes of another key are taken as far as they can be granted, and the rest is named', () => {
  const refused = refusals([{ scope: 'leads:import', reason: 'refused' }]);
  const { selection, leftOut } = fit(flat, refused, ['leads:view', 'leads:import', 'blog:read']);
  expect(ordered(flat, selection)).toEqual(['leads:view']);
  expect(leftOut).toEqual(['leads:import', 'blog:read']);
});
