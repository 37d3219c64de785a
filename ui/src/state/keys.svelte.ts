// The list of keys as the window sees it: a query, and of its answer only the pages around what is visible.
// The inventory itself stays in Rust.

import { SvelteMap } from 'svelte/reactivity';
import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { FacetsView } from '../backend/wire/FacetsView';
import type { FailureView } from '../backend/wire/FailureView';
import type { FindingKindView } from '../backend/wire/FindingKindView';
import type { KeyQuery } from '../backend/wire/KeyQuery';
import type { KeyView } from '../backend/wire/KeyView';
import type { KeyWindowView } from '../backend/wire/KeyWindowView';
import type { LastUseKindView } from '../backend/wire/LastUseKindView';
import type { SortByView } from '../backend/wire/SortByView';
import type { StatusKindView } from '../backend/wire/StatusKindView';
import { EVERY_KEY } from './query';

export const PAGE = 60;
/** Pages kept on both sides of what is visible. */
const AROUND = 4;

/** What is asked for. An empty string means: all. */
export interface Asked {
  search: string;
  account: string;
  environment: string;
  status: StatusKindView | '';
  lastUse: LastUseKindView | '';
  finding: FindingKindView | '';
  label: string;
  /** Only what is due for rotation. */
  due: boolean;
  /** Only these keys; empty: all. */
  only: readonly string[];
  sort: SortByView;
  descending: boolean;
}

const UNFILTERED = { search: '', account: '', environment: '', status: '', lastUse: '', finding: '', label: '', due: false, only: [] } as const;
const NO_FACETS: FacetsView = { accounts: [], environments: [], statuses: [], lastUses: [], labels: [], due: 0 };

export class KeyList {
  asked = $state.raw<Asked>({ ...UNFILTERED, sort: 'name', descending: false });
  /** Rows that pass the filter, as of the last answer. */
  total = $state(0);
  /** Rows without any filter. */
  everything = $state(0);
  facets = $state.raw<FacetsView>(NO_FACETS);
  failure = $state.raw<FailureView | null>(null);
  /** `false` until the first answer. */
  loaded = $state(false);
  /** Counts the questions that were answered from the top: the list then starts at its first row. */
  restarts = $state(0);
  /** Where the person is: kept while another screen is shown. */
  scrollTop = 0;
  activeRow = $state(0);
  /** A row was opened: on the way back it gets the focus again. */
  returning = false;

  readonly filtered = $derived(
    this.asked.search.trim() !== '' ||
      this.asked.account !== '' ||
      this.asked.environment !== '' ||
      this.asked.status !== '' ||
      this.asked.lastUse !== '' ||
      this.asked.finding !== '' ||
      this.asked.label !== '' ||
      this.asked.due ||
      this.asked.only.length > 0,
  );

  #pages = new SvelteMap<number, KeyView[]>();
  #first = 0;
  #last = 30;
  /** Grows with each change of the question or of the keys; an answer to an older one is dropped. */
  #wanted = 1;
  #shown = 0;
  #fromTop = false;
  #working = false;

  /** Asks for the first rows, and listens from then on. Answers with what ends the listening. */
  begin(): () => void {
    this.reload();
    return backend.on('keys-changed', () => this.reload());
  }

  row(index: number): KeyView | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Says which rows are visible; what is missing of them is asked for. */
  see(first: number, last: number) {
    this.#first = Math.max(0, first);
    this.#last = Math.max(this.#first, last);
    void this.#work();
  }

  /** Changes the question. The old rows stay until the new ones are here. */
  ask(change: Partial<Asked>) {
    this.asked = { ...this.asked, ...change };
    this.#fromTop = true;
    this.reload();
  }

  /** Sorts by a column; a second time, the other way round. */
  sortBy(sort: SortByView) {
    this.ask({ sort, descending: this.asked.sort === sort && !this.asked.descending });
  }

  clearFilters() {
    this.ask(UNFILTERED);
  }

  /** Shows these keys and no others. */
  showOnly(ids: readonly string[]) {
    this.ask({ ...UNFILTERED, only: ids });
  }

  /** Asks for the visible rows again. */
  reload() {
    this.#wanted += 1;
    void this.#work();
  }

  #query(page: number): KeyQuery {
    return { ...this.query, offset: page * PAGE, limit: PAGE };
  }

  /** What is asked for, as of now; from its first row. */
  get query(): KeyQuery {
    const { search, account, environment, status, lastUse, finding, label, due, only, sort, descending } = this.asked;
    const one = <T extends string>(value: T | ''): T[] => (value === '' ? [] : [value]);
    return {
      ...EVERY_KEY,
      search: search.trim(),
      accounts: one(account),
      environments: one(environment),
      statuses: one(status),
      lastUses: one(lastUse),
      findings: one(finding),
      labels: one(label),
      due,
      keys: [...only],
      sort,
      descending,
    };
  }

  /** Asks as a saved view did. Of a filter with several values the list shows the first. */
  askAs(query: KeyQuery) {
    this.ask({
      search: query.search,
      account: query.accounts[0] ?? '',
      environment: query.environments[0] ?? '',
      status: query.statuses[0] ?? '',
      lastUse: query.lastUses[0] ?? '',
      finding: query.findings[0] ?? '',
      label: query.labels[0] ?? '',
      due: query.due,
      only: query.keys,
      sort: query.sort,
      descending: query.descending,
    });
  }

  /** The pages to ask for now: all visible ones of a new question, otherwise the missing ones. */
  #missing(): number[] {
    const fresh = this.#wanted !== this.#shown;
    const [first, last] = fresh && this.#fromTop ? [0, this.#last - this.#first] : [this.#first, this.#last];
    const end = fresh ? last : Math.min(last, this.total - 1);
    const pages: number[] = [];
    for (let page = Math.floor(first / PAGE); page <= Math.floor(end / PAGE); page += 1) {
      if (fresh || !this.#pages.has(page)) pages.push(page);
    }
    return pages;
  }

  /** One question at a time, always the newest: neither typing nor a burst of events can pile them up. */
  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let pages = this.#missing(); pages.length > 0; pages = this.#missing()) {
        const wanted = this.#wanted;
        const answers = await Promise.all(pages.map((page) => backend.listKeys(this.#query(page))));
        if (wanted === this.#wanted) this.#take(pages, answers, wanted);
      }
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.#working = false;
    }
  }

  #take(pages: number[], answers: KeyWindowView[], wanted: number) {
    const active = this.row(this.activeRow)?.id;
    if (wanted !== this.#shown) this.#pages.clear();
    for (const [n, answer] of answers.entries()) {
      this.#pages.set(pages[n]!, answer.rows);
      this.total = answer.total;
      this.everything = answer.everything;
      this.facets = answer.facets;
    }
    this.#shown = wanted;
    this.loaded = true;
    this.failure = null;
    if (this.#fromTop) {
      this.#fromTop = false;
      this.activeRow = 0;
      this.scrollTop = 0;
      this.restarts += 1;
    } else if (active !== undefined) {
      this.#follow(active);
    }
    this.#forget();
  }

  /** The row with the focus keeps it when the keys around it change. */
  #follow(id: string) {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex((key) => key.id === id);
      if (at >= 0) {
        this.activeRow = page * PAGE + at;
        return;
      }
    }
    this.activeRow = Math.max(0, Math.min(this.activeRow, this.total - 1));
  }

  #forget() {
    const [first, last] = [Math.floor(this.#first / PAGE) - AROUND, Math.floor(this.#last / PAGE) + AROUND];
    for (const page of [...this.#pages.keys()]) {
      if (page < first || page > last) this.#pages.delete(page);
    }
  }
}

export const keys = new KeyList();
