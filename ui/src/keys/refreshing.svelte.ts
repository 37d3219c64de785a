// Reading the accounts anew. It answers at once; how far it is comes with the accounts.

import { backend } from '../backend';
import { attempt } from '../state/app.svelte';

export const refreshing = attempt(backend.refresh);
