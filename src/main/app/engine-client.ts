import { EVENTS, type EventName, type Portal } from '../../shared/contract.js'
import { engineFrameSchema, type ShellFrame, type VaultAnswer, type VaultAsk } from '../../shared/engine-wire.js'
import { Fault, type FaultData } from '../../shared/fault.js'
import type { EngineState } from '../../shared/shell-contract.js'
import { PendingCalls } from './pending-calls.js'
import { planRestart } from './restart-policy.js'

/** As much of Electron's UtilityProcess as is used here. */
export interface EngineChild {
  postMessage(message: unknown): void
  kill(): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number) => void): unknown
}

/** An engine that neither serves nor refuses by then is ended and tried again. */
export const START_MS = 20_000
const STOPPED = { message: 'The gateway is stopped.', hint: 'Start it from the tray or the menu.' }

/** The engine's own stop takes ten seconds at most. */
export const STOP_MS = 12_000

/**
 * The shell's end of the line to the engine, which lives in a process of its own. Keeps that process running: when it
 * ends unasked, calls that it was given fail, it is forked anew, and what was subscribed to is subscribed to again.
 * Calls made meanwhile wait for the new process.
 */
export class EngineClient implements Portal {
  readonly #fork: () => EngineChild
  readonly #vault: (ask: VaultAsk) => Promise<VaultAnswer>
  readonly #calls = new PendingCalls()
  readonly #listeners = new Map<EventName, Set<(payload: never) => void>>()
  readonly #stateListeners = new Set<(state: EngineState) => void>()
  #state: EngineState = { state: 'stopped', reason: null }
  #child: EngineChild | null = null
  #servingSince: number | null = null
  #refusal: FaultData | null = null
  #streak = 0
  /** the next thing that happens by itself: a restart, or the end of patience with a start or a stop */
  #timer: NodeJS.Timeout | undefined

  /**
   * @param fork starts the engine's process
   * @param vault answers what that process asks of the keychain; never rejects
   */
  constructor(fork: () => EngineChild, vault: (ask: VaultAsk) => Promise<VaultAnswer> = noVault) {
    this.#fork = fork
    this.#vault = vault
  }

  get state(): EngineState {
    return this.#state
  }

  /** Starts the engine unless it runs; one that waits for its next try is tried at once. */
  start(): void {
    if (this.#child !== null) return
    this.#streak = 0
    this.#announce('starting', null)
    this.#launch()
  }

  call: Portal['call'] = (name, params) => {
    const { state, reason } = this.#state
    if (state === 'failed' && reason !== null) return Promise.reject(notRunning(reason))
    if (state === 'stopping' || state === 'stopped') return Promise.reject(notRunning(STOPPED))
    const running = this.#servingSince !== null
    const { call, answer } = this.#calls.add(name, params, running)
    if (running) this.#post(call)
    return answer as never
  }

  on: Portal['on'] = (name, listener) => {
    // Of its own for each call: the same function may be registered twice.
    const own = (payload: never) => listener(payload)
    const known = this.#listeners.get(name)
    if (known !== undefined) known.add(own)
    else {
      this.#listeners.set(name, new Set([own]))
      this.#post({ subscribe: name })
    }
    return () => {
      const left = this.#listeners.get(name)
      if (left?.delete(own) !== true || left.size > 0) return
      this.#listeners.delete(name)
      this.#post({ unsubscribe: name })
    }
  }

  /** Calls the listener with every new state; returns the function that ends this. */
  onState(listener: (state: EngineState) => void): () => void {
    this.#stateListeners.add(listener)
    return () => void this.#stateListeners.delete(listener)
  }

  /** Lets requests in progress end, then ends the process, by force when it takes too long. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child === null) {
      clearTimeout(this.#timer)
      this.#rest()
      return
    }
    const { promise: exited, resolve } = Promise.withResolvers<void>()
    child.on('exit', () => resolve())
    if (this.#state.state !== 'stopping') this.#drain(child)
    await exited
  }

  /** Ends the process at once, whatever it does. */
  kill(): void {
    clearTimeout(this.#timer)
    this.#announce('stopping', null)
    this.#child?.kill()
  }

  #drain(child: EngineChild): void {
    clearTimeout(this.#timer)
    if (this.#servingSince === null) child.kill()
    else {
      const { call, answer } = this.#calls.add('stop', {}, true)
      this.#post(call)
      // An engine that cannot even take the order is ended like one that takes too long.
      answer.catch(() => child.kill())
      this.#timer = setTimeout(() => child.kill(), STOP_MS)
    }
    this.#announce('stopping', null)
  }

  #launch(): void {
    clearTimeout(this.#timer)
    const child = this.#fork()
    this.#child = child
    this.#servingSince = null
    this.#refusal = null
    child.on('message', (message) => this.#receive(child, message))
    child.on('exit', (code) => {
      if (child === this.#child) this.#exited(code)
    })
    this.#timer = setTimeout(() => child.kill(), START_MS)
  }

  #receive(child: EngineChild, message: unknown): void {
    const parsed = engineFrameSchema.safeParse(message)
    if (!parsed.success || child !== this.#child) return
    const frame = parsed.data
    if ('serving' in frame) this.#serves()
    else if ('refused' in frame) {
      this.#refusal = frame.refused
      child.kill()
    } else if ('vault' in frame) void this.#askVault(child, frame.vault, frame.ask)
    else if ('event' in frame) this.#deliver(frame.event, frame.payload)
    else this.#calls.settle(frame)
  }

  /** Also before it serves: what it asks may be what it waits for. */
  async #askVault(child: EngineChild, vault: number, ask: VaultAsk): Promise<void> {
    const frame: ShellFrame = { vault, answer: await this.#vault(ask) }
    if (child === this.#child) child.postMessage(frame)
  }

  #serves(): void {
    if (this.#state.state === 'stopping') return
    clearTimeout(this.#timer)
    this.#servingSince = performance.now()
    for (const name of this.#listeners.keys()) this.#post({ subscribe: name })
    for (const call of this.#calls.takeUnsent()) this.#post(call)
    this.#announce('running', null)
  }

  #deliver(name: EventName, payload: unknown): void {
    const parsed = EVENTS[name].safeParse(payload)
    if (!parsed.success) return
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(parsed.data as never)
  }

  #exited(code: number): void {
    clearTimeout(this.#timer)
    const servedMs = this.#servingSince === null ? null : performance.now() - this.#servingSince
    this.#child = null
    this.#servingSince = null
    // Code 0 is the end of a stop that was asked for, here or on the command line.
    if (this.#state.state === 'stopping' || (code === 0 && servedMs !== null)) {
      this.#rest()
      return
    }
    const plan = planRestart({ servedMs, exitCode: code, refusal: this.#refusal }, this.#streak)
    this.#streak = plan.streak
    this.#calls.fail(notRunning(plan.reason), plan.state === 'failed' ? 'all' : 'sent')
    this.#timer = setTimeout(() => this.#launch(), plan.delayMs)
    this.#announce(plan.state, plan.reason)
  }

  #rest(): void {
    this.#calls.fail(notRunning(STOPPED), 'all')
    this.#announce('stopped', null)
  }

  #post(frame: ShellFrame): void {
    if (this.#servingSince !== null) this.#child?.postMessage(frame)
  }

  #announce(state: EngineState['state'], reason: FaultData | null): void {
    this.#state = { state, reason }
    for (const listener of [...this.#stateListeners]) listener(this.#state)
  }
}

/** Whatever kept the engine from running, the caller is told that it does not run, and why. */
function notRunning({ message, hint }: { message: string; hint?: string | undefined }): Fault {
  return new Fault('not-running', message, hint)
}

async function noVault(): Promise<VaultAnswer> {
  return { state: { name: 'the keychain', unavailable: 'it is not within reach' } }
}
