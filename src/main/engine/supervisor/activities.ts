/** What is under way on behalf of a state: waiting and timers. It ends with the state, or when it is begun anew. */
export class Activities<Name extends string> {
  readonly #running = new Map<Name, AbortController>()

  /** Begins one; the signal aborts when it is to end. */
  begin(name: Name): AbortSignal {
    this.end(name)
    const controller = new AbortController()
    this.#running.set(name, controller)
    return controller.signal
  }

  end(name: Name): void {
    this.#running.get(name)?.abort()
    this.#running.delete(name)
  }

  endAll(): void {
    for (const controller of this.#running.values()) controller.abort()
    this.#running.clear()
  }
}

/** Calls back after a while, unless the signal aborts before. */
export function after(signal: AbortSignal, milliseconds: number, act: () => void): void {
  const timer = setTimeout(() => {
    signal.removeEventListener('abort', cancel)
    act()
  }, milliseconds).unref()
  const cancel = () => clearTimeout(timer)
  signal.addEventListener('abort', cancel, { once: true })
}
