// Saved views and exports of the fake. Nothing is written.

import type { Backend } from './backend';
import type { World } from './fake';
import { windowOf } from './fake-window';

export function viewCommands(world: World) {
  return {
    views: async () => world.views,
    saveView: async (view) => {
      const saved = { ...view, id: view.id ?? `view-${world.views.length + 1}` };
      const others = world.views.filter(({ id }) => id !== saved.id);
      world.views = [...others, saved];
      return saved;
    },
    removeView: async (id) => {
      world.views = world.views.filter((each) => each.id !== id);
    },
    exportKeys: async (query, format) => {
      const { total } = windowOf(world.keys, world.accounts, query);
      return { path: `/home/admin/Downloads/keyturn-keys-2026-11-21.${format}`, entries: total, words: `${total} keys were written. The file holds no secret.` };
    },
    showExport: async () => {},
  } satisfies Partial<Backend>;
}
