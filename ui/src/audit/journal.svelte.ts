// The journal as the window sees it: a question, and of its answer only the pages around what is visible.

import { SvelteMap } from 'svelte/reactivity';
import { backend } from '../backend';
import { asFailure } from '../backend/backend';
import type { FailureView } from '../backend/wire/FailureView';
import type { JournalOutcomeView } from '../backend/wire/JournalOutcomeView';
import type { JournalQuery } from '../backend/wire/JournalQuery';
import type { JournalRowView } from '../backend/wire/JournalRowView';
import type { JournalSourceView } from '../backend/wire/JournalSourceView';
import type { JournalWindowView } from '../backend/wire/JournalWindowView';
import { sinceOf, untilOf, type Span } from './spans';

export const PAGE = 100;

/** What is asked for. An empty string means: all. */
export interface AskedJournal {
  search: string;
  account: string;
  action: string;
  outcome: JournalOutcomeView | '';
  source: JournalSourceView;
  span: Span;
  /** Days such as `2026-11-01`, where `span` says that they count. */
  from: string;
  to: string;
}

const EVERYTHING: AskedJournal = { search: '', account: '', action: '', outcome: '', source: 'all', span: '', from: '', to: '' };

export class JournalList {
  asked = $state.raw<AskedJournal>(EVERYTHING);
  answer = $state.raw<Omit<JournalWindowView, 'rows'> | null>(null);
  failure = $state.raw<FailureView | null>(null);
  /** Counts the questions that begin at the top. */
  restarts = $state(0);

  readonly filtered = $derived(Object.entries(this.asked).some(([name, value]) => value !== EVERYTHING[name as keyof AskedJournal]));

  #pages = new SvelteMap<number, JournalRowView[]>();
  #first = 0;
  #last = 0;
  /** Grows with each change of the question or of the journal; an answer to an older one is dropped. */
  #wanted = 1;
  #shown = 0;
  #working = false;

  row(index: number): JournalRowView | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Says which rows are visible; what is missing of them is asked for. */
  see(first: number, last: number) {
    this.#first = Math.max(0, first);
    this.#last = Math.max(this.#first, last);
    void this.#work();
  }

  ask(change: Partial<AskedJournal>) {
    this.asked = { ...this.asked, ...change };
    this.#first = this.#last = 0;
    this.restarts += 1;
    this.reload();
  }

  clear() {
    this.ask(EVERYTHING);
  }

  /** Asks for the visible rows again. */
  reload() {
    this.#wanted += 1;
    void this.#work();
  }

  /** What is asked for, as of now; from its first row. */
  get query(): JournalQuery {
    const { search, account, action, outcome, source, span, from, to } = this.asked;
    const one = <T extends string>(value: T | ''): T[] => (value === '' ? [] : [value]);
    return {
      search: search.trim(),
      accounts: one(account),
      actions: one(action),
      outcomes: one(outcome),
      source,
      since: sinceOf(span, from, Date.now()),
      until: untilOf(span, to),
      offset: 0,
      limit: PAGE,
    };
  }

  #missing(): number[] {
    const fresh = this.#wanted !== this.#shown;
    const end = fresh ? this.#last : Math.min(this.#last, (this.answer?.total ?? 0) - 1);
    const pages: number[] = [];
    for (let page = Math.floor(this.#first / PAGE); page <= Math.floor(end / PAGE); page += 1) {
      if (fresh || !this.#pages.has(page)) pages.push(page);
    }
    return pages;
  }

  /** One question at a time, always the newest. */
  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let pages = this.#missing(); pages.length > 0; pages = this.#missing()) {
        const wanted = this.#wanted;
        const answers = await Promise.all(pages.map((page) => backend.journal({ ...this.query, offset: page * PAGE })));
        if (wanted === this.#wanted) this.#take(pages, answers, wanted);
      }
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.#working = false;
    }
  }

  #take(pages: number[], answers: JournalWindowView[], wanted: number) {
    if (wanted !== this.#shown) this.#pages.clear();
    for (const [n, { rows, ...rest }] of answers.entries()) {
      this.#pages.set(pages[n]!, rows);
      this.answer = rest;
    }
    this.#shown = wanted;
    this.failure = null;
  }
}

export const journal = new JournalList();
