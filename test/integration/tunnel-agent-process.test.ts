import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Sandbox } from '../main/cli/portico.js'
import { MIB, startTransferService } from '../support/transfer-service.js'
import { TunnelProcesses } from '../support/tunnel-processes.js'
import { until, within } from '../support/wait.js'

async function startTunnel(): Promise<TunnelProcesses> {
  const tunnel = await TunnelProcesses.start()
  onTestFinished(() => tunnel.close())
  return tunnel
}

async function startService(blocks: number): Promise<number> {
  const service = await startTransferService(blocks)
  onTestFinished(() => service.close())
  return service.port
}

test('what it is connected to, its proxies, and which of them it refuses are told; a signal ends it', async () => {
  const tunnel = await startTunnel()
  const [open, closed] = [await startService(1), await startService(1)]
  const agent = await tunnel.connectedAgent('--allow', `localhost:${open}`)
  expect(agent.stdout).toContain(`Connected to ${tunnel.url} as laptop.\n`)
  const [good, bad] = [await tunnel.addProxy(open), await tunnel.addProxy(closed)]
  await until(
    () => agent.stdout.includes(`:${bad} of the relay`),
    () => `both proxies: ${agent.stdout}`,
  )
  expect(agent.stdout).toContain(`  127.0.0.1:${good} of the relay -> 127.0.0.1:${open}\n`)
  expect(agent.stdout).toContain(`-> 127.0.0.1:${closed}   (refused here; to allow it: --allow 127.0.0.1:${closed})\n`)
  const user = net.connect(good, '127.0.0.1')
  expect((await within(once(user, 'data'), 'data'))[0].length).toBeGreaterThan(0)
  user.destroy()
  const refused = net.connect(bad, '127.0.0.1').on('error', () => {})
  await within(new Promise((resolve) => refused.on('close', resolve)), 'the refusal')
  await until(() => agent.stderr.includes('is not for this agent to connect to'), 'the refusal is told')
  agent.child.kill('SIGTERM')
  expect(await within(agent.ended, 'its end')).toBe(0)
})

test('the relay is killed in mid-transfer and comes back: the user is reset, and new connections work', async () => {
  const tunnel = await startTunnel()
  const service = await startService(10_000)
  const agent = await tunnel.connectedAgent('--allow', `127.0.0.1:${service}`)
  const port = await tunnel.addProxy(service)
  const user = net.connect(port, '127.0.0.1').on('error', () => {})
  const gone = new Promise((resolve) => user.on('close', resolve))
  let received = 0
  user.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  await until(() => received > 8 * MIB, 'the transfer is under way')
  await tunnel.killRelay()
  await within(gone, 'the reset')
  await until(() => agent.stderr.includes('Connection lost'), 'the loss is told')
  await tunnel.restartRelay()
  await until(
    () => agent.stdout.includes('Connected again'),
    () => `it is back: ${agent.stderr}`,
  )
  const again = net.connect(port, '127.0.0.1').on('error', () => {})
  expect((await within(once(again, 'data'), 'data after the return'))[0].length).toBeGreaterThan(0)
  again.destroy()
})

test('a token that is wrong, expired or revoked ends the agent with what to do', async () => {
  const tunnel = await startTunnel()
  const [wrong, other] = [tunnel.agent('ptk_wrong'), tunnel.agent(tunnel.token, '--agent', 'desktop')]
  expect(await within(wrong.ended, 'its end', 15_000)).toBe(1)
  expect(wrong.stderr).toMatch(
    /^The relay does not accept the token .*\nHave a new one made: portico relay token create/,
  )
  expect(await within(other.ended, 'its end', 15_000)).toBe(1)
  expect(other.stderr).toContain('The token is not for this agent')
  const revoked = await tunnel.connectedAgent()
  const file = path.join(tunnel.box.base, 'token')
  await writeFile(file, `${await tunnel.makeToken('--expires', '1s')}\n`)
  const expiring = tunnel.agent('ptk_wrong', '--token-file', file)
  const { stdout } = await tunnel.box.run('relay', 'token', 'list', '--json')
  const [first] = JSON.parse(stdout) as { id: string }[]
  expect((await tunnel.box.run('relay', 'token', 'revoke', String(first?.id))).code).toBe(0)
  expect(await within(revoked.ended, 'its end')).toBe(1)
  expect(revoked.stderr).toContain('The relay no longer accepts the token')
  expect(await within(expiring.ended, 'its end', 15_000)).toBe(1)
  expect(expiring.stderr).toContain(
    `Other users of this machine may read ${file}. Close it to them: chmod 600 ${file}\n`,
  )
  // It expires before it is shown, or afterwards: on a slow machine either may come first.
  expect(expiring.stderr).toMatch(/^The relay (does not accept|no longer accepts) the token/m)
})

test('invocations that cannot work say so, with exit code 2', async () => {
  const box = await Sandbox.make()
  onTestFinished(() => box.close())
  const outcomes = await Promise.all(
    [
      ['connect', 'ws://relay.example.com', '--token', 'ptk_x'],
      ['connect', 'wss://relay.example.com'],
      ['connect', 'wss://relay.example.com', '--token', 'ptk_x', '--allow', 'db.lan'],
    ].map((words) => box.run('tunnel', ...words)),
  )
  expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2])
  expect(outcomes.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
    'ws:// would send the token to relay.example.com in the clear.',
    'The token is missing.',
    '"db.lan" cannot be allowed: the port is missing.',
  ])
})
