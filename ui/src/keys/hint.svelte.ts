// One tooltip for the whole list. A tooltip component a cell would cost more than all the rows.

const DELAY = 250;
export const HINT_ID = 'key-cell-hint';

class CellHint {
  text = $state('');
  /** The cell that it is about. */
  cell = $state.raw<HTMLElement | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(cell: HTMLElement, text: string | undefined) {
    this.hide();
    // The list may have been drawn anew since the pointer came: what is gone stands nowhere.
    if (text === undefined || !cell.isConnected) return;
    this.cell = cell;
    this.text = text;
    cell.setAttribute('aria-describedby', HINT_ID);
  }

  /** For the pointer: it may only be passing. */
  showSoon(cell: HTMLElement, text: string | undefined) {
    if (cell === this.cell) return;
    const delay = this.cell ? 0 : DELAY;
    this.hide();
    this.#timer = setTimeout(() => this.show(cell, text), delay);
  }

  hide() {
    clearTimeout(this.#timer);
    this.cell?.removeAttribute('aria-describedby');
    this.cell = null;
  }
}

export const hint = new CellHint();
