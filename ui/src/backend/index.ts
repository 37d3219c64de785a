// The only file that knows Tauri. Without it (a browser, a test) the same shape is played in memory.

import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Backend } from './backend';

const real: Backend = {
  start: () => invoke('start'),
  listKeys: (query) => invoke('list_keys', { query }),
  keyPage: (key) => invoke('key_page', { key }),
  accounts: () => invoke('accounts'),
  connectAccount: (request) => invoke('connect_account', { request }),
  editAccount: (request) => invoke('edit_account', { request }),
  useManagingKey: (request) => invoke('use_managing_key', { request }),
  addRehearsal: (vendor) => invoke('add_rehearsal', { vendor }),
  planDisconnect: (account) => invoke('plan_disconnect', { account }),
  disconnectAccount: (request) => invoke('disconnect_account', { request }),
  acceptReading: (account) => invoke('accept_reading', { account }),
  chooseManagingKey: (key) => invoke('choose_managing_key', { key }),
  refresh: (account) => invoke('refresh', { account }),
  cancelRefresh: (account) => invoke('cancel_refresh', { account }),
  createKey: (request) => invoke('create_key', { request }),
  unsaved: () => invoke('unsaved'),
  copySecret: (escrow) => invoke('copy_secret', { escrow }),
  revealSecret: (escrow) => invoke('reveal_secret', { escrow }),
  revealedSecret: () => invoke('revealed_secret'),
  closeReveal: () => invoke('close_reveal'),
  acknowledgeKey: (escrow) => invoke('acknowledge_key', { escrow }),
  planRotation: (key) => invoke('plan_rotation', { key }),
  rotateKey: (request) => invoke('rotate_key', { request }),
  bringKey: (request) => invoke('bring_key', { request }),
  finishRotation: (operation) => invoke('finish_rotation', { operation }),
  undoRotation: (operation) => invoke('undo_rotation', { operation }),
  askAgain: (operation) => invoke('ask_again', { operation }),
  leaveRotation: (operation) => invoke('leave_rotation', { operation }),
  operations: () => invoke('operations'),
  adoptKey: (request) => invoke('adopt_key', { request }),
  checkKey: (key) => invoke('check_key', { key }),
  forgetKey: (key) => invoke('forget_key', { key }),
  keyUsage: (key) => invoke('key_usage', { key }),
  openDashboard: (account) => invoke('open_dashboard', { account }),
  faults: (account) => invoke('faults', { account }),
  setFault: (account, fault, on) => invoke('set_fault', { account, fault, on }),
  planBatch: (request) => invoke('plan_batch', { request }),
  beginBatch: (request) => invoke('begin_batch', { request }),
  batches: () => invoke('batches'),
  batchItems: (batch, state, offset, limit) => invoke('batch_items', { batch, state, offset, limit }),
  pauseBatch: (batch) => invoke('pause_batch', { batch }),
  resumeBatch: (batch) => invoke('resume_batch', { batch }),
  stopBatch: (batch) => invoke('stop_batch', { batch }),
  setLabels: (keys, add, remove) => invoke('set_labels', { keys, add, remove }),
  labels: () => invoke('labels'),
  policies: () => invoke('policies'),
  savePolicy: (policy) => invoke('save_policy', { policy }),
  removePolicy: (policy) => invoke('remove_policy', { policy }),
  reminders: () => invoke('reminders'),
  seeReminders: () => invoke('see_reminders'),
  dismissReminder: (reminder) => invoke('dismiss_reminder', { reminder }),
  dismissReminders: () => invoke('dismiss_reminders'),
  views: () => invoke('views'),
  saveView: (view) => invoke('save_view', { view }),
  removeView: (view) => invoke('remove_view', { view }),
  exportKeys: (query, format, columns) => invoke('export_keys', { query, format, columns }),
  showExport: (path) => invoke('show_export', { path }),
  revokeKey: (request) => invoke('revoke_key', { request }),
  deleteKey: (request) => invoke('delete_key', { request }),
  audit: () => invoke('audit'),
  acceptFinding: (request) => invoke('accept_finding', { request }),
  withdrawAcceptance: (key, finding) => invoke('withdraw_acceptance', { key, finding }),
  keyUse: (key) => invoke('key_use', { key }),
  outsideChanges: (offset, limit) => invoke('outside_changes', { offset, limit }),
  journal: (query) => invoke('journal', { query }),
  exportJournal: (query, format) => invoke('export_journal', { query, format }),
  verifyJournal: () => invoke('verify_journal'),
  importKeys: (account, file) => invoke('import_keys', { account, file }),
  findLeak: (given) => invoke('find_leak', { given }),
  forgetLeaks: () => invoke('forget_leaks'),
  vault: () => invoke('vault'),
  lockVault: () => invoke('lock_vault'),
  unlockVault: () => invoke('unlock_vault'),
  saveSettings: (settings) => invoke('save_settings', { settings }),
  noteActivity: () => invoke('note_activity'),
  dismissNotice: (id) => invoke('dismiss_notice', { id }),
  quit: () => invoke('quit'),
  on: (event, hear) => {
    const listening = listen(event, ({ payload }) => hear(payload as never));
    return () => void listening.then((unlisten) => unlisten());
  },
};

async function choose(): Promise<Backend> {
  // In this order the fake is no part of what is shipped.
  if (!import.meta.env.PROD && !('__TAURI_INTERNALS__' in globalThis)) return (await import('./fake')).fake;
  return real;
}

export const backend: Backend = await choose();
