import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KeptRelay } from '../../../../../src/main/engine/tunnel/relay/kept-relay.js'
import { proxyWishSchema, tokenWishSchema } from '../../../../../src/main/engine/tunnel/relay/relay-schemas.js'

test('the files of a relay that does not run are changed by the same rules', async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'portico-kept-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const kept = await KeptRelay.open(dir)
  const { id } = await kept.createToken(tokenWishSchema.parse({ client_id: 'laptop', ports: { from: 9000, to: 9009 } }))
  const wish = { client_id: 'laptop', remote_host: 'db', remote_port: 5432 }
  const made = await kept.createProxy(proxyWishSchema.parse({ ...wish, local_port: 9000 }))
  await expect(kept.createProxy(proxyWishSchema.parse({ ...wish, local_port: 80 }))).rejects.toMatchObject({
    code: 'forbidden',
  })
  await expect(kept.createProxy(proxyWishSchema.parse({ ...wish, local_port: 9000 }))).rejects.toMatchObject({
    code: 'conflict',
  })
  const again = await KeptRelay.open(dir)
  expect(await again.listProxies()).toEqual([made])
  expect(await again.listTokens()).toMatchObject([{ id }])
  await again.deleteProxy(made.id)
  await again.revokeToken(id)
  await expect(again.status()).rejects.toMatchObject({ code: 'not-running' })
  expect(await (await KeptRelay.open(dir)).listProxies()).toEqual([])
})
