import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../support/redis.js'
import { connectUser, playAgent, startRelay } from '../support/relay.js'
import { requirement } from '../support/tools.js'
import { within } from '../support/wait.js'

const run = promisify(execFile)
const REDIS = requirement('redis-server') && requirement('redis-cli')
const MIB = 2 ** 20

test.runIf(REDIS)('redis-cli has a session through the tunnel, with answers of many megabytes', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const relay = await startRelay()
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(redis.port)
  const cli = async (...args: string[]) => {
    const { stdout } = await run('redis-cli', ['-h', '127.0.0.1', '-p', String(local_port), ...args], {
      maxBuffer: 64 * MIB,
    })
    return stdout.trimEnd()
  }
  expect(await cli('PING')).toBe('PONG')
  expect(await cli('SET', 'greeting', 'through the tunnel')).toBe('OK')
  expect(await cli('GET', 'greeting')).toBe('through the tunnel')
  expect(await cli('EVAL', "return redis.call('SET', 'big', string.rep('0123456789abcdef', 2 ^ 20))", '0')).toBe('OK')
  const big = await cli('GET', 'big')
  expect(big.length).toBe(16 * MIB)
  expect(sha256(Buffer.from(big))).toBe(sha256(Buffer.from('0123456789abcdef'.repeat(MIB))))
})

test.runIf(REDIS)('a value that is sent and fetched over one connection is the same to the last byte', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.close())
  const relay = await startRelay()
  await playAgent(relay.url, (await relay.token()).token)
  const { local_port } = await relay.proxy(redis.port)
  const value = randomBytes(8 * MIB)
  const user = await connectUser(local_port)
  user.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${value.length}\r\n`)
  user.write(value)
  user.write('\r\n')
  const [answer] = await within(once(user, 'data'), 'the answer to SET')
  expect(String(answer)).toBe('+OK\r\n')
  user.write('*2\r\n$3\r\nGET\r\n$1\r\nk\r\n')
  const head = `$${value.length}\r\n`
  const chunks: Buffer[] = []
  let size = 0
  const all = new Promise<void>((resolve) => {
    user.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
      if (size === head.length + value.length + 2) resolve()
    })
  })
  await within(all, 'the value', 10_000)
  expect(sha256(Buffer.concat(chunks).subarray(head.length, -2))).toBe(sha256(value))
})

function sha256(data: Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
