import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ShellVault } from '../../../src/main/host/shell-vault.js'
import type { VaultAsk } from '../../../src/shared/engine-wire.js'

let asked: { id: number; ask: VaultAsk }[]
let vault: ShellVault

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  vault = new ShellVault((id, ask) => void asked.push({ id, ask }))
})

afterEach(() => void vi.useRealTimers())

test('questions are asked side by side, and each gets its own answer', async () => {
  const sealed = vault.seal(Buffer.from('key'))
  const opened = vault.open(Buffer.from('sealed'))
  expect(asked.map(({ ask }) => ask)).toEqual([
    { do: 'seal', secret: Buffer.from('key').toString('base64') },
    { do: 'open', sealed: Buffer.from('sealed').toString('base64') },
  ])
  vault.receive(asked[1]!.id, { secret: Buffer.from('key').toString('base64'), stale: true })
  vault.receive(asked[0]!.id, { sealed: Buffer.from('sealed').toString('base64') })
  expect(await sealed).toEqual(Buffer.from('sealed'))
  expect(await opened).toEqual({ bytes: Buffer.from('key'), stale: true })
})

test('a fault of the shell is the fault of the vault, and an answer to something else is none', async () => {
  const refused = vault.open(Buffer.from('x'))
  vault.receive(asked[0]!.id, { fault: { code: 'conflict', message: 'The keychain is locked.' } })
  await expect(refused).rejects.toMatchObject({ code: 'conflict', message: 'The keychain is locked.' })
  const odd = vault.open(Buffer.from('x'))
  vault.receive(asked[1]!.id, { sealed: 'eA==' })
  await expect(odd).rejects.toMatchObject({ code: 'protocol' })
})

test('a shell that never answers is waited for as long as a person may take, and no longer', async () => {
  const state = vault.state()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(await state).toEqual({ name: 'the keychain', available: false, reason: 'it has not answered' })
  vault.receive(asked[0]!.id, { state: { name: 'late', unavailable: null } })
})
