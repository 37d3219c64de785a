// What the person is told about a copied key: how long the clipboard still holds it, and that it was cleared.
// The clearing itself is done in Rust; "cleared" is said only when Rust said so.

export class ClipboardWords {
  /** Seconds until the clipboard is cleared; null before a copy and once it was cleared. */
  left = $state<number | null>(null);
  cleared = $state(false);

  #until = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  get holds() {
    return this.left !== null;
  }

  get words(): string {
    if (this.cleared) return 'Clipboard cleared';
    if (this.left === null) return '';
    return this.left > 0 ? `Clipboard clears in ${this.left} s` : 'Clearing the clipboard…';
  }

  start(seconds: number) {
    this.stop();
    this.cleared = false;
    this.#until = Date.now() + seconds * 1000;
    this.left = seconds;
    this.#timer = setInterval(() => this.#tick(), 1000);
  }

  /** Rust says that the clipboard no longer holds the key. */
  clear() {
    if (this.left === null) return;
    this.stop();
    this.left = null;
    this.cleared = true;
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  // By the clock, not by counting: a timer sleeps while the computer does.
  #tick() {
    this.left = Math.max(0, Math.round((this.#until - Date.now()) / 1000));
    if (this.left === 0) this.stop();
  }
}
