// Labels, policies, the bell and what is due.
import { screen, waitFor, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { backend } from '../backend';
import { world } from '../backend/fake';
import { sampleReminders } from '../backend/fake-policies';
import Bell from '../shell/Bell.svelte';
import { app } from '../state/app.svelte';
import { Reminders, reminders } from '../state/reminders.svelte';
import { keyWhere, openScreen, startAnew } from '../testing/window';
import KeyPage from './KeyPage.svelte';
import Settings from './Settings.svelte';

const user = userEvent.setup();

beforeEach(() => {
  startAnew();
  reminders.all = [];
});

describe('labels on the page of a key', () => {
  async function open() {
    const key = keyWhere(({ labels }) => labels.includes('nightly'));
    openScreen(KeyPage, { id: key.id });
    await screen.findByRole('heading', { name: key.name });
    return within(screen.getByRole('group', { name: 'Labels' }));
  }

  test('one is added by typing it, offered are those in use', async () => {
    const labels = await open();
    await user.click(labels.getByRole('button', { name: 'Add label' }));
    const field = labels.getByRole('combobox', { name: 'Label' });
    expect(field).toHaveFocus();
    await waitFor(() => expect(document.querySelector('datalist option[value="sales"]')).not.toBeNull());
    await user.type(field, 'team-a{Enter}');
    expect(await labels.findByRole('button', { name: 'Remove label team-a' })).toBeInTheDocument();
    await waitFor(() => expect(labels.getByRole('button', { name: 'Add label' })).toHaveFocus());
  });

  test('one is removed; Escape ends the typing and stays on the page', async () => {
    const labels = await open();
    await user.click(labels.getByRole('button', { name: 'Remove label nightly' }));
    await waitFor(() => expect(labels.queryByText('nightly')).toBeNull());
    await user.click(labels.getByRole('button', { name: 'Add label' }));
    await user.keyboard('{Escape}');
    expect(labels.queryByRole('combobox')).toBeNull();
  });

  test('what is due says why', async () => {
    const key = keyWhere(({ due }) => due?.overdue === true);
    openScreen(KeyPage, { id: key.id });
    await screen.findByRole('heading', { name: key.name });
    expect(screen.getByText('Due')).toBeInTheDocument();
    expect(screen.getByText(key.due!.words)).toBeInTheDocument();
  });
});

describe('policies', () => {
  test('without one the words say what is missing; one for a label may rotate by itself', async () => {
    const save = vi.spyOn(backend, 'savePolicy');
    openScreen(Settings);
    expect(await screen.findByText(/^No policy yet/)).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Add policy' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Add policy' }));
    expect(dialog.queryByRole('switch')).toBeNull();
    await user.selectOptions(dialog.getByRole('combobox', { name: 'Applies to' }), 'The keys with a label');
    await user.click(dialog.getByRole('button', { name: 'Add policy' }));
    const label = dialog.getByRole('combobox', { name: 'Label' });
    expect(label).toHaveAccessibleDescription('Type a label first.');
    expect(save).not.toHaveBeenCalled();
    await user.type(label, 'payments');
    await user.click(dialog.getByRole('switch', { name: 'Rotate by itself' }));
    await user.click(dialog.getByRole('radio', { name: '7 days' }));
    const age = dialog.getByRole('textbox', { name: 'Maximum age in days' });
    await user.clear(age);
    await user.type(age, 'soon');
    expect(age).toHaveAccessibleDescription('Enter a number of days from 1 to 3,650.');
    await user.clear(age);
    await user.type(age, '60');
    await user.click(dialog.getByRole('button', { name: 'Add policy' }));
    expect(save).toHaveBeenCalledWith({ id: null, account: null, label: 'payments', maxAgeDays: 60, remindDays: 14, rotateAlone: true, choice: '7d' });
    const item = within(await screen.findByRole('listitem', { name: 'Label payments' }));
    expect(item.getByText('Rotates by itself')).toBeInTheDocument();
  });

  test('one is removed only after the question', async () => {
    world.policies = [{ id: 'p', account: null, label: null, scopeWords: 'Every key', maxAgeDays: 365, remindDays: 14, rotateAlone: false, choice: '24h', keys: 24, due: 0 }];
    openScreen(Settings);
    await user.click(await screen.findByRole('button', { name: 'Remove policy Every key' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove policy' }));
    expect(dialog.getByText(/No key is changed/)).toBeInTheDocument();
    await user.click(dialog.getByRole('button', { name: 'Remove' }));
    expect(await screen.findByText(/^No policy yet/)).toBeInTheDocument();
  });

  test('desktop notifications are switched off at once', async () => {
    openScreen(Settings);
    app.settings = { ...app.settings, notifications: true };
    await user.click(screen.getByRole('switch', { name: 'Desktop notifications' }));
    await waitFor(() => expect(world.settings.notifications).toBe(false));
  });
});

describe('the bell', () => {
  async function open() {
    world.reminders = sampleReminders(world.keys);
    const ended = reminders.begin();
    openScreen(Bell);
    const bell = screen.getByRole('button', { name: 'Reminders' });
    await waitFor(() => expect(bell).toHaveAccessibleDescription('2 new reminders'));
    await user.click(bell);
    return { bell, ended, list: within(await screen.findByRole('dialog', { name: 'Reminders' })) };
  }

  test('it says how many are new; opened, they are no longer; each leads to its key', async () => {
    const { bell, list } = await open();
    await waitFor(() => expect(bell).not.toHaveAccessibleDescription('2 new reminders'));
    expect(list.getAllByText('(new)')).toHaveLength(2);
    expect(list.getAllByRole('listitem')).toHaveLength(3);
    await user.click(list.getByRole('button', { name: /^Open key: Zapier lead import/ }));
    expect(app.route).toEqual({ screen: 'key', id: 'rehearsal-naturalead/key_2' });
  });

  test('one is dismissed, then all of them, and words stand in their place', async () => {
    const { list } = await open();
    await user.click(list.getByRole('button', { name: /^Dismiss: Nightly sync/ }));
    await waitFor(() => expect(list.getAllByRole('listitem')).toHaveLength(2));
    await user.click(list.getByRole('button', { name: 'Dismiss all' }));
    expect(await list.findByText(/^Nothing to remember now/)).toBeInTheDocument();
  });

  test('an answer that comes late never covers a newer one', async () => {
    const list = new Reminders();
    let late: (answer: typeof world.reminders) => void = () => {};
    vi.spyOn(backend, 'reminders').mockReturnValueOnce(new Promise((resolve) => (late = resolve)));
    const first = list.reload();
    world.reminders = sampleReminders(world.keys);
    await list.reload();
    late([]);
    await first;
    expect(list.all).toHaveLength(3);
  });
});
