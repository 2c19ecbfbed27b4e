import type { FileHandle } from 'node:fs/promises'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { openAuthority } from '../../../../src/main/engine/tls/authority.js'
import { sealKey, unsealKey } from '../../../../src/main/engine/tls/sealing.js'
import { MemoryVault } from './memory-vault.js'
import { temporaryDirectory } from './support.js'

/** The process dies at the nth thing that it asks of the disk: that is done by half, and nothing after it. */
const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, died: false }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const step = async <T>(whole: () => Promise<T>, half: () => Promise<unknown> = async () => {}): Promise<T> => {
    if (disk.died) throw new Error('dead')
    disk.left -= 1
    if (disk.left > 0) return whole()
    disk.died = true
    await half()
    throw new Error('dead')
  }
  const handleOf = (handle: FileHandle) => ({
    writeFile: (text: string) =>
      step(
        () => handle.writeFile(text),
        () => handle.writeFile(text.slice(0, text.length / 2)),
      ),
    write: (bytes: Buffer, ...rest: [number, undefined, number]) =>
      step(
        () => handle.write(bytes, ...rest),
        () => handle.write(bytes.subarray(0, bytes.length / 2), ...rest),
      ),
    sync: () => step(() => handle.sync()),
    stat: () => handle.stat(),
    close: () => handle.close(),
  })
  return {
    ...real,
    open: (...given: Parameters<typeof real.open>) => step(async () => handleOf(await real.open(...given))),
    rename: (...given: Parameters<typeof real.rename>) => step(() => real.rename(...given)),
    rm: (...given: Parameters<typeof real.rm>) => step(() => real.rm(...given)),
  }
})

/** Dies at every step in turn, from the first until one is never reached; tells how many there were. */
async function atEveryStep(
  prepare: (directory: string, vault: MemoryVault) => Promise<void>,
  change: (directory: string, vault: MemoryVault) => Promise<void>,
  after: (directory: string, vault: MemoryVault, finished: boolean) => Promise<void>,
): Promise<number> {
  for (let steps = 1; ; steps++) {
    const directory = path.join(await temporaryDirectory(), 'ca')
    const vault = new MemoryVault()
    await openAuthority(directory, Date.now())
    await prepare(directory, vault)
    disk.left = steps
    await change(directory, vault).catch(() => {})
    const { died } = disk
    Object.assign(disk, { left: Number.POSITIVE_INFINITY, died: false })
    await after(directory, vault, !died)
    if (!died) return steps - 1
  }
}

/** Whatever the crash has left, there is a usable key, and going on from there ends as it was meant to. */
async function usable(directory: string, vault: MemoryVault): Promise<void> {
  const { key, certificate } = await openAuthority(directory, Date.now(), { vault })
  expect(certificate.checkPrivateKey(await key.get())).toBe(true)
}

const CRASHES = 8

test('a crash at any point of sealing leaves a usable key, and sealing again succeeds', async () => {
  const steps = await atEveryStep(
    async () => {},
    sealKey,
    async (directory, vault, finished) => {
      await usable(directory, vault)
      const { key } = await openAuthority(directory, Date.now(), { vault })
      if (key.storage === 'file') await sealKey(directory, vault)
      await usable(directory, vault)
      const left = (await readdir(directory)).filter((name) => !name.startsWith('key.sealed'))
      expect(left).toEqual(['ca.pem'])
      if (finished) expect(key.storage).toBe('keychain')
    },
  )
  expect(steps).toBeGreaterThan(CRASHES)
})

test('a crash at any point of unsealing leaves a usable key, and no half of a plain one', async () => {
  const unseal = async (directory: string, vault: MemoryVault) => {
    const { certificate } = await openAuthority(directory, Date.now(), { vault })
    await unsealKey(directory, certificate, vault)
  }
  const steps = await atEveryStep(sealKey, unseal, async (directory, vault, finished) => {
    await usable(directory, vault)
    const { key } = await openAuthority(directory, Date.now(), { vault })
    if (key.storage === 'keychain') {
      // What was being written of the plain key is gone from the disk by now.
      for (const name of await readdir(directory))
        expect(await readFile(path.join(directory, name), 'utf8')).not.toContain('PRIVATE KEY')
      await unseal(directory, vault)
      await usable(directory, vault)
    }
    if (finished) expect((await readdir(directory)).sort()).toEqual(['ca.key', 'ca.pem'])
  })
  expect(steps).toBeGreaterThan(CRASHES)
})
