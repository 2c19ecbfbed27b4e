import { COMMANDS, type CommandName } from '../../shared/contract.js'
import { Fault, type FaultData } from '../../shared/fault.js'

interface Call {
  id: number
  name: CommandName
  params: unknown
}

type Answer = { id: number; fault: FaultData } | { id: number; result: unknown }

/** Calls without an answer yet, some of which wait to be sent. */
export class PendingCalls {
  readonly #open = new Map<
    number,
    { call: Call; sent: boolean; resolve: (result: unknown) => void; reject: (fault: Fault) => void }
  >()
  #nextId = 0

  /** A new call, and the promise of its validated result; that rejects with a Fault. */
  add(name: CommandName, params: unknown, sent: boolean): { call: Call; answer: Promise<unknown> } {
    const call = { id: this.#nextId++, name, params }
    const { promise: answer, resolve, reject } = Promise.withResolvers<unknown>()
    this.#open.set(call.id, { call, sent, resolve, reject })
    return { call, answer }
  }

  /** Gives a call its answer; one that nobody waits for is dropped. */
  settle(answer: Answer): void {
    const open = this.#open.get(answer.id)
    if (open === undefined) return
    this.#open.delete(answer.id)
    if ('fault' in answer) {
      open.reject(Fault.from(answer.fault))
      return
    }
    const { name } = open.call
    const result = COMMANDS[name].result.safeParse(answer.result)
    if (result.success) open.resolve(result.data)
    else open.reject(new Fault('protocol', `The engine answered "${name}" with something else than agreed.`))
  }

  /** The calls that wait to be sent, in order; they count as sent from now on. */
  takeUnsent(): Call[] {
    const waiting = [...this.#open.values()].filter(({ sent }) => !sent)
    for (const one of waiting) one.sent = true
    return waiting.map(({ call }) => call)
  }

  /** Fails the calls that were sent, and with `all` those that were not. */
  fail(fault: Fault, which: 'sent' | 'all'): void {
    for (const [id, { sent, reject }] of [...this.#open]) {
      if (which === 'sent' && !sent) continue
      this.#open.delete(id)
      reject(fault)
    }
  }
}
