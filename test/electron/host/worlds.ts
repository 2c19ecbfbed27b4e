import { readFileSync } from 'node:fs'
import { decode, encode } from './clone.ts'

/**
 * The two halves of a page: the page's own world, and the isolated one where the preload runs. They share the document
 * and talk by events on it, which are synchronous; values are cloned on the way, as Electron's context bridge does.
 */

/** Name of the isolated world. */
export const PRELOAD_WORLD = 'electron-preload'
/** The isolated world's way to the shell, and the shell's way back. */
export const TO_SHELL = '__toShell'
export const FROM_SHELL = '__fromShell'

/** Script for the page's own world: what the preload exposes appears here. */
export function pageScript(): string {
  return `(${pageWorld.toString()})()`
}

/** Script for the isolated world: the preload's build, unmodified, with the `electron` of a sandboxed preload. */
export function preloadScript(file: string): string {
  const parts = `const encode = ${encode.toString()}; const decode = ${decode.toString()};`
  // As text in a function: the page's policy forbids making code of strings.
  const preload = `(require, module, exports) => {${readFileSync(file, 'utf8')}\n}`
  return `{${parts}(${isolatedWorld.toString()})(${preload}, encode, decode, '${TO_SHELL}', '${FROM_SHELL}')}`
}

function pageWorld(): void {
  type Returned = { value?: unknown; fn?: number; promise?: number; error?: string }
  const callbacks = new Map<number, (...args: unknown[]) => void>()
  const promises = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastCallback = 0
  const invoke = (path: string | number, args: unknown[]): unknown => {
    let returned: Returned = {}
    const listen = (event: Event) => {
      returned = (event as CustomEvent<Returned>).detail
    }
    const sent = args.map((one) => {
      if (typeof one !== 'function') return { value: structuredClone(one) }
      callbacks.set(++lastCallback, one as () => void)
      return { callback: lastCallback }
    })
    addEventListener('bridge-returned', listen, { once: true })
    dispatchEvent(new CustomEvent('bridge-call', { detail: { path, args: sent } }))
    const { error, fn, promise, value } = returned
    if (error !== undefined) throw new Error(error)
    if (fn !== undefined) return (...more: unknown[]) => invoke(fn, more)
    if (promise === undefined) return value
    return new Promise((resolve, reject) => promises.set(promise, { resolve, reject }))
  }
  addEventListener('bridge-settled', (event) => {
    const { promise, value, error } = (event as CustomEvent).detail
    const open = promises.get(promise)
    promises.delete(promise)
    if (error === undefined) open?.resolve(value)
    else open?.reject(new Error(error))
  })
  addEventListener('bridge-callback', (event) => {
    const { callback, args } = (event as CustomEvent).detail
    callbacks.get(callback)?.(...args)
  })
  addEventListener('bridge-expose', (event) => {
    const { key, methods } = (event as CustomEvent<{ key: string; methods: string[] }>).detail
    const api = methods.map((name) => [name, (...args: unknown[]) => invoke(`${key}.${name}`, args)])
    Object.defineProperty(window, key, { value: Object.freeze(Object.fromEntries(api)), enumerable: true })
  })
}

function isolatedWorld(
  preload: (require: (name: string) => unknown, module: object, exports: object) => void,
  encode: (value: unknown) => unknown,
  decode: (value: unknown) => unknown,
  toShell: string,
  fromShell: string,
): void {
  type Fn = (...args: unknown[]) => unknown
  const world = globalThis as unknown as Record<string, (message: string) => void>
  const exposed = new Map<string | number, Fn>()
  const listeners = new Map<string, Fn[]>()
  const answers = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  let lastId = 0
  const send = (message: object) => world[toShell]?.(JSON.stringify(message))
  const ipcRenderer = {
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        const coded = args.map(encode)
        answers.set(++lastId, { resolve, reject })
        send({ id: lastId, channel, args: coded })
      }),
    send: (channel: string, ...args: unknown[]) => send({ channel, args: args.map(encode) }),
    on: (channel: string, listener: Fn) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener])
      return ipcRenderer
    },
  }
  Object.assign(globalThis, {
    [fromShell]: (message: { id?: number; error?: string; value?: unknown; channel?: string; args?: unknown[] }) => {
      if (message.channel !== undefined) {
        for (const listener of listeners.get(message.channel) ?? [])
          listener({ sender: ipcRenderer }, ...(message.args ?? []).map(decode))
        return
      }
      const open = answers.get(message.id ?? 0)
      answers.delete(message.id ?? 0)
      if (message.error === undefined) open?.resolve(decode(message.value))
      else open?.reject(new Error(message.error))
    },
  })
  const tell = (name: string, detail: object) => dispatchEvent(new CustomEvent(name, { detail }))
  const contextBridge = {
    exposeInMainWorld: (key: string, api: Record<string, unknown>) => {
      for (const [name, member] of Object.entries(api)) {
        if (typeof member !== 'function') throw new Error(`the double exposes functions alone, not "${name}"`)
        exposed.set(`${key}.${name}`, member as Fn)
      }
      tell('bridge-expose', { key, methods: Object.keys(api) })
    },
  }
  addEventListener('bridge-call', (event) => {
    const { path, args } = (event as CustomEvent).detail
    const given = args.map((one: { value?: unknown; callback?: number }) =>
      one.callback === undefined
        ? one.value
        : (...more: unknown[]) => tell('bridge-callback', { callback: one.callback, args: more }),
    )
    try {
      const returned = exposed.get(path)?.(...given)
      if (returned instanceof Promise) {
        const promise = ++lastId
        returned.then(
          (value) => tell('bridge-settled', { promise, value }),
          (error: Error) => tell('bridge-settled', { promise, error: error.message }),
        )
        tell('bridge-returned', { promise })
      } else if (typeof returned === 'function') {
        exposed.set(++lastId, returned as Fn)
        tell('bridge-returned', { fn: lastId })
      } else tell('bridge-returned', { value: returned })
    } catch (error) {
      tell('bridge-returned', { error: (error as Error).message })
    }
  })
  const strict = (name: string, members: object) =>
    new Proxy(members, {
      get: (target, key) => {
        if (key in target) return Reflect.get(target, key)
        throw new Error(`${name}.${String(key)} is not implemented by the double`)
      },
    })
  const electron = {
    contextBridge: strict('contextBridge', contextBridge),
    ipcRenderer: strict('ipcRenderer', ipcRenderer),
  }
  const require = (name: string) => {
    if (name === 'electron') return strict('electron', electron)
    throw new Error(`module not found: ${name} (sandboxed preload)`)
  }
  preload(require, { exports: {} }, {})
}
