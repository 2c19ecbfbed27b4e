import type { RawHeaders } from '../../headers.js'
import type { DiskFiles } from './disk-files.js'
import { type CacheEntry, type EntryKey, overheadOf } from './entry.js'
import { encodeEntry, fileName } from './entry-file.js'
import { type FreshnessDefaults, freshnessOf } from './freshness.js'
import { selectingKey } from './selecting.js'

/** Answers to one URL for different request fields; of more the one used least recently goes. */
const MAX_VARIANTS = 32
/** A file takes at least a block, and each has a description in memory. */
const BLOCK = 4096
const MAX_FILES = 20_000

export interface StoreBounds {
  memoryBytes: number
  diskBytes: number
}

/**
 * The answers that a cache keeps: those used last in memory, and all of them on disk where it may use some. Both are
 * bounded by bytes; what was used least recently goes first.
 */
export class CacheStore {
  readonly #bounds: StoreBounds
  /** null without a disk */
  readonly #files: DiskFiles | null
  readonly #urls = new Map<string, CacheEntry[]>()
  /** least recently used first */
  readonly #inMemory = new Set<CacheEntry>()
  readonly #onDisk = new Map<CacheEntry, number>()
  readonly #loading = new Map<CacheEntry, Promise<Buffer | null>>()
  memoryBytes = 0
  diskBytes = 0

  constructor(bounds: StoreBounds, files: DiskFiles | null) {
    this.#bounds = bounds
    this.#files = files
  }

  /** Takes over what is on disk from before. */
  async open(defaults: FreshnessDefaults): Promise<void> {
    for (const { description, file, size } of (await this.#files?.read()) ?? []) {
      const { url, served, vary, selected, head, bytes } = description
      const freshness = freshnessOf(head, defaults)
      const entry: CacheEntry = { url, served, vary, selected, head, freshness, bytes, body: null, file }
      if (this.#known(entry) !== undefined) continue
      this.#join(entry)
      this.#addToDisk(entry, size)
    }
  }

  get entries(): number {
    let count = 0
    for (const variants of this.#urls.values()) count += variants.length
    return count
  }

  /** Those used last first. */
  latest(count: number): CacheEntry[] {
    const all = [...new Set([...this.#onDisk.keys(), ...this.#inMemory])]
    return all.slice(-count).reverse()
  }

  isOnDisk(entry: CacheEntry): boolean {
    return this.#onDisk.has(entry)
  }

  /** Whether there is any answer to this URL, for whatever fields. */
  has(url: string): boolean {
    return this.#urls.has(url)
  }

  /** The latest answer for such a request; null without. @param request fields of the request, as the backend gets them */
  find(url: string, served: string, request: RawHeaders): CacheEntry | null {
    for (const entry of this.#urls.get(url) ?? []) {
      if (entry.served !== served || selectingKey(entry.vary, request) !== entry.selected) continue
      this.#used(entry)
      return entry
    }
    return null
  }

  /** The body of an entry; null when it is lost, and the entry with it. */
  body(entry: CacheEntry): Buffer | Promise<Buffer | null> {
    if (entry.body !== null) return entry.body
    let loading = this.#loading.get(entry)
    if (loading === undefined) {
      loading = this.#load(entry).finally(() => this.#loading.delete(entry))
      this.#loading.set(entry, loading)
    }
    return loading
  }

  /** Keeps an answer, in place of the one for the same requests. */
  add(entry: CacheEntry): void {
    const former = this.#known(entry)
    if (former !== undefined) this.#forget(former, former.file !== null && this.#files !== null)
    this.#join(entry)
    this.#addToMemory(entry)
    this.#save(entry)
    if (!this.#inMemory.has(entry) && entry.file === null) this.#part(entry)
  }

  remove(entry: CacheEntry): void {
    this.#forget(entry, false)
  }

  /** Removes what fits. @returns how many */
  removeWhere(fits: (entry: CacheEntry) => boolean): number {
    const gone = [...this.#urls.values()].flat().filter(fits)
    for (const entry of gone) this.#forget(entry, false)
    return gone.length
  }

  /** Removes all answers to a URL (RFC 9111 section 4.4). */
  removeUrl(url: string): void {
    for (const entry of this.#urls.get(url)?.slice() ?? []) this.#forget(entry, false)
  }

  /** Settles when what is kept is on disk. */
  async saved(): Promise<void> {
    await this.#files?.settled()
  }

  close(): void {
    this.#files?.close()
  }

  #known({ url, served, selected }: EntryKey): CacheEntry | undefined {
    return this.#urls.get(url)?.find((one) => one.served === served && one.selected === selected)
  }

  #join(entry: CacheEntry): void {
    const variants = this.#urls.get(entry.url)
    if (variants === undefined) {
      this.#urls.set(entry.url, [entry])
      return
    }
    variants.unshift(entry)
    if (variants.length > MAX_VARIANTS) this.#forget(variants.at(-1) as CacheEntry, false)
  }

  #part(entry: CacheEntry): void {
    const variants = this.#urls.get(entry.url)
    const at = variants?.indexOf(entry) ?? -1
    if (variants === undefined || at === -1) return
    variants.splice(at, 1)
    if (variants.length === 0) this.#urls.delete(entry.url)
  }

  /** @param replaced its file is about to be written anew */
  #forget(entry: CacheEntry, replaced: boolean): void {
    this.#part(entry)
    this.#leaveMemory(entry)
    this.#leaveDisk(entry)
    if (entry.file !== null && !replaced) this.#files?.remove(entry.file)
    entry.file = null
  }

  #used(entry: CacheEntry): void {
    if (this.#inMemory.delete(entry)) this.#inMemory.add(entry)
    const size = this.#onDisk.get(entry)
    if (size === undefined) return
    this.#onDisk.delete(entry)
    this.#onDisk.set(entry, size)
  }

  async #load(entry: CacheEntry): Promise<Buffer | null> {
    const body = entry.file === null ? null : ((await this.#files?.body(entry.file)) ?? null)
    if (body === null) this.#forget(entry, false)
    else if (this.#onDisk.has(entry)) {
      entry.body = body
      this.#addToMemory(entry)
      if (!this.#inMemory.has(entry)) entry.body = null
    }
    return body
  }

  #addToMemory(entry: CacheEntry): void {
    const size = entry.bytes + overheadOf(entry)
    if (size > this.#bounds.memoryBytes) return
    this.#inMemory.add(entry)
    this.memoryBytes += size
    for (const oldest of this.#inMemory) {
      if (this.memoryBytes <= this.#bounds.memoryBytes) return
      this.#leaveMemory(oldest)
      if (oldest.file === null) this.#part(oldest)
      else if (this.#onDisk.has(oldest)) oldest.body = null
    }
  }

  #leaveMemory(entry: CacheEntry): void {
    if (this.#inMemory.delete(entry)) this.memoryBytes -= entry.bytes + overheadOf(entry)
  }

  #addToDisk(entry: CacheEntry, size: number): void {
    const charged = Math.ceil(size / BLOCK) * BLOCK
    this.#onDisk.set(entry, charged)
    this.diskBytes += charged
    for (const oldest of this.#onDisk.keys()) {
      if (this.diskBytes <= this.#bounds.diskBytes && this.#onDisk.size <= MAX_FILES) return
      this.#leaveDisk(oldest)
      if (oldest.file !== null) this.#files?.remove(oldest.file)
      oldest.file = null
      if (!this.#inMemory.has(oldest)) this.#part(oldest)
    }
  }

  #leaveDisk(entry: CacheEntry): void {
    this.diskBytes -= this.#onDisk.get(entry) ?? 0
    this.#onDisk.delete(entry)
  }

  /** The body stays in memory until it is written. */
  #save(entry: CacheEntry): void {
    const { body } = entry
    if (this.#files === null || body === null) return
    const parts = encodeEntry(entry, body)
    const size = parts.reduce((sum, { length }) => sum + length, 0)
    if (size > this.#bounds.diskBytes) return
    const file = fileName(entry)
    entry.file = file
    void this.#files.write(file, parts).then((written) => {
      if (entry.file !== file) return // it was given up meanwhile, and its file removed after this write
      if (written) this.#addToDisk(entry, size)
      else entry.file = null
      if (this.#inMemory.has(entry)) return
      if (this.#onDisk.has(entry)) entry.body = null
      else this.#part(entry)
    })
  }
}
