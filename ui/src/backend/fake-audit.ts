// The audit of the fake: findings, journal, leaks, imports.

import type { Backend, Events } from './backend';
import { auditOf, type Accepted, useOf } from './fake-findings';
import { journalOf, journalWindow, outsideOf } from './fake-journal';
import { leakIn, sampleLog } from './fake-leak';
import type { AccountView } from './wire/AccountView';
import type { ExportedView } from './wire/ExportedView';
import type { FailureView } from './wire/FailureView';
import type { KeyView } from './wire/KeyView';

type Commands =
  | 'audit' | 'acceptFinding' | 'withdrawAcceptance' | 'keyUse' | 'outsideChanges' | 'journal' | 'exportJournal' | 'verifyJournal'
  | 'importKeys' | 'findLeak' | 'forgetLeaks';

interface World {
  keys: KeyView[];
  accounts: AccountView[];
  accepted: Accepted;
}

function exported(name: string, entries: number): ExportedView {
  const path = `/home/admin/Downloads/${name}`;
  return { path, entries, words: `${entries.toLocaleString('en')} entries were written.` };
}

/** The commands of the audit over `world`. */
export function auditCommands(
  world: World,
  tell: <E extends keyof Events>(event: E, payload: Events[E]) => void,
  fail: (code: FailureView['code'], message: string, field?: string | null) => never,
): Pick<Backend, Commands> {
  return {
    audit: async () => auditOf(world.keys, world.accounts, world.accepted),
    acceptFinding: async ({ keys, finding, reason, until }) => {
      if (!reason.trim()) fail('invalidInput', 'Say why this is accepted.', 'reason');
      for (const key of keys) world.accepted.set(`${key} ${finding}`, { reason, until });
      tell('keys-changed', null);
    },
    withdrawAcceptance: async (key, finding) => {
      world.accepted.delete(`${key} ${finding}`);
      tell('keys-changed', null);
    },
    keyUse: async (id) => useOf(world.keys.find((key) => key.id === id) ?? fail('notFound', 'No such key here any more.')),
    outsideChanges: async (offset, limit) => {
      const all = outsideOf(world.keys);
      return { rows: all.slice(offset, offset + limit), total: all.length };
    },
    journal: async (query) => journalWindow(journalOf(world.keys), query),
    exportJournal: async (query, format) => {
      const { total } = journalWindow(journalOf(world.keys), query);
      return exported({ csv: 'keyturn-journal.csv', jsonl: 'keyturn-journal.jsonl', report: 'keyturn-journal.html' }[format], total);
    },
    verifyJournal: async () => ({ intact: true, entries: 320, words: 'All 320 entries follow from one another. Nothing was changed or removed.', publicKey: '8f'.repeat(32) }),
    importKeys: async (_, file) => {
      const lines = new TextDecoder().decode(Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0))).split(/\r?\n/).filter(Boolean);
      const problems = lines.slice(1).flatMap((line, at) => (line.startsWith(',') ? [{ line: at + 2, words: 'It has no name.' }] : []));
      if (!lines[0]?.toLowerCase().includes('name')) fail('invalidInput', 'The first line must name the columns; “name” is not among them.');
      const imported = problems.length > 0 ? 0 : lines.length - 1;
      return { imported, known: 0, elsewhere: 0, problems, words: problems.length > 0 ? 'Nothing was imported.' : `${imported} keys were added.` };
    },
    findLeak: async ({ typed }) => leakIn(typed ?? sampleLog(world.keys), world.keys),
    forgetLeaks: async () => {},
  };
}
