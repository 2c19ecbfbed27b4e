import type { Socket } from 'node:net'
import type { Dispatcher } from 'undici'
import type { Backend } from './backend.js'
import type { OpenedStream } from './http2-connection.js'
import type { StreamRequest } from './http2-pool.js'
import type { RequestHandler } from './requested-client.js'
import type { BackendSpec } from './target.js'

/** A handle of a backend for the one request that decides whether it is back. */
export class Probe {
  readonly owner: Backend
  #deciding = false

  constructor(owner: Backend) {
    this.owner = owner
  }

  get backend(): BackendSpec {
    return this.owner.backend
  }

  get host(): string {
    return this.owner.host
  }

  get authority(): string {
    return this.owner.authority
  }

  get secure(): boolean {
    return this.owner.secure
  }

  get queued(): number {
    return this.owner.queued
  }

  open(): void {
    this.owner.open()
  }

  begin(): void {
    this.owner.begin()
    this.#deciding = this.owner.beginProbe(this)
  }

  answered(status: number): void {
    this.owner.conclude('answered', status, null, this.#decides())
  }

  failed(kind: 'dial' | 'answer', reason: string): void {
    this.owner.conclude(kind, 0, reason, this.#decides())
  }

  release(): void {
    if (this.#decides()) this.owner.giveUpProbe()
    this.owner.release()
  }

  dispatch(options: Omit<Dispatcher.DispatchOptions, 'origin'>, handler: RequestHandler): () => void {
    return this.owner.dispatch(options, handler)
  }

  openStream(request: StreamRequest, opened: (error: Error | null, stream: OpenedStream | null) => void): () => void {
    return this.owner.openStream(request, opened)
  }

  connect(callback: (error: Error | null, socket: Socket | null) => void): () => void {
    return this.owner.connect(callback)
  }

  /** Only what it tells first decides. */
  #decides(): boolean {
    const deciding = this.#deciding
    this.#deciding = false
    return deciding
  }
}
